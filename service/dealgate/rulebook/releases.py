"""releases.yaml: from when which version decides, sealed by digests, only ever appended to.

Each line begins after the one before it. Rolling back is one more line that names an earlier
version. A released file must still mean what it meant: its digest is compared on every load.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import repeat

from pydantic import RootModel

from dealgate.model.challengers import Challenger
from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.rules import Release
from dealgate.rulebook.approvals import APPROVALS, Approvals, instant_at
from dealgate.rulebook.challengers import check_challengers, read_challenger
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.instants import written
from dealgate.rulebook.shapes import ReleaseShape
from dealgate.rulebook.validation import validated

NO_READS: Mapping[int, Sequence[str]] = {}


class ReleasesShape(RootModel[list[ReleaseShape]]):
    """The whole file."""


def read_releases(
    document: Node,
    kind: str,
    digests: Mapping[int, str],
    faults: list[Fault],
    reads: Mapping[int, Sequence[str]] = NO_READS,
) -> Sequence[Release]:
    """Return the releases, oldest first; faults are added.

    `digests` has every version on file, "" for one that cannot be read: its own fault tells why.
    `reads` has the declared properties that versions read, which the digest covers too.
    """
    shape = validated(document, ReleasesShape, faults)
    items = document.items if isinstance(document, Items) else ()
    lines = [item for item in items if isinstance(item, Fields)]
    starts = [_start(line, faults) for line in lines]
    challengers = [line.get("challenger") for line in lines]
    for line in (*lines, *(node for node in challengers if isinstance(node, Fields))):
        _check_digest(line, kind, digests, reads, faults)
    _check_order(lines, starts, faults)
    if shape is None:
        return ()
    releases = tuple(map(_release, shape.root, starts, challengers, repeat(faults)))
    check_challengers(releases, challengers, faults)
    return releases


def _release(
    line: ReleaseShape, start: int | None, challenger: Node | None, faults: list[Fault]
) -> Release:
    tried: Challenger | None = None
    if line.challenger is not None and challenger is not None:
        tried = read_challenger(line.challenger, challenger, faults)
    by, because = line.by.strip(), line.because.strip()
    return Release(line.version, start or 0, line.sha256, by, because, tried, line.signatures)


def check_signatures(
    document: Node,
    kind: str,
    releases: Sequence[Release],
    approvals: Approvals,
    faults: list[Fault],
) -> tuple[Sequence[Release], Sequence[Release]]:
    """Return the releases that decide and those that wait for signatures; faults are added."""
    items = document.items if isinstance(document, Items) else ()
    lines = [item for item in items if isinstance(item, Fields)]
    decide, wait = list[Release](), list[Release]()
    for line, release in zip(lines, releases, strict=False):
        faults += [_forged(line, by) for by in approvals.forged(kind, release)]
        missing = approvals.missing(kind, release)
        (wait if missing else decide).append(release)
        if missing:
            faults.append(_waiting(line, kind, release, missing))
    return tuple(decide), tuple(wait)


def _forged(line: Fields, by: str) -> Fault:
    signatures = line.get("signatures")
    node = signatures.get(by) if isinstance(signatures, Fields) else None
    message = f"this is not a signature of this line by {by}"
    cure = (
        f"sign it with `dealgate approve`; {APPROVALS} must keep the keys of all who ever signed,\n"
        "with `until:` for those who sign no more"
    )
    return (node or line).fault(message, cure)


def _waiting(line: Fields, kind: str, release: Release, missing: int) -> Fault:
    number = f"{missing} signature{'' if missing == 1 else 's'}"
    message = f"{kind}@{release.version} lacks {number}, and decides nothing"
    cure = f"others sign it with `dealgate approve {kind}@{release.version}`"
    fault = (line.get("version") or line).fault(message, cure)
    return replace(fault, code=Code.RELEASE_WAITING)


def _start(line: Fields, faults: list[Fault]) -> int | None:
    node = line.get("from")
    if not isinstance(node, Scalar):
        return None
    return instant_at(node, faults, "from: ")


def _check_digest(
    line: Fields,
    kind: str,
    digests: Mapping[int, str],
    reads: Mapping[int, Sequence[str]],
    faults: list[Fault],
) -> None:
    version, sealed = line.get("version"), line.get("sha256")
    if not isinstance(version, Scalar) or not version.value.isdecimal():
        return
    number = int(version.value)
    digest = digests.get(number)
    if digest is None:
        known = ", ".join(f"v{known}.yaml" for known in sorted(digests)) or "none"
        message = f"version: there is no v{number}.yaml here to release"
        faults.append(version.fault(message, f"on file: {known}"))
    elif (
        digest and isinstance(sealed, Scalar) and len(sealed.value) == 64 and sealed.value != digest
    ):
        message = f"{kind}@{number} was released and has changed since"
        also = ", ".join(reads.get(number, ()))
        files = f"v{number}.yaml, or in properties.yaml of {also}," if also else f"v{number}.yaml"
        hint = (
            f"take back the changes in {files} and make them in a new version;\n"
            f"its digest is now {digest}"
        )
        faults.append(sealed.fault(message, hint))


def _check_order(
    lines: Sequence[Fields], starts: Sequence[int | None], faults: list[Fault]
) -> None:
    latest: int | None = None
    for line, start in zip(lines, starts, strict=True):
        node = line.get("from")
        if start is not None and latest is not None and start <= latest and node is not None:
            message = f"from: this is not after the line before it, {written(latest)}"
            faults.append(node.fault(message, "append releases in the order they take effect"))
        latest = latest if start is None else start
