"""How rules were judged, as the contracts write it."""

from dealgate.model import words
from dealgate.model.decision import Condition, Explanation, Operand, Truth
from dealgate.v1 import decision_pb2 as pb

TRUTHS = {truth: words.number_of(pb.Truth, truth.name) for truth in Truth}


def explained(explanation: Explanation) -> pb.RuleExplanation:
    """Return how a rule was judged as the contracts write it."""
    return pb.RuleExplanation(
        rule_id=explanation.rule.id,
        truth=TRUTHS[explanation.truth],
        conditions=[_condition(condition) for condition in explanation.conditions],
        element=explanation.element,
    )


def _condition(condition: Condition) -> pb.ConditionExplanation:
    return pb.ConditionExplanation(
        text=condition.text,
        truth=TRUTHS[condition.truth],
        operands=[_operand(operand) for operand in condition.operands],
        depth=condition.depth,
    )


def _operand(operand: Operand) -> pb.Operand:
    return pb.Operand(text=operand.text, value=operand.value or "", missing=operand.missing)
