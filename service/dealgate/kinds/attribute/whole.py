"""What an attribution divides: an amount, in its own currency and in that of reports."""

from dataclasses import dataclass

from google.type.money_pb2 import Money

from dealgate.model.money import from_minor, minor_per_unit, to_minor
from dealgate.model.ratio import Ratio
from dealgate.v1 import attribute_pb2 as pb


@dataclass(frozen=True, slots=True)
class Whole:
    """What is divided: an amount, and the same in the reporting currency if there is one.

    `before` and `reporting_before` are what was divided by the same shares before: the running
    totals are what is rounded, and this is the difference that is left.
    """

    amount: Money
    reporting: Money | None = None
    before: int = 0
    reporting_before: int = 0


def divided(facts: pb.AttributeFacts) -> Money:
    """Return the amount that the question is about."""
    return facts.adjustment.amount if facts.HasField("adjustment") else facts.opportunity.amount


def whole_of(facts: pb.AttributeFacts) -> Whole:
    """Return what the question divides.

    Raises ValueError if 64 bits of units cannot hold it, adjustments before it counted.
    """
    amount = divided(facts)
    if not facts.HasField("reporting") and not facts.HasField("adjustment"):
        to_minor(amount)
        return Whole(amount)
    before = adjusted_before(facts)
    from_minor(before + to_minor(amount), amount.currency_code)
    if not facts.HasField("reporting"):
        return Whole(amount, before=before)
    first = _converted(before, facts)
    rest = _converted(before + to_minor(amount), facts) - first
    reporting = from_minor(rest, facts.reporting.currency_code)
    return Whole(amount, reporting, before, first)


def adjusted_before(facts: pb.AttributeFacts) -> int:
    """Return what earlier adjustments come to: as the caller says, or the answer sent back."""
    adjustment = facts.adjustment
    if adjustment.HasField("adjusted_before"):
        return to_minor(adjustment.adjusted_before)
    said = [to_minor(one.adjusted) for one in adjustment.original if one.HasField("adjusted")]
    return said[0] if said else 0


def _converted(minor: int, facts: pb.AttributeFacts) -> int:
    """Return an amount in minor units of the reporting currency, rounded half to even."""
    currency, rate = facts.reporting.currency_code, Ratio(facts.reporting.rate.value)
    units = minor * rate / minor_per_unit(divided(facts).currency_code)
    return round(units * minor_per_unit(currency))
