"""The first cause of a flip: the rule whose other claim, exchanged alone, brings the other word.

Evidence of one version is exchanged for the other's rule by rule, and folded again; no rule is
fired for it. A rule is preferred to the completeness of facts (FACTS), and that to the fold and its
parameters (PARAMETERS). ADR 67 says why the cause is unique.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from google.protobuf.message import Message

from dealgate.foresight.versions import Side, Version, word_of
from dealgate.model.decision import (
    AnyEvidence,
    AnyFailed,
    AnyFired,
    AnyUndecided,
    Failed,
    Fired,
    Undecided,
)
from dealgate.model.rules import AnyRuleSet

FACTS, PARAMETERS = "#facts", "#parameters"
ALONE, BUT_FOR, PATH = "alone", "but for", "path"

Entry: TypeAlias = AnyFired | AnyUndecided | AnyFailed
Claims: TypeAlias = Mapping[str, Sequence[Entry]]


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """`unit` is a rule's id, FACTS or PARAMETERS; `how` says in which sense it is the cause.

    `together` are the units before it, if it takes them too. `lacks` are the facts for want of
    which the rule is undecided under the new version; `parameters` those that did it.
    """

    unit: str
    how: str
    together: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()

    @property
    def is_rule(self) -> bool:
        """Whether a rule is the cause, rather than what stands for one."""
        return not self.unit.startswith(("#", "("))


class Causes:
    """Finds first causes between two versions of a kind."""

    def __init__(self, old: Version, new: Version) -> None:
        """Kinds look up a rule's place: both rule sets are made to know the rules of both."""
        self._order = _merged_order(old.ruleset, new.ruleset)
        self._old = _knowing(old, self._order)
        self._new = _knowing(new, self._order)

    def first(self, old: Side, new: Side, as_of: int) -> Cause:
        """Return why `new` has another word than `old`; both were judged."""
        return _Exchange(self._old, self._new, self._order, old, new, as_of).cause()


class _Exchange:
    """One question under both versions, and what parts them."""

    def __init__(
        self,
        versions_old: Version,
        versions_new: Version,
        order: Mapping[str, int],
        old: Side,
        new: Side,
        as_of: int,
    ) -> None:
        self._versions = (versions_old, versions_new)
        self._sides = (old, new)
        self._claims = (_claims(old.evidence), _claims(new.evidence))
        self._order = order
        self._as_of = as_of
        self._units = [*self._rules(), *self._completeness(), PARAMETERS]

    def cause(self) -> Cause:
        goal = self._sides[1].word
        for unit in self._units:
            if self._word({unit}) == goal:
                return self._told(unit, ALONE)
        every = set(self._units)
        for unit in self._units:
            if self._word(every - {unit}) == self._sides[0].word:
                return self._told(unit, BUT_FOR)
        last, before = 0, False
        for length in range(1, len(self._units) + 1):
            reached = self._word(set(self._units[:length])) == goal
            last = length - 1 if reached and not before else last
            before = reached
        return self._told(self._units[last], PATH, tuple(self._units[:last]))

    def _told(self, unit: str, how: str, together: tuple[str, ...] = ()) -> Cause:
        missing = {
            path
            for entry in self._claims[1].get(unit, ())
            if isinstance(entry, Undecided)
            for path in entry.missing
        }
        parameters = tuple(self._parameters()) if unit == PARAMETERS else ()
        return Cause(unit, how, together, tuple(sorted(missing)), parameters)

    def _rules(self) -> Iterator[str]:
        old, new = self._claims
        ids = {*old, *new}
        for id_ in sorted(ids, key=lambda name: self._order.get(name, len(self._order))):
            if not _alike(old.get(id_, ()), new.get(id_, ())):
                yield id_

    def _completeness(self) -> Iterator[str]:
        old, new = (side.evidence for side in self._sides)
        read = (old.facts_read, old.facts_known, old.missing)
        if read != (new.facts_read, new.facts_known, new.missing):
            yield FACTS

    def _word(self, exchanged: set[str]) -> str:
        side = PARAMETERS in exchanged
        known = self._sides[side].known
        return word_of(self._versions[side], known, self._evidence(exchanged), self._as_of)

    def _evidence(self, exchanged: set[str]) -> AnyEvidence:
        old, new = self._claims
        chosen: dict[str, Sequence[Entry]] = {}
        for id_ in {*old, *new}:
            chosen[id_] = (new if id_ in exchanged else old).get(id_, ())
        ids = sorted(chosen, key=lambda name: self._order.get(name, len(self._order)))
        entries = [entry for id_ in ids for entry in chosen[id_]]
        reading = self._sides[FACTS in exchanged].evidence
        return _gathered(entries, reading)

    def _parameters(self) -> Iterator[str]:
        """Yield the parameters that bring the other word, each tried alone; or all that differ."""
        old, new = self._versions
        before, after = old.ruleset.parameters, new.ruleset.parameters
        differing = [
            name
            for name in type(after).model_fields
            if getattr(before, name, None) != getattr(after, name)
        ]
        evidence = self._evidence(set(self._units) - {PARAMETERS})
        alone = [name for name in differing if self._with(name, evidence) == self._sides[1].word]
        yield from alone or differing

    def _with(self, name: str, evidence: AnyEvidence) -> str:
        old, new = self._versions
        changed = {name: getattr(new.ruleset.parameters, name)}
        parameters = old.ruleset.parameters.model_copy(update=changed)
        version = replace(
            old, ruleset=_ordered(replace(old.ruleset, parameters=parameters), self._order)
        )
        known: Message = old.kind.known(self._sides[0].facts, parameters, self._as_of)
        return word_of(version, known, evidence, self._as_of)


