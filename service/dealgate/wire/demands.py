"""A caller gets the rules that it has seen before from every server, or a clear refusal.

Servers beside one another read the same rules folder, each at its own time: behind a load balancer
a call may meet one that has not read the newest release yet. A caller that must not see the rules
of before sends what it has seen, in the metadata `dealgate-min-edition`: an edition token, as
ListRuleSets, ReleaseRuleSet and ApproveRelease return it, or the digest of a rule set, as answers
name it.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from dealgate.model.editions import Edition, Editions
from dealgate.model.errors import BadQuestion, RulesBehind, Violation
from dealgate.model.rules import Release

MIN_EDITION = "dealgate-min-edition"
RETRY_SECONDS = 1.0
MARK = 12  # hexadecimal digits that tell one line of a kind from another
ENTRY = re.compile(r"([a-z0-9_]{1,64}(?:/[a-z0-9_-]{1,64})?):([0-9]{1,6}):([0-9a-f]{12})")
DIGEST = re.compile(r"[0-9a-f]{64}")


class Demanding(Protocol):
    """A call, as far as it says what its caller has seen."""

    @property
    def metadata(self) -> Iterable[tuple[str, str | bytes]]:
        """What came with it."""

    @property
    def viewer(self) -> str:
        """The tenant whose scopes the caller sees."""


# Raises RulesBehind, or BadQuestion, if a call demands what the server does not have.
Demand: TypeAlias = Callable[[Demanding], None]


class Released(Protocol):
    """The releases of a catalog."""

    def all_releases(self) -> Mapping[str, Sequence[Release]]:
        """Return the releases of every kind and scope, oldest first."""


class Catalog(Released, Protocol):
    """The releases of a catalog, and whom its scopes are for."""

    def may_know(self, shelf: str, tenant: str) -> bool:
        """Whether a tenant may know of a scope, named like "qualify/dach"; of kinds all may."""


def token_of(catalog: Released, shelves: Container[str]) -> str:
    """Return what stands for the releases of these kinds and scopes: "qualify:3:0f1e2d3c4b5a,…".

    Whoever has the last line of a kind, and as many lines, has all that were there.
    """
    return ",".join(
        f"{kind}:{len(lines)}:{_mark(lines[-1])}"
        for kind, lines in sorted(catalog.all_releases().items())
        if lines and kind in shelves
    )


def demand_of(live: Editions[Catalog]) -> Demand:
    """Return what holds calls to the edition that decides at this moment.

    An edition never goes back, so what it has when the call arrives, it has when it decides.
    """
    newest: dict[int, _Lines] = {}

    def lines_of(edition: Edition[Catalog]) -> _Lines:
        if edition.number not in newest:
            newest.clear()
            newest[edition.number] = _Lines.of(edition.catalog)
        return newest[edition.number]

    def demand(call: Demanding) -> None:
        wanted = [value for key, value in call.metadata if key == MIN_EDITION]
        if wanted:
            seen = str(wanted[0]) if len(wanted) == 1 else ""
            _hold(seen, lines_of(live.edition), call.viewer)

    return demand


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of an edition, as they are looked up: a call may name hundreds of them."""

    catalog: Catalog
    counts: Mapping[str, int]  # of kinds and scopes
    marks: Container[tuple[str, str]]
    digests: Mapping[str, Sequence[str]]  # of rule sets → kinds and scopes

    @classmethod
    def of(cls, catalog: Catalog) -> "_Lines":
        lines = [(name, one) for name, known in catalog.all_releases().items() for one in known]
        digests: dict[str, list[str]] = {}
        for name, line in lines:
            digests.setdefault(line.sha256, []).append(name)
        counts = Counter(name for name, _ in lines)
        return cls(catalog, counts, {(name, _mark(line)) for name, line in lines}, digests)

    def has(self, entry: re.Match[str], viewer: str) -> bool:
        """Tell whether there is this line, and as many.

        Nobody learns of the scopes of others by trying tokens.
        """
        name, number, mark = entry.groups()
        if (name, mark) not in self.marks or not self.catalog.may_know(name, viewer):
            return False
        return self.counts[name] >= int(number)

    def has_digest(self, digest: str, viewer: str) -> bool:
        """Tell whether this tenant has a released rule set of this digest."""
        names = self.digests.get(digest, ())
        return any(self.catalog.may_know(name, viewer) for name in names)


def _hold(wanted: str, lines: _Lines, viewer: str) -> None:
    for entry in wanted.split(","):
        match = ENTRY.fullmatch(entry)
        if match is not None:
            has = lines.has(match, viewer)
        elif DIGEST.fullmatch(entry):
            has = lines.has_digest(entry, viewer)
        else:
            cure = "give once what ListRuleSets calls edition_token, or the digest of a rule set"
            raise BadQuestion([Violation(f"metadata.{MIN_EDITION}", cure)])
        if not has:
            what = f"the rules of {match[1]}" if match else "the rule set"
            raise RulesBehind(
                f"this server does not have {what} that the caller has seen", RETRY_SECONDS
            )


def _mark(release: Release) -> str:
    challenger = "" if release.challenger is None else str(release.challenger.written())
    text = f"{release.version} {release.effective_from} {release.sha256} {challenger}"
    return hashlib.sha256(text.encode()).hexdigest()[:MARK]
