"""Every rule set and release, read only."""

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

from dealgate.model.challengers import Challenger
from dealgate.model.errors import NotServed, UnknownRuleSet
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rates import RateBook
from dealgate.model.rules import AnyRuleSet, Release, shelf_of
from dealgate.model.scoping import narrowing_of
from dealgate.rulebook.approvals import NO_APPROVALS, Approvals
from dealgate.rulebook.instants import written
from dealgate.rulebook.shelf import Shelf

NO_KINDS: Mapping[str, AnyKind] = {}
NO_FOLDERS: Mapping[str, str] = {}


class Catalog:
    """Answers which rule set decides; never changes once loaded."""

    def __init__(
        self,
        shelves: Mapping[str, Shelf],
        rates: RateBook | None = None,
        kinds: Mapping[str, AnyKind] = NO_KINDS,
        approvals: Approvals = NO_APPROVALS,
        unreleased: Mapping[str, str] = NO_FOLDERS,
    ) -> None:
        """`shelves` has one for each kind, by name; `rates` convert amounts, if there are any.

        `kinds` are the kinds as the folder has them, with the properties that it declares. The
        versions of a scope are found like a kind's, by the name "qualify/dach". `unreleased` are
        kinds and scopes that never were released, by the names of their folders.
        """
        self._shelves = {
            shelf_of(kind, scope): own
            for kind, shelf in shelves.items()
            for scope, own in {"": replace(shelf, scopes={}), **shelf.scopes}.items()
        }
        self.rates = rates
        self.kinds = kinds
        self.approvals = approvals
        self.unreleased = unreleased
        # What cannot be used, by name, and what is wrong with each: drafts ("qualify@3"), kinds and
        # scopes that never were released ("discount", "qualify/dach").
        self.spoiled: Mapping[str, Sequence[Fault]] = {}
        self.strays: Sequence[Fault] = ()

    @property
    def served(self) -> Collection[str]:
        """The kinds that have rules."""
        return [name for name in self._shelves if "/" not in name]

    @property
    def passed_over(self) -> Sequence[Fault]:
        """What is wrong in the folder and spoils nothing that decides."""
        drafts = (fault for faults in self.spoiled.values() for fault in faults)
        return (*drafts, *self.strays)

    def without(
        self, spoiled: Mapping[str, Sequence[Fault]], strays: Sequence[Fault] = ()
    ) -> "Catalog":
        """Return the catalog without what is spoiled, of which it says what is wrong with it."""
        kept = Catalog(
            {
                name: shelf.without(spoiled)
                for name, shelf in self._shelves.items()
                if not spoiled.keys() & {name, name.partition("/")[0]}
            },
            self.rates,
            self.kinds,
            self.approvals,
            self.unreleased,
        )
        kept.spoiled, kept.strays = spoiled, strays
        return kept

    def at(self, kind: str, as_of: int) -> AnyRuleSet:
        """Return the version of `kind` that decides at `as_of` (ns), or raise UnknownRuleSet."""
        shelf = self._shelf(kind)
        release = _in_effect(shelf, as_of)
        if release is None:
            message = f"no version of {kind} decides at {written(as_of)}: {_known(kind, shelf)}"
            raise UnknownRuleSet(message)
        return shelf.versions[release.version]

    def challenger(self, kind: str, as_of: int) -> Challenger | None:
        """Return what is tried beside the version of `kind` that decides at `as_of` (ns)."""
        release = _in_effect(self._shelf(kind), as_of)
        return None if release is None else release.challenger

    def scopes(self, kind: str, tenant: str, as_of: int) -> Sequence[AnyRuleSet]:
        """Return the version of each scope of `kind` that may decide for a tenant at `as_of`."""
        names = self._scopes.get(kind, ())
        effective = [(self._shelves[n], _in_effect(self._shelves[n], as_of)) for n in names]
        narrowed = [shelf.versions[release.version] for shelf, release in effective if release]
        return [rules for rules in narrowed if narrowing_of(rules).is_visible_to(tenant)]

    def may_know(self, shelf: str, tenant: str) -> bool:
        """Whether a tenant may know of what has this name: of a scope for others it may not.

        Nor of one that is not there, or whose file does not say whose it is.
        """
        owners = self._owners.get(shelf, frozenset())
        return "/" not in shelf or "" in owners or tenant in owners

    @cached_property
    def _owners(self) -> Mapping[str, frozenset[str]]:
        """The tenants that each scope is for; "": for everybody."""
        return {
            name: frozenset(narrowing_of(rules).tenant for rules in shelf.versions.values())
            for name, shelf in self._shelves.items()
            if "/" in name
        }

    @cached_property
    def _scopes(self) -> Mapping[str, Sequence[str]]:
        by_kind: dict[str, list[str]] = {}
        for name in sorted(self._shelves):
            kind, _, scope = name.partition("/")
            if scope:
                by_kind.setdefault(kind, []).append(name)
        return by_kind

    def beside(self, ruleset: AnyRuleSet) -> Sequence[AnyRuleSet]:
        """Return versions of other scopes that may decide when this one of a scope does.

        Those that are released at the same time for the same tenants; of a draft, those released
        last, and the newest drafts.
        """
        if ruleset.narrowing is None:
            return ()
        names = (name for name in self._scopes[ruleset.kind] if name != ruleset.shelf)
        mine = _spans(self._shelves[ruleset.shelf], ruleset.version)
        versions = [member for name in names for member in _together(self._shelves[name], mine)]
        return [
            member for member in versions if narrowing_of(member).tenant == ruleset.narrowing.tenant
        ]

    def recorded(self, kind: str, version: int, digest: str) -> AnyRuleSet:
        """Return what decided by that version and digest: of the kind's own rules, or a scope's.

        Where nothing has that digest, the version of the kind's own; raises UnknownRuleSet.
        """
        for name in (kind, *self._scopes.get(kind, ())):
            shelf = self._shelves.get(name)
            ruleset = None if shelf is None else shelf.versions.get(version)
            if ruleset is not None and ruleset.digest == digest:
                return ruleset
        return self.version(kind, version)

    def version(self, kind: str, version: int) -> AnyRuleSet:
        """Return that version, released or draft, or raise UnknownRuleSet."""
        shelf = self._shelf(kind)
        rule_set = shelf.versions.get(version)
        if rule_set is None and (faults := self.spoiled.get(f"{kind}@{version}")):
            raise UnknownRuleSet(_spoiled(f"{kind}@{version}", faults))
        if rule_set is None:
            raise UnknownRuleSet(f"there is no {kind}@{version}: {_known(kind, shelf)}")
        return rule_set

    def is_released(self, ruleset: AnyRuleSet) -> bool:
        """Tell whether any release names this version, if only to try it: a draft never decides."""
        releases = self._shelf(ruleset.shelf).releases
        return any(ruleset.version in release.versions for release in releases)

    def releases(self, kind: str) -> Sequence[Release]:
        """Return the releases of `kind`, oldest first, or raise UnknownRuleSet."""
        return tuple(self._shelf(kind).releases)

    def waiting(self, kind: str) -> Sequence[Release]:
        """Return the lines of `kind` that wait for signatures, in the file's order."""
        return tuple(self._shelf(kind).waiting)

    def all_releases(self) -> Mapping[str, Sequence[Release]]:
        """Return the releases of every kind, oldest first."""
        return {kind: tuple(shelf.releases) for kind, shelf in sorted(self._shelves.items())}

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that decides: catalogs that share it decide alike at any instant."""
        return self._digest(self._shelves)

    def digest_for(self, tenant: str) -> str:
        """SHA-256 over all that may decide for a tenant: what others' scopes do, it does not tell.

        Where nothing is kept from the tenant, it is the digest of the catalog.
        """
        known = frozenset(name for name in self._shelves if self.may_know(name, tenant))
        if known not in self._digests:
            self._digests[known] = self._digest(known)
        return self._digests[known]

    @cached_property
    def _digests(self) -> dict[frozenset[str], str]:
        return {frozenset(self._shelves): self.digest}

    def _digest(self, names: Container[str]) -> str:
        known = [ruleset for ruleset in self.all() if ruleset.shelf in names]
        lines = [f"{ruleset.name} {ruleset.digest}" for ruleset in known]
        released = {name: of for name, of in self.all_releases().items() if name in names}
        for kind, releases in released.items():
            lines += [f"{kind} {r.effective_from} {r.version}" for r in releases]
            lines += [f"{kind} tries {r.challenger.written()}" for r in releases if r.challenger]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def all(self) -> Sequence[AnyRuleSet]:
        """Return every version of every kind, by kind and version."""
        shelves = sorted(self._shelves.items())
        return tuple(s.versions[number] for _, s in shelves for number in sorted(s.versions))

    def _shelf(self, kind: str) -> Shelf:
        if kind not in self._shelves:
            known, _, scope = kind.partition("/")
            for name in (kind, known):
                if name in self.spoiled:
                    raise NotServed(_spoiled(name, self.spoiled[name]))
            if scope and known in self._shelves:
                raise UnknownRuleSet(f"{known} has no scope '{scope}'")
            kinds = ", ".join(sorted(self.served))
            raise NotServed(f"there are no rules for kind '{kind}', only of: {kinds}")
        return self._shelves[kind]


def _in_effect(shelf: Shelf, as_of: int) -> Release | None:
    position = bisect_right(shelf.starts, as_of)
    return shelf.releases[position - 1] if position else None


Span: TypeAlias = tuple[int, int]
NEVER = 2**63


def _spans(shelf: Shelf, version: int) -> Sequence[Span]:
    """Return from when until when a version decides; none: it is a draft."""
    ends = [*shelf.starts[1:], NEVER]
    spans = zip(shelf.releases, shelf.starts, ends, strict=False)
    return [(start, end) for release, start, end in spans if release.version == version]


def _together(shelf: Shelf, spans: Sequence[Span]) -> Iterator[AnyRuleSet]:
    for number, ruleset in sorted(shelf.versions.items()):
        theirs = _spans(shelf, number)
        last = number == max(shelf.versions) or any(end == NEVER for _, end in theirs)
        meets = any(a < d and c < b for a, b in spans for c, d in theirs)
        if meets if spans else last:
            yield ruleset


def _spoiled(name: str, faults: Sequence[Fault]) -> str:
    number = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
    first = f"{faults[0].location}: {faults[0].message}"
    what = "draft" if "@" in name else "scope" if "/" in name else "kind"
    return f"the {what} {name} has {number} and cannot be used: {first} (`dealgate check {name}`)"


def _known(kind: str, shelf: Shelf) -> str:
    numbers = ", ".join(str(number) for number in sorted(shelf.versions))
    have = f"{kind} has version{'s' if len(shelf.versions) > 1 else ''} {numbers}"
    if not shelf.releases:
        return f"{have} and no release"
    return f"{have}; the first release is effective from {written(shelf.starts[0])}"