def _claims(evidence: AnyEvidence) -> Claims:
    claims: dict[str, list[Entry]] = {}
    entries: Iterable[Entry] = (*evidence.fired, *evidence.undecided, *evidence.failed)
    for entry in entries:
        claims.setdefault(entry.rule.id, []).append(entry)
    return claims


def _alike(old: Sequence[Entry], new: Sequence[Entry]) -> bool:
    return len(old) == len(new) and all(
        _says(entry) == _says(other) for entry, other in zip(old, new, strict=True)
    )


def _says(entry: Entry) -> tuple[object, ...]:
    """Return what a fold can see of an entry, besides the words of its author."""
    missing = entry.missing if isinstance(entry, Undecided) else ()
    rows = [(row.id, row.then) for row in getattr(entry, "rows", ())]
    return type(entry).__name__, entry.rule.then, entry.elements, missing, rows


def _gathered(entries: Sequence[Entry], reading: AnyEvidence) -> AnyEvidence:
    return replace(
        reading,
        fired=tuple(entry for entry in entries if isinstance(entry, Fired)),
        undecided=tuple(entry for entry in entries if isinstance(entry, Undecided)),
        failed=tuple(entry for entry in entries if isinstance(entry, Failed)),
        explained=(),
    )


def _merged_order(old: AnyRuleSet, new: AnyRuleSet) -> dict[str, int]:
    """Return the new file's order; a rule of the old one alone stands after its predecessor."""
    merged = sorted(new.order, key=new.order.__getitem__)
    before: str | None = None
    for id_ in sorted(old.order, key=old.order.__getitem__):
        if id_ not in new.order:
            merged.insert(merged.index(before) + 1 if before is not None else 0, id_)
        before = id_
    return {id_: rank for rank, id_ in enumerate(merged)}


def _knowing(version: Version, order: Mapping[str, int]) -> Version:
    return replace(version, ruleset=_ordered(replace(version.ruleset), order))


def _ordered(ruleset: AnyRuleSet, order: Mapping[str, int]) -> AnyRuleSet:
    ruleset.__dict__["order"] = order  # where its cached property keeps it
    return ruleset
