"""Credits: shares of touches as money that adds up, by touch, channel and campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.model.folds import grouped
from dealgate.model.money import (
    allocate,
    from_minor,
    minor_per_unit,
    over_one_denominator,
    to_minor,
)
from dealgate.model.parts import Parts, decimal_message
from dealgate.v1 import attribute_pb2 as pb

RETURN_DECIMALS = 4


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


@dataclass(frozen=True, slots=True)
class Touched:
    """A touch that may be credited, and what is to be said about it.

    `cost` is in minor units, and None if it is not known, which is not the same as nothing.
    """

    id: str
    channel: str
    campaign: str = ""
    cost: int | None = None
    milestones: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


def divided(facts: pb.AttributeFacts) -> Money:
    """Return the amount that the question is about."""
    return facts.adjustment.amount if facts.HasField("adjustment") else facts.opportunity.amount


def whole_of(facts: pb.AttributeFacts) -> Whole:
    """Return what the question divides.

    Raises ValueError if 64 bits of units cannot hold it, adjustments before it counted.
    """
    amount, before = divided(facts), adjusted_before(facts)
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
    currency, rate = facts.reporting.currency_code, Fraction(facts.reporting.rate.value)
    units = minor * rate / minor_per_unit(divided(facts).currency_code)
    return round(units * minor_per_unit(currency))


def credited(
    whole: Whole, touches: Sequence[Touched], shares: Sequence[Fraction], code: str
) -> pb.AttributedModel:
    """Divide `whole` among `touches`; what the shares leave over is unattributed, because `code`.

    Each currency is divided by itself, so both add up. `shares` sum to at most 1.
    """
    above, below = over_one_denominator(shares)
    left = Fraction(below - sum(above), below)
    parts = [*shares, left]
    amounts = _divided(whole.amount, whole.before, parts)
    reporting = whole.reporting and _divided(whole.reporting, whole.reporting_before, parts)
    channels = [touch.channel for touch in touches]
    campaigns = [touch.campaign for touch in touches]
    return pb.AttributedModel(
        credits=[
            _credit(touch, shares[index], amounts.of(index), reporting and reporting.of(index))
            for index, touch in enumerate(touches)
        ],
        channels=_totals(channels, touches, amounts, reporting),
        campaigns=_totals(campaigns, touches, amounts, reporting),
        unattributed=amounts.of(-1),
        reporting_unattributed=reporting and reporting.of(-1),
        unattributed_code=code if left else "",
        reconciliation=_reconciliation(whole.amount, amounts),
    )


def _divided(amount: Money, before: int, shares: Sequence[Fraction]) -> Parts:
    """Divide the running total, and return what that is more than what was divided before."""
    after = allocate(before + to_minor(amount), shares)
    parts = [late - early for late, early in zip(after, allocate(before, shares), strict=True)]
    return Parts(parts, amount.currency_code)


def _credit(
    touch: Touched, share: Fraction, amount: Money, reporting: Money | None
) -> pb.TouchCredit:
    return pb.TouchCredit(
        touch_id=touch.id,
        channel=touch.channel,
        campaign_id=touch.campaign,
        exact_share=str(share),
        share=decimal_message(share),
        amount=amount,
        reporting_amount=reporting,
        milestones=touch.milestones,
        undecided_rules=touch.undecided,
    )


def _totals(
    keys: Sequence[str], touches: Sequence[Touched], amounts: Parts, reporting: Parts | None
) -> list[pb.CreditTotal]:
    indexes = grouped(range(len(keys)), lambda index: keys[index])
    return [
        _total(key, [touches[index] for index in indexes[key]], indexes[key], amounts, reporting)
        for key in sorted(indexes)
        if key
    ]


def _total(
    key: str,
    touches: Sequence[Touched],
    indexes: Sequence[int],
    amounts: Parts,
    reporting: Parts | None,
) -> pb.CreditTotal:
    costs = [touch.cost for touch in touches if touch.cost is not None]
    cost = sum(costs) if len(costs) == len(touches) else None
    earned = sum(amounts.minor[index] for index in indexes)
    return pb.CreditTotal(
        key=key,
        touch_count=len(touches),
        amount=amounts.of(*indexes),
        reporting_amount=reporting and reporting.of(*indexes),
        cost=None if cost is None else from_minor(cost, amounts.currency),
        return_on_spend=_ratio(earned, cost) if cost else None,
        return_on_investment=_ratio(earned - cost, cost) if cost else None,
    )


def _ratio(above: int, below: int) -> DecimalMessage:
    return decimal_message(Fraction(above, below), RETURN_DECIMALS)


def _reconciliation(whole: Money, amounts: Parts) -> pb.Reconciliation:
    return pb.Reconciliation(
        credited=amounts.of(*range(len(amounts.minor) - 1)),
        unattributed=amounts.of(-1),
        total=whole,
        balanced=sum(amounts.minor) == to_minor(whole),
    )
