"""The evidence for a decision, from the result of each rule."""

from collections.abc import Iterator, Sequence
from itertools import compress, repeat
from operator import is_
from typing import Any, TypeAlias

from dealgate.language.values import Failure, Ternary, Unknown, Value
from dealgate.model.decision import (
    AnyEvidence,
    AnyFailed,
    AnyFired,
    AnyUndecided,
    Evidence,
    Explanation,
    Failed,
    Fired,
    Undecided,
)
from dealgate.model.rules import AnyRule

MOST_KEPT = 4096
FEW = 4  # elements
# For a rule with `each`: (index, True or NoValue) of the elements that it is not false for.
Judgement: TypeAlias = Ternary | list[tuple[int, Ternary]]


class Gatherer:
    """Makes evidence of what the rules of one rule set came to."""

    def __init__(self, rules: Sequence[AnyRule]) -> None:
        """A rule that is not judged over a list always fires in the same words."""
        self._rules = rules
        self._ranks = range(len(rules))
        self._fired = [Fired(rule) for rule in rules]
        # The same facts are missing again and again, and lists are mostly short.
        self._undecided: dict[tuple[int, tuple[str, ...]], AnyUndecided] = {}
        self._missing: dict[frozenset[str], tuple[str, ...]] = {}
        self._facts: dict[tuple[int, ...], tuple[list[Any], tuple[str, ...]]] = {}
        self._hits: dict[tuple[int, tuple[int, ...]], AnyFired] = {}

    def gather(
        self,
        judgements: Sequence[Judgement],
        values: Sequence[Value],
        explained: Sequence[Explanation],
    ) -> AnyEvidence:
        """Return the evidence; `values` are the facts that were read, absent ones as Unknown."""
        fired: list[AnyFired] = []
        undecided: list[AnyUndecided] = []
        failed: list[AnyFailed] = []
        # Most are false, or so for every element.
        for rank in compress(self._ranks, judgements):
            judgement = judgements[rank]
            if judgement is True:
                fired.append(self._fired[rank])
            elif judgement.__class__ is Unknown:
                undecided.append(self._lacking(rank, judgement.paths))
            elif judgement.__class__ is list:
                self._gather_elements(rank, judgement, fired, undecided, failed)
            elif isinstance(judgement, Failure):
                failed.append(Failed(self._rules[rank], judgement.reason))
        absent = absent_of(values)
        missing = self._absent(absent)
        # Facts of list elements are read once per element, and are known here only if they lack.
        if undecided:
            missing = self._sorted(
                frozenset(missing).union(*[entry.missing for entry in undecided])
            )
        facts_known = len(values) - len(absent)
        return Evidence(
            fired=fired,
            undecided=undecided,
            failed=failed,
            missing=missing,
            facts_read=facts_known + len(missing),
            facts_known=facts_known,
            explained=explained,
        )

    def _gather_elements(
        self,
        rank: int,
        elements: Sequence[tuple[int, Ternary]],
        fired: list[AnyFired],
        undecided: list[AnyUndecided],
        failed: list[AnyFailed],
    ) -> None:
        """Sort in what a rule came to for the elements of a list that it is not false for."""
        hits = tuple([index for index, truth in elements if truth is True])
        if hits:
            fired.append(self._hit(rank, hits))
        if len(hits) < len(elements):
            _sort_others(self._rules[rank], elements, undecided, failed)

    def _hit(self, rank: int, hits: tuple[int, ...]) -> AnyFired:
        hit = self._hits.get((rank, hits))
        if hit is None:
            hit = Fired(self._rules[rank], hits)
            if len(hits) <= FEW and len(self._hits) < MOST_KEPT:
                self._hits[rank, hits] = hit
        return hit

    def _absent(self, absent: list[Any]) -> tuple[str, ...]:
        """Return the paths of facts that are not there, of which each has its own Unknown.

        These are looked up by identity: what is kept holds them, so that no other has their place.
        """
        key = tuple(map(id, absent))
        kept = self._facts.get(key)
        if kept is None:
            kept = absent, self._sorted(frozenset(value.paths[0] for value in absent))
            if len(self._facts) < MOST_KEPT:
                self._facts[key] = kept
        return kept[1]

    def _sorted(self, paths: frozenset[str]) -> tuple[str, ...]:
        missing = self._missing.get(paths)
        if missing is None:
            missing = tuple(sorted(paths))
            if len(self._missing) < MOST_KEPT:
                self._missing[paths] = missing
        return missing

    def _lacking(self, rank: int, paths: tuple[str, ...]) -> AnyUndecided:
        undecided = self._undecided.get((rank, paths))
        if undecided is None:
            undecided = Undecided(self._rules[rank], paths)
            if len(self._undecided) < MOST_KEPT:
                self._undecided[rank, paths] = undecided
        return undecided


def absent_of(values: Sequence[Value]) -> list[Any]:
    """Return those of the facts that were read that are not there."""
    return [*compress(values, map(is_, map(type, values), repeat(Unknown)))]


def gather(
    rules: Sequence[AnyRule],
    judgements: Sequence[Judgement],
    values: Sequence[Value],
    explained: Sequence[Explanation],
) -> AnyEvidence:
    """Return the evidence for rules that are judged but once."""
    return Gatherer(rules).gather(judgements, values, explained)


def _sort_others(
    rule: AnyRule,
    elements: Sequence[tuple[int, Ternary]],
    undecided: list[AnyUndecided],
    failed: list[AnyFailed],
) -> None:
    open_ = [(index, truth) for index, truth in elements if isinstance(truth, Unknown)]
    errors = [(index, truth) for index, truth in elements if isinstance(truth, Failure)]
    if open_:
        paths = tuple(sorted({path for _, unknown in open_ for path in unknown.paths}))
        undecided.append(Undecided(rule, paths, tuple(_indexes(open_))))
    if errors:
        reasons = ", ".join(dict.fromkeys(failure.reason for _, failure in errors))
        failed.append(Failed(rule, reasons, tuple(_indexes(errors))))


def _indexes(elements: Sequence[tuple[int, Ternary]]) -> Iterator[int]:
    return (index for index, _ in elements)
