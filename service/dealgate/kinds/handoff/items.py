"""How complete each item is: by the first rule that fires, and not at all if none does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from dealgate.kinds.handoff.terms import HandoffEffect, HandoffParameters, ItemName
from dealgate.model.decision import Evidence
from dealgate.model.parts import decimal_message
from dealgate.model.quick import quick
from dealgate.model.ratio import Ratio
from dealgate.model.rules import Rule
from dealgate.v1 import handoff_pb2 as pb

WHOLE = 100  # percent
ITEMS: Mapping[ItemName, pb.HandoffItem.ValueType] = {
    "contract": pb.HANDOFF_ITEM_CONTRACT,
    "products": pb.HANDOFF_ITEM_PRODUCTS,
    "stakeholders": pb.HANDOFF_ITEM_STAKEHOLDERS,
    "success_criteria": pb.HANDOFF_ITEM_SUCCESS_CRITERIA,
    "commitments": pb.HANDOFF_ITEM_COMMITMENTS,
    "risks": pb.HANDOFF_ITEM_RISKS,
    "technical_environment": pb.HANDOFF_ITEM_TECHNICAL_ENVIRONMENT,
    "timeline": pb.HANDOFF_ITEM_TIMELINE,
    "competitor": pb.HANDOFF_ITEM_COMPETITOR,
}


@quick
@dataclass(frozen=True, slots=True)
class Item:
    """An item: what it is worth and how much of it is there, both in percent, and who says so."""

    name: ItemName
    weight: int
    complete: int
    rule: Rule[HandoffEffect] | None
    missing: tuple[str, ...]

    @property
    def credit(self) -> int:
        """What it adds to the score, in hundredths."""
        return self.weight * self.complete

    @property
    def lacks(self) -> int:
        """What it would add if it were whole, in hundredths."""
        return self.weight * WHOLE - self.credit


def items(evidence: Evidence[HandoffEffect], parameters: HandoffParameters) -> list[Item]:
    """Return every item, in the order of the contract."""
    said: dict[ItemName, Rule[HandoffEffect]] = {}
    for fired in evidence.fired:
        if fired.rule.then.item is not None:
            said.setdefault(fired.rule.then.item, fired.rule)
    waiting: dict[ItemName | None, set[str]] = {}
    for open_ in evidence.undecided:
        waiting.setdefault(open_.rule.then.item, set()).update(open_.missing)
    return [
        _item(name, parameters.weights.get(name, 0), said.get(name), waiting.get(name, ()))
        for name in ITEMS
    ]


def score_of(items: Sequence[Item]) -> Fraction:
    """Return the score, in percent."""
    return Ratio(sum([item.credit for item in items]), WHOLE)


def _item(
    name: ItemName, weight: int, rule: Rule[HandoffEffect] | None, missing: Collection[str]
) -> Item:
    complete = (rule.then.complete if rule is not None else None) or 0
    return Item(name, weight, complete, rule, tuple(sorted(missing)) if complete < WHOLE else ())


def ranked(items: Sequence[Item]) -> list[pb.HandoffItem.ValueType]:
    """Return the items that lack something, the most first."""
    lacking = [item for item in items if item.lacks]
    return [ITEMS[item.name] for item in sorted(lacking, key=lambda item: -item.lacks)]


def item_score(item: Item) -> pb.HandoffItemScore:
    """Return the item as the answer shows it; nobody may change it."""
    rule_id, because = (item.rule.id, item.rule.because) if item.rule else ("", "")
    return _shown(item.name, item.weight, item.complete, rule_id, because, item.missing)


@lru_cache(maxsize=4096)  # items are mostly whole, or lack what others lack
def _shown(
    name: ItemName, weight: int, complete: int, rule_id: str, because: str, missing: tuple[str, ...]
) -> pb.HandoffItemScore:
    return pb.HandoffItemScore(
        item=ITEMS[name],
        weight=decimal_message(Ratio(weight)),
        share=decimal_message(Ratio(complete, WHOLE)),
        credit=decimal_message(Ratio(weight * complete, WHOLE), 2),
        rule_id=rule_id,
        message=because,
        missing_facts=missing,
    )
