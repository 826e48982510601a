"""Credits: shares of touches as money that adds up, by touch, channel and campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from google.type.money_pb2 import Money

from dealgate.model.encoding import (
    decimal_field,
    integer_field,
    message_field,
    money_field,
    text_field,
)
from dealgate.model.folds import grouped
from dealgate.model.money import (
    allocate,
    from_minor,
    minor_per_unit,
    over_one_denominator,
    to_minor,
)
from dealgate.model.parts import Parts, rounded
from dealgate.model.ratio import Ratio
from dealgate.v1 import attribute_pb2 as pb

RETURN_DECIMALS = 4

_credits = message_field(pb.AttributedModel, "credits")
_channels = message_field(pb.AttributedModel, "channels")
_campaigns = message_field(pb.AttributedModel, "campaigns")
_touch_id = text_field(pb.TouchCredit, "touch_id")
_channel = text_field(pb.TouchCredit, "channel")
_campaign_id = text_field(pb.TouchCredit, "campaign_id")
_exact_share = text_field(pb.TouchCredit, "exact_share")
_share = decimal_field(pb.TouchCredit, "share")
_amount = money_field(pb.TouchCredit, "amount")
_reporting_amount = money_field(pb.TouchCredit, "reporting_amount")
_milestones = text_field(pb.TouchCredit, "milestones")
_undecided = text_field(pb.TouchCredit, "undecided_rules")
_key = text_field(pb.CreditTotal, "key")
_touch_count = integer_field(pb.CreditTotal, "touch_count")
_earned = money_field(pb.CreditTotal, "amount")
_reported = money_field(pb.CreditTotal, "reporting_amount")
_spent = money_field(pb.CreditTotal, "cost")
_on_spend = decimal_field(pb.CreditTotal, "return_on_spend")
_on_investment = decimal_field(pb.CreditTotal, "return_on_investment")


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
    currency, rate = facts.reporting.currency_code, Ratio(facts.reporting.rate.value)
    units = minor * rate / minor_per_unit(divided(facts).currency_code)
    return round(units * minor_per_unit(currency))


class Touches:
    """The touches of one journey, and what is the same of them in the answer of every model."""

    def __init__(self, touches: Sequence[Touched]) -> None:
        """`touches` are those that may be credited, in their order."""
        self.heads = [_head(touch) for touch in touches]
        self.tails = [_tail(touch) for touch in touches]
        self.channels = _groups(touches, [touch.channel for touch in touches])
        self.campaigns = _groups(touches, [touch.campaign for touch in touches])


@dataclass(frozen=True, slots=True)
class Group:
    """Touches of one channel or campaign; `cost` in minor units, None unless all are known."""

    key: str
    indexes: Sequence[int]
    cost: int | None


def credited(
    whole: Whole, touches: Touches, shares: Sequence[Fraction], code: str
) -> pb.AttributedModel:
    """Divide `whole` among `touches`; what the shares leave over is unattributed, because `code`.

    Each currency is divided by itself, so both add up. `shares` sum to at most 1.
    """
    above, below = over_one_denominator(shares)
    left = below - sum(above)
    parts = [*above, left]
    amounts = _divided(whole.amount, whole.before, parts)
    reporting = whole.reporting and _divided(whole.reporting, whole.reporting_before, parts)
    written = [
        _credit(touches, index, share, amounts, reporting) for index, share in enumerate(shares)
    ]
    written += [_channels(_total(group, amounts, reporting)) for group in touches.channels]
    written += [_campaigns(_total(group, amounts, reporting)) for group in touches.campaigns]
    answer = pb.AttributedModel(
        unattributed=amounts.of(-1),
        reporting_unattributed=reporting and reporting.of(-1),
        unattributed_code=code if left else "",
        reconciliation=_reconciliation(whole.amount, amounts),
    )
    answer.MergeFromString(b"".join(written))
    return answer


def _divided(amount: Money, before: int, shares: Sequence[int]) -> Parts:
    """Divide the running total, and return what that is more than what was divided before.

    `shares` are over one denominator, which is of no consequence.
    """
    parts = allocate(before + to_minor(amount), shares)
    if before:
        parts = [late - early for late, early in zip(parts, allocate(before, shares), strict=True)]
    return Parts(parts, amount.currency_code)


def _head(touch: Touched) -> bytes:
    return _touch_id(touch.id) + _channel(touch.channel) + _campaign_id(touch.campaign)


def _tail(touch: Touched) -> bytes:
    return b"".join((*map(_milestones, touch.milestones), *map(_undecided, touch.undecided)))


@lru_cache(maxsize=4096)
def _shared(above: int, below: int) -> bytes:
    """Write a share, exactly and rounded: models agree on many, and so do questions."""
    share = Ratio(above, below)
    return _exact_share(str(share)) + _share(rounded(share))


def _credit(
    touches: Touches, index: int, share: Fraction, amounts: Parts, reporting: Parts | None
) -> bytes:
    parts = (
        touches.heads[index],
        _shared(share.numerator, share.denominator),
        _amount(amounts.minor[index], amounts.currency),
        _reporting_amount(reporting.minor[index], reporting.currency) if reporting else b"",
        touches.tails[index],
    )
    return _credits(b"".join(parts))


def _groups(touches: Sequence[Touched], keys: Sequence[str]) -> list[Group]:
    indexes = grouped(range(len(keys)), lambda index: keys[index])
    return [
        Group(key, indexes[key], _cost([touches[index] for index in indexes[key]]))
        for key in sorted(indexes)
        if key
    ]


def _cost(touches: Sequence[Touched]) -> int | None:
    costs = [touch.cost for touch in touches if touch.cost is not None]
    return sum(costs) if len(costs) == len(touches) else None


def _total(group: Group, amounts: Parts, reporting: Parts | None) -> bytes:
    cost, earned = group.cost, amounts.sum_of(group.indexes)
    parts = [_key(group.key), _touch_count(len(group.indexes)), _earned(earned, amounts.currency)]
    if reporting:
        parts.append(_reported(reporting.sum_of(group.indexes), reporting.currency))
    if cost is not None:
        parts.append(_spent(cost, amounts.currency))
    if cost:
        parts += (_on_spend(_ratio(earned, cost)), _on_investment(_ratio(earned - cost, cost)))
    return b"".join(parts)


def _ratio(above: int, below: int) -> str:
    return rounded(Ratio(above, below), RETURN_DECIMALS)


def _reconciliation(whole: Money, amounts: Parts) -> pb.Reconciliation:
    return pb.Reconciliation(
        credited=from_minor(sum(amounts.minor[:-1]), amounts.currency),
        unattributed=amounts.of(-1),
        total=whole,
        balanced=sum(amounts.minor) == to_minor(whole),
    )
