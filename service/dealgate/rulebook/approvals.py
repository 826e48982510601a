"""approvals.yaml: who must agree before a release decides.

    approvals: 1
    kinds: {recognize: 2}
    signed: true
    from: 2026-12-01
    people:
      ann@example.com: {key: MCowBQYDK2VwAyEA…}
      bob@example.com: {key: MCowBQYDK2VwAyEA…, until: 2027-01-01}
    servers:
      production: MCowBQYDK2VwAyEA…

A line of releases.yaml that lacks signatures waits: it decides nothing, and the line before it goes
on. It is the file that is judged, so it does not matter how a line got there: by the command line,
by ReleaseRuleSet, or by Git.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from dealgate.model.faults import Fault
from dealgate.model.rules import Release
from dealgate.rulebook.document import Fields, Node, Scalar
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.instants import nanoseconds
from dealgate.rulebook.shapes import Name, Shape, Words
from dealgate.rulebook.signatures import IsSigned, raw, statement, verifier
from dealgate.rulebook.validation import validated

APPROVALS = "approvals.yaml"
MOST = 10

Number = Annotated[int, Field(ge=0, le=MOST)]


class PersonShape(Shape):
    """Somebody who may sign."""

    key: Words = Field(description="Ed25519 public key: the line between the marks of its PEM file")
    until: str | None = Field(
        None, description="Cannot sign releases that take effect from then on: 2027-01-01"
    )


class ApprovalsShape(Shape):
    """The whole file."""

    approvals: Number = Field(description="How many others than the releaser must sign a release")
    kinds: dict[Name, Number] = Field({}, description="As approvals, of single kinds")
    signed: bool = Field(
        default=False, description="Whether the releaser's own signature is needed, too"
    )
    from_: str = Field(
        alias="from", description="Releases that take effect from then on need signatures"
    )
    people: dict[Words, PersonShape] = Field({}, description="Who may sign, by the name in `by`")
    servers: dict[Words, Words] = Field(
        {}, description="Public keys of servers, which sign for the principal that called them"
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Who may sign releases that take effect before `until` (ns); None: any."""

    is_signed: IsSigned
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Approvals:
    """How many signatures a release needs, and whose count; by default it needs none."""

    usual: int = 0
    of_kinds: Mapping[str, int] = field(default_factory=dict)
    signed: bool = False
    since: int = 0
    people: Mapping[str, Person] = field(default_factory=dict)
    servers: Sequence[IsSigned] = ()

    def missing(self, kind: str, release: Release) -> int:
        """Return how many signatures the line lacks; `kind` may be a scope's, "qualify/dach"."""
        if release.effective_from < self.since:
            return 0
        valid = [by for by in release.signatures if self._counts(kind, release, by)]
        others = sum(by != release.by for by in valid)
        own = int(self.signed and release.by not in valid)
        needed = self.of_kinds.get(kind.partition("/")[0], self.usual)
        return max(needed - others, 0) + own

    def forged(self, kind: str, release: Release) -> Sequence[str]:
        """Return in whose names the line has signatures that no key of theirs has made."""
        if release.effective_from < self.since:
            return ()
        return [by for by in release.signatures if not self._is_signed(kind, release, by)]

    def may_sign(self, by: str, release: Release) -> bool:
        """Tell whether somebody's own key counts for that line."""
        person = self.people.get(by)
        return person is not None and (
            person.until is None or release.effective_from < person.until
        )

    def _counts(self, kind: str, release: Release, by: str) -> bool:
        return self._is_signed(kind, release, by) and (
            by not in self.people or self.may_sign(by, release)
        )

    def _is_signed(self, kind: str, release: Release, by: str) -> bool:
        signature, said = raw(release.signatures[by]), statement(kind, release, by)
        person = self.people.get(by)
        keys = [*self.servers, *([] if person is None else [person.is_signed])]
        return any(is_signed(signature, said) for is_signed in keys)


NO_APPROVALS = Approvals()


def read_approvals(document: Node | None, kinds: Collection[str], faults: list[Fault]) -> Approvals:
    """Return what the file demands; faults are added. Without a file nobody need sign."""
    if document is None:
        return NO_APPROVALS
    shape = validated(document, ApprovalsShape, faults)
    if shape is None or not isinstance(document, Fields):
        return NO_APPROVALS
    people = {
        name: Person(
            _verifier(_at(document, "people", name, "key"), faults),
            None
            if person.until is None
            else instant_at(_at(document, "people", name, "until"), faults),
        )
        for name, person in shape.people.items()
    }
    servers = [_verifier(_at(document, "servers", name), faults) for name in shape.servers]
    _check_shared(document, shape, faults)
    _check_kinds(document, shape, kinds, faults)
    _check_possible(document, shape, faults)
    since = instant_at(_at(document, "from"), faults)
    return Approvals(shape.approvals, shape.kinds, shape.signed, since or 0, people, servers)


def _at(node: Node, *keys: str) -> Scalar:
    """Return the text there, which the shape has found."""
    for key in keys:
        entry = node.get(key) if isinstance(node, Fields) else None
        node = node if entry is None else entry
    if not isinstance(node, Scalar):
        raise TypeError(f"{'.'.join(keys)} is not a text")
    return node


def _verifier(key: Scalar, faults: list[Fault]) -> IsSigned:
    try:
        return verifier(key.value)
    except ValueError as error:
        cure = (
            "print it with `openssl pkey -in key.pem -pubout`, and take the line between the marks"
        )
        faults.append(key.fault(f"this key cannot be used: {error}", cure))
        return lambda *_: False


def instant_at(node: Scalar, faults: list[Fault], subject: str = "") -> int | None:
    """Return the instant at this place (ns); None if it is invalid, which adds a fault."""
    instant = nanoseconds(node.value, date_too=True)
    if instant is None:
        message = f"{subject}'{node.value}' is neither a date nor an instant in UTC"
        faults.append(node.fault(message, "write 2026-01-31 or 2026-01-31T12:00:00Z"))
    return instant


def _check_shared(document: Node, shape: ApprovalsShape, faults: list[Fault]) -> None:
    """Add a fault for a key of two names: one person would be two."""
    paths = [("people", name, "key") for name in shape.people]
    owners: dict[bytes, str] = {}
    for path in (*paths, *(("servers", name) for name in shape.servers)):
        key = _at(document, *path)
        # One key can be written in several ways; one that cannot be read is reported elsewhere.
        bits = raw(key.value) or key.value.encode()
        if owner := owners.get(bits):
            faults.append(key.fault(f"this is also the key of {owner}", "give each their own"))
        owners.setdefault(bits, path[1])


def _check_kinds(
    document: Node, shape: ApprovalsShape, kinds: Collection[str], faults: list[Fault]
) -> None:
    for name in shape.kinds:
        if name not in kinds:
            node = _at(document, "kinds", name)
            faults.append(node.fault(f"unknown kind '{name}'", did_you_mean(name, kinds)))


def _check_possible(document: Node, shape: ApprovalsShape, faults: list[Fault]) -> None:
    """Add a fault for a demand that nobody could meet."""
    if shape.servers:
        return  # they sign for people whom only access rules name
    most = max(len(shape.people) - 1, 0)
    demands: dict[tuple[str, ...], int] = {("approvals",): shape.approvals}
    demands |= {("kinds", name): number for name, number in shape.kinds.items()}
    for path, number in demands.items():
        if number > most:
            message = (
                f"{number} others than the releaser cannot sign: {len(shape.people)} have keys"
            )
            cure = "add people, with their keys, or demand fewer approvals"
            faults.append(_at(document, *path).fault(message, cure))
