"""How complete each item is: by the first rule that fires, and not at all if none does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.handoff.terms import HandoffEffect, HandoffParameters, ItemName
from dealgate.model.decision import Evidence
from dealgate.model.parts import decimal_message
from dealgate.model.ratio import Ratio
from dealgate.model.rules import Rule
from dealgate.v1 import handoff_pb2 as pb

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


@dataclass(frozen=True, slots=True)
class Item:
    """An item: what it is worth in percent, how much of it is there (0 to 1), and who says so."""

    name: ItemName
    weight: int
    share: Fraction
    rule: Rule[HandoffEffect] | None
    missing: Sequence[str]

    @property
    def credit(self) -> Fraction:
        """What it adds to the score."""
        return self.weight * self.share

    @property
    def lacks(self) -> Fraction:
        """What it would add if it were whole."""
        return self.weight - self.credit


def items(evidence: Evidence[HandoffEffect], parameters: HandoffParameters) -> list[Item]:
    """Return every item, in the order of the contract."""
    said: dict[ItemName, Rule[HandoffEffect]] = {}
    for fired in evidence.fired:
        if fired.rule.then.item is not None:
            said.setdefault(fired.rule.then.item, fired.rule)
    return [_item(name, said.get(name), evidence, parameters) for name in ITEMS]


def _item(
    name: ItemName,
    rule: Rule[HandoffEffect] | None,
    evidence: Evidence[HandoffEffect],
    parameters: HandoffParameters,
) -> Item:
    complete = rule.then.complete if rule is not None else None
    share = Ratio(complete or 0, 100)
    waiting = (open_ for open_ in evidence.undecided if open_.rule.then.item == name)
    missing = sorted({path for open_ in waiting for path in open_.missing})
    weight = parameters.weights.get(name, 0)
    return Item(name, weight, share, rule, missing if share < 1 else ())


def ranked(items: Sequence[Item]) -> list[pb.HandoffItem.ValueType]:
    """Return the items that lack something, the most first."""
    lacking = [item for item in items if item.lacks]
    return [ITEMS[item.name] for item in sorted(lacking, key=lambda item: -item.lacks)]


def item_score(item: Item) -> pb.HandoffItemScore:
    """Return the item as the answer shows it."""
    return pb.HandoffItemScore(
        item=ITEMS[item.name],
        weight=decimal_message(Ratio(item.weight)),
        share=decimal_message(item.share),
        credit=decimal_message(item.credit, 2),
        rule_id=item.rule.id if item.rule else "",
        message=item.rule.because if item.rule else "",
        missing_facts=item.missing,
    )
