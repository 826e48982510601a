"""Who may approve a waiting release, and where its line is."""

from dealgate.model.changes import Agreed
from dealgate.model.errors import ReleaseRefused
from dealgate.model.rules import Release
from dealgate.rulebook.approvals import APPROVALS
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.instants import nanoseconds, written


def waiting_line(catalog: Catalog, agreed: Agreed, now: int) -> Release:
    """Return the line that somebody approves, or raise ReleaseRefused: it may not be approved."""
    name = f"{agreed.kind}@{agreed.version}"
    lines = [line for line in catalog.waiting(agreed.kind) if line.version == agreed.version]
    if not lines:
        raise ReleaseRefused(name, "no release of it waits for a signature")
    line = lines[-1]
    if agreed.digest not in {"", line.sha256}:
        raise ReleaseRefused(name, f"it has another digest now, {line.sha256}: look at it again")
    if line.effective_from <= now:
        reason = f"{written(line.effective_from)} has passed while it waited; take the line out"
        raise ReleaseRefused(name, f"{reason}, and release it for a later instant")
    approvals = catalog.approvals
    if agreed.by == line.by and not approvals.signed:
        raise ReleaseRefused(name, f"{line.by} releases it, and others must approve it")
    if agreed.by in line.signatures:
        raise ReleaseRefused(name, f"{agreed.by} has signed it already")
    if not agreed.vouched and not approvals.may_sign(agreed.by, line):
        raise ReleaseRefused(name, unknown_key(agreed.by))
    return line


def node_of(line: Release, document: Node | None) -> Fields:
    """Return the position of the line in releases.yaml."""
    for item in document.items if isinstance(document, Items) else ():
        if isinstance(item, Fields):
            start, version = item.get("from"), item.get("version")
            said = [node.value for node in (version, start) if isinstance(node, Scalar)]
            if said[:1] == [str(line.version)] and line.effective_from == nanoseconds(
                said[-1], date_too=True
            ):
                return item
    raise ReleaseRefused(str(line.version), "its line has changed in the meantime; review it again")


def unknown_key(by: str) -> str:
    """Return why somebody's signature does not count."""
    return f"{APPROVALS} has no key of {by} that counts, or another than the one that signs"


def takes_time(missing: int) -> str:
    """Return why a release that needs others cannot decide at once."""
    number = f"{missing} more signature{'' if missing == 1 else 's'}"
    return f"it needs {number}, which takes time: choose a later start"
