"""What can be wrong with an adjustment and the original answer that it repeats."""

import re
from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from dealgate.model import money
from dealgate.model.checks import required, required_id, unique_ids
from dealgate.model.errors import Violation
from dealgate.model.money import to_minor
from dealgate.model.ratio import Ratio
from dealgate.v1 import attribute_pb2 as pb

# Far more than our own answers need; without a bound, adding fractions takes for ever.
DIGITS_MAX = 150
FRACTION = re.compile(r"\d{1,150}(/[1-9]\d{0,149})?", re.ASCII)


def adjustment_violations(facts: pb.AttributeFacts) -> list[Violation]:
    """Return everything wrong with `facts.adjustment`, which is there."""
    adjustment = facts.adjustment
    violations = [
        *required("adjustment.type", adjustment.type),
        *required("adjustment.amount", adjustment.HasField("amount")),
        *required("adjustment.original", adjustment.original),
    ]
    gain = max(adjustment.amount.units, adjustment.amount.nanos) > 0
    if gain and adjustment.type != pb.ADJUSTMENT_TYPE_CORRECTION:
        violations.append(
            Violation("adjustment.amount", "must be negative, unless it is a CORRECTION")
        )
    violations += _running_total(facts)
    if facts.models:
        violations.append(Violation("models", "must be empty: an adjustment keeps the original's"))
    for index, original in enumerate(adjustment.original):
        violations += _original(f"adjustment.original[{index}]", original)
    return violations


def _running_total(facts: pb.AttributeFacts) -> list[Violation]:
    """Nobody gets back more than they paid, in however many parts, and all say the same of them."""
    adjustment, deal = facts.adjustment, facts.opportunity.amount
    said = [
        *(one.adjusted for one in adjustment.original if one.HasField("adjusted")),
        *([adjustment.adjusted_before] if adjustment.HasField("adjusted_before") else []),
    ]
    given = [deal, adjustment.amount, *said]
    if any(money.fault(amount) for amount in given) or len({a.currency_code for a in given}) > 1:
        return []  # malformed, absent or in different currencies, which is reported elsewhere
    before = to_minor(said[-1]) if said else 0
    if any(to_minor(one) != before for one in said):
        return [Violation("adjustment.adjusted_before", "is not what the original answers say")]
    back = -before - to_minor(adjustment.amount)
    if adjustment.type != pb.ADJUSTMENT_TYPE_CORRECTION and back > max(to_minor(deal), 0):
        cure = "makes more than the deal go back, earlier adjustments counted"
        return [Violation("adjustment.amount", cure)]
    return []


def _original(path: str, original: pb.AttributedModel) -> list[Violation]:
    texts = [credit.exact_share for credit in original.credits]
    violations = [
        Violation(f"{path}.credits[{index}].exact_share", 'is not a fraction; write it as "1/3"')
        for index, text in enumerate(texts)
        if not FRACTION.fullmatch(text)
    ]
    violations += [] if violations else _shares(f"{path}.credits", [Ratio(text) for text in texts])
    ids = [credit.touch_id for credit in original.credits]
    for index, touch_id in enumerate(ids):
        violations += required_id(f"{path}.credits[{index}].touch_id", touch_id)
    violations += unique_ids(f"{path}.credits", ids, "touch_id")
    return [*required(f"{path}.model", original.model), *violations]


def _shares(path: str, shares: Sequence[Fraction]) -> list[Violation]:
    common = 1
    for share in shares:
        common = lcm(common, share.denominator)
        if common >= 10**DIGITS_MAX:
            return [Violation(path, "have shares that no answer of ours can have held")]
    wrong = sum(share.numerator * (common // share.denominator) for share in shares) > common
    return [Violation(path, "have shares of more than 1 together")] if wrong else []
