"""What can be wrong with an adjustment and the original answer that it repeats."""

import re
from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from dealgate.model.checks import required, required_id, unique_ids
from dealgate.model.errors import Violation
from dealgate.v1 import attribute_pb2 as pb

# Far more than our own answers need; without a bound, adding fractions takes for ever.
DIGITS_MAX = 150
FRACTION = re.compile(r"\d{1,150}(/[1-9]\d{0,149})?", re.ASCII)


def adjustment_violations(facts: pb.AttributeFacts) -> list[Violation]:
    """Return everything wrong with `facts.adjustment`, which is there."""
    adjustment = facts.adjustment
    found = [
        *required("adjustment.type", adjustment.type),
        *required("adjustment.amount", adjustment.HasField("amount")),
        *required("adjustment.original", adjustment.original),
    ]
    gain = max(adjustment.amount.units, adjustment.amount.nanos) > 0
    if gain and adjustment.type != pb.ADJUSTMENT_TYPE_CORRECTION:
        found.append(Violation("adjustment.amount", "must be negative, unless it is a CORRECTION"))
    if facts.models:
        found.append(Violation("models", "must be empty: an adjustment keeps the original's"))
    for index, original in enumerate(adjustment.original):
        found += _original(f"adjustment.original[{index}]", original)
    return found


def _original(path: str, original: pb.AttributedModel) -> list[Violation]:
    texts = [credit.exact_share for credit in original.credits]
    found = [
        Violation(f"{path}.credits[{index}].exact_share", 'is no fraction such as "1/3"')
        for index, text in enumerate(texts)
        if not FRACTION.fullmatch(text)
    ]
    found += [] if found else _shares(f"{path}.credits", [Fraction(text) for text in texts])
    ids = [credit.touch_id for credit in original.credits]
    for index, touch_id in enumerate(ids):
        found += required_id(f"{path}.credits[{index}].touch_id", touch_id)
    found += unique_ids(f"{path}.credits", ids, "touch_id")
    return [*required(f"{path}.model", original.model), *found]


def _shares(path: str, shares: Sequence[Fraction]) -> list[Violation]:
    common = 1
    for share in shares:
        common = lcm(common, share.denominator)
        if common >= 10**DIGITS_MAX:
            return [Violation(path, "have shares that no answer of ours can have held")]
    wrong = sum(share.numerator * (common // share.denominator) for share in shares) > common
    return [Violation(path, "have shares of more than 1 together")] if wrong else []
