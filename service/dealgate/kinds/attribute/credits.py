"""Credits: shares of touches as money that adds up, by touch, channel and campaign.

Written as bytes, field by field: a question has as many credits as touches times models, and a
message for each costs ten times what is in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from dealgate.kinds.attribute.models import Shares
from dealgate.kinds.attribute.whole import Whole
from dealgate.model.encoding import (
    decimal_field,
    integer_field,
    message_field,
    money_field,
    money_key,
    sized_money,
    text_field,
)
from dealgate.model.folds import grouped
from dealgate.model.money import allocate_integers, to_minor
from dealgate.model.parts import Parts, rounded
from dealgate.model.quick import quick
from dealgate.model.ratio import Ratio
from dealgate.v1 import attribute_pb2 as pb

RETURN_DECIMALS = 4

_credits = message_field(pb.AttributedModel, "credits")
_channels = message_field(pb.AttributedModel, "channels")
_campaigns = message_field(pb.AttributedModel, "campaigns")
_unattributed = money_key(pb.AttributedModel, "unattributed")
_reporting_unattributed = money_key(pb.AttributedModel, "reporting_unattributed")
_unattributed_code = text_field(pb.AttributedModel, "unattributed_code")
_reconciliation = message_field(pb.AttributedModel, "reconciliation")
_touch_id = text_field(pb.TouchCredit, "touch_id")
_channel = text_field(pb.TouchCredit, "channel")
_campaign_id = text_field(pb.TouchCredit, "campaign_id")
_exact_share = text_field(pb.TouchCredit, "exact_share")
_share = decimal_field(pb.TouchCredit, "share")
_amount = money_key(pb.TouchCredit, "amount")
_reporting_amount = money_key(pb.TouchCredit, "reporting_amount")
_milestones = text_field(pb.TouchCredit, "milestones")
_undecided = text_field(pb.TouchCredit, "undecided_rules")
_key = text_field(pb.CreditTotal, "key")
_touch_count = integer_field(pb.CreditTotal, "touch_count")
_earned = money_key(pb.CreditTotal, "amount")
_reported = money_key(pb.CreditTotal, "reporting_amount")
_spent = money_field(pb.CreditTotal, "cost")
_on_spend = decimal_field(pb.CreditTotal, "return_on_spend")
_on_investment = decimal_field(pb.CreditTotal, "return_on_investment")
_credited = money_key(pb.Reconciliation, "credited")
_left = money_key(pb.Reconciliation, "unattributed")
_total = message_field(pb.Reconciliation, "total")
_balanced = integer_field(pb.Reconciliation, "balanced")


@quick
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


@quick
@dataclass(frozen=True, slots=True)
class Credited:
    """What a model credits, as fields of AttributedModel; whether all, and whether anything."""

    data: bytes
    is_all: bool
    is_any: bool


class Touches:
    """The touches of one journey, and what is the same of them in the answer of every model."""

    def __init__(self, whole: Whole, touches: Sequence[Touched]) -> None:
        """`touches` are those that may be credited, in their order."""
        self.whole = whole
        self.minor = to_minor(whole.amount)
        self.reporting_minor = to_minor(whole.reporting) if whole.reporting else 0
        self.total = _total(whole.amount.SerializeToString(deterministic=True))
        self.heads = [_head(touch) for touch in touches]
        self.tails = [_tail(touch) for touch in touches]
        self.channels = _groups(touches, [touch.channel for touch in touches], whole)
        self.campaigns = _groups(touches, [touch.campaign for touch in touches], whole)

    @cached_property
    def nothing(self) -> Sequence[bytes]:
        """The credit of each touch that gets none, as most do by most models."""
        amounts = Parts([0] * len(self.heads), self.whole.amount.currency_code)
        given = self.whole.reporting
        reporting = given and Parts(amounts.minor, given.currency_code)
        return [_credit(self, index, 0, 1, amounts, reporting) for index in range(len(self.heads))]


@dataclass(frozen=True, slots=True)
class Group:
    """Touches of one channel or campaign; `cost` in minor units, None unless all are known.

    `head` is what is said first of each total, `spent` what it cost.
    """

    head: bytes
    indexes: Sequence[int]
    cost: int | None
    spent: bytes


def credited(touches: Touches, shares: Shares, code: str) -> Credited:
    """Divide the whole among the touches; what is left over is unattributed, because `code`.

    Each currency is divided by itself, so both add up. Shares sum to at most 1.
    """
    whole, above, below, nothing = touches.whole, shares.above, shares.below, touches.nothing
    left = below - sum(above)
    parts, given = [*above, left], whole.reporting
    amounts = Parts(_divided(touches.minor, whole.before, parts), whole.amount.currency_code)
    reporting = given and Parts(
        _divided(touches.reporting_minor, whole.reporting_before, parts), given.currency_code
    )
    written = [
        _credit(touches, index, share, below, amounts, reporting) if share else nothing[index]
        for index, share in enumerate(above)
    ]
    written += [_channels(_sum(group, amounts, reporting)) for group in touches.channels]
    written += [_campaigns(_sum(group, amounts, reporting)) for group in touches.campaigns]
    written.append(_unattributed + sized_money(amounts.minor[-1], amounts.currency))
    if reporting:
        written.append(
            _reporting_unattributed + sized_money(reporting.minor[-1], reporting.currency)
        )
    written.append(_unattributed_code(code if left else ""))
    written.append(_reconciliation(_reconciled(touches, amounts)))
    return Credited(b"".join(written), not left, any(above))


def _divided(minor: int, before: int, shares: Sequence[int]) -> list[int]:
    """Divide the running total, and return what that is more than what was divided before."""
    parts = allocate_integers(before + minor, shares)
    if not before:
        return parts
    earlier = allocate_integers(before, shares)
    return [late - early for late, early in zip(parts, earlier, strict=True)]


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
    touches: Touches, index: int, above: int, below: int, amounts: Parts, reporting: Parts | None
) -> bytes:
    data = (
        touches.heads[index]
        + _shared(above, below)
        + _amount
        + sized_money(amounts.minor[index], amounts.currency)
    )
    if reporting:
        data += _reporting_amount + sized_money(reporting.minor[index], reporting.currency)
    return _credits(data + touches.tails[index])


def _groups(touches: Sequence[Touched], keys: Sequence[str], whole: Whole) -> list[Group]:
    indexes = grouped(range(len(keys)), lambda index: keys[index])
    return [
        _group(key, indexes[key], [touches[index] for index in indexes[key]], whole)
        for key in sorted(indexes)
        if key
    ]


def _group(key: str, indexes: Sequence[int], touches: Sequence[Touched], whole: Whole) -> Group:
    costs = [touch.cost for touch in touches if touch.cost is not None]
    cost = sum(costs) if len(costs) == len(touches) else None
    spent = b"" if cost is None else _spent(cost, whole.amount.currency_code)
    return Group(_key(key) + _touch_count(len(indexes)) + _earned, indexes, cost, spent)


def _sum(group: Group, amounts: Parts, reporting: Parts | None) -> bytes:
    cost, earned = group.cost, amounts.sum_of(group.indexes)
    data = group.head + sized_money(earned, amounts.currency)
    if reporting:
        data += _reported + sized_money(reporting.sum_of(group.indexes), reporting.currency)
    data += group.spent
    if cost:
        data += _on_spend(_ratio(earned, cost)) + _on_investment(_ratio(earned - cost, cost))
    return data


def _ratio(above: int, below: int) -> str:
    return rounded(Ratio(above, below), RETURN_DECIMALS)


def _reconciled(touches: Touches, amounts: Parts) -> bytes:
    whole, left = sum(amounts.minor), amounts.minor[-1]
    given, rest = sized_money(whole - left, amounts.currency), sized_money(left, amounts.currency)
    return _credited + given + _left + rest + touches.total + _balanced(whole == touches.minor)
