"""Which condition within a rule parts two versions on some facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from google.protobuf.message import Message

from dealgate.engine.explain import Explainer
from dealgate.engine.native import Program
from dealgate.model.decision import Condition, Explanation, Operand
from dealgate.model.rules import AnyRule

NEW_RULE, GONE_RULE = "a new rule", "a rule that is gone"


class Conditions:
    """Compares the conditions of a rule under two versions."""

    def __init__(self, old: Program, new: Program) -> None:
        """Rules are prepared when they are first asked about."""
        self._programs = (old, new)
        self._explainers: dict[tuple[int, str], Explainer] = {}

    def parting(self, rule_id: str, old: Message, new: Message, as_of: int) -> str:
        """Say which condition it is; empty if none can be named, as in a list."""
        before, after = (rules.get(rule_id) for rules in self._rules)
        if before is None or after is None:
            return "" if before is after else (GONE_RULE if after is None else NEW_RULE)
        if before.each is not None or after.each is not None:
            return ""
        (then,) = self._explained(0, before, old, as_of)
        (here,) = self._explained(1, after, new, as_of)
        return _parted(_leaves(then), _leaves(here), self._constants)

    @cached_property
    def _rules(self) -> tuple[Mapping[str, AnyRule], Mapping[str, AnyRule]]:
        old, new = ({rule.id: rule for rule in program.ruleset.rules} for program in self._programs)
        return old, new

    @cached_property
    def _constants(self) -> frozenset[str]:
        return frozenset(name for program in self._programs for name in program.ruleset.constants)

    def _explained(
        self, side: int, rule: AnyRule, facts: Message, as_of: int
    ) -> Sequence[Explanation]:
        program = self._programs[side]
        explainer = self._explainers.get((side, rule.id))
        if explainer is None:
            alone = replace(program.ruleset, rules=[rule])
            explainer = self._explainers[side, rule.id] = Explainer(alone, program.constants)
        return explainer.explain(facts, as_of)


def _leaves(explanation: Explanation) -> dict[str, Condition]:
    conditions = explanation.conditions
    depths = [condition.depth for condition in conditions[1:]]
    return {
        condition.text: condition
        for condition, below in zip(conditions, [*depths, -1], strict=True)
        if below <= condition.depth
    }


def _parted(
    old: Mapping[str, Condition], new: Mapping[str, Condition], constants: frozenset[str]
) -> str:
    other = [text for text in new if text in old and old[text].truth != new[text].truth]
    if other:
        text = other[0]
        moved = list(_moved(old[text].operands, new[text].operands, constants))
        return f"{text} ({', '.join(moved)})" if moved else text
    added = [text for text in new if text not in old]
    gone = [text for text in old if text not in new]
    if added and gone:
        return f"{gone[0]} → {added[0]}"
    return f"+ {added[0]}" if added else f"- {gone[0]}" if gone else ""


def _moved(
    old: Sequence[Operand], new: Sequence[Operand], constants: frozenset[str]
) -> Iterator[str]:
    """Yield the constants that are not what they were: "min_employees 50 → 75"."""
    before = {operand.text: operand.value for operand in old}
    for operand in new:
        was = before.get(operand.text)
        if operand.text in constants and was != operand.value:
            yield f"{operand.text} {was} → {operand.value}"
