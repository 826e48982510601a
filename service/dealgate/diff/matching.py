"""Which rule of one version corresponds to which of the other: by id, else by meaning."""

from collections.abc import Sequence
from dataclasses import dataclass

from dealgate.diff.conditions import Wordings
from dealgate.model.rules import AnyRule, AnyRuleSet


@dataclass(frozen=True, slots=True)
class Matched:
    """A rule in both versions, or in one of them: the other is None."""

    old: AnyRule | None
    new: AnyRule | None


def matched(old: AnyRuleSet, new: AnyRuleSet, wordings: Wordings) -> list[Matched]:
    """Return every rule of either version once: first those of `new`, then those that are gone."""
    was = {rule.id: rule for rule in old.rules}
    gone = {rule.id: rule for rule in old.rules if rule.id not in {r.id for r in new.rules}}
    pairs = []
    for rule in new.rules:
        before = was.get(rule.id) or _same(rule, gone, wordings)
        if before is not None:
            gone.pop(before.id, None)
        pairs.append(Matched(before, rule))
    return [*pairs, *(Matched(rule, None) for rule in gone.values())]


def moved(pairs: Sequence[Matched], old: AnyRuleSet) -> set[str]:
    """Return the ids (in the new version) of rules that stand elsewhere among the others.

    As few as explain the new order: the longest run of rules in their old order has stayed.
    """
    ranks = {rule.id: number for number, rule in enumerate(old.rules)}
    both = [(pair.new.id, ranks[pair.old.id]) for pair in pairs if pair.old and pair.new]
    stayed = _longest_rising([rank for _, rank in both])
    return {rule_id for rule_id, rank in both if rank not in stayed}


def _same(rule: AnyRule, gone: dict[str, AnyRule], wordings: Wordings) -> AnyRule | None:
    for other in gone.values():
        alike = other.then == rule.then
        if alike and wordings.same((other.when, other.each), (rule.when, rule.each)):
            return other
    return None


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    best: list[list[int]] = []
    for number in numbers:
        before: list[int] = max((run for run in best if run[-1] < number), key=len, default=[])
        best.append([*before, number])
    longest: list[int] = max(best, key=len, default=[])
    return set(longest)
