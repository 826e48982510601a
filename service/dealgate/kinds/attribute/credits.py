"""Credits: shares of touches as money that adds up, by touch, channel and campaign."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.model.folds import DIGITS, grouped
from dealgate.model.money import allocate, from_minor, minor_per_unit, to_minor
from dealgate.v1 import attribute_pb2 as pb

SHARE_DECIMALS = 12
RETURN_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Whole:
    """What is divided: an amount, and the same in the reporting currency if there is one."""

    amount: Money
    reporting: Money | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """A touch that may be credited, and what is to be said about it.

    `cost` is None if it is not known, which is not the same as nothing.
    """

    id: str
    channel: str
    campaign: str = ""
    cost: Money | None = None
    milestones: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


def divided(facts: pb.AttributeFacts) -> Money:
    """Return the amount that the question is about."""
    return facts.adjustment.amount if facts.HasField("adjustment") else facts.opportunity.amount


def converted(amount: Money, facts: pb.AttributeFacts) -> Money | None:
    """Return `amount` in the reporting currency, rounded half to even; None if there is none.

    Raises ValueError if 64 bits of units cannot hold it.
    """
    if not facts.HasField("reporting"):
        return None
    currency, rate = facts.reporting.currency_code, Fraction(facts.reporting.rate.value)
    minor_units = to_minor(amount) * rate * minor_per_unit(currency)
    return from_minor(round(minor_units / minor_per_unit(amount.currency_code)), currency)


def credited(
    whole: Whole, touches: Sequence[Touched], shares: Sequence[Fraction], code: str
) -> pb.AttributedModel:
    """Divide `whole` among `touches`; what the shares leave over is unattributed, because `code`.

    Each currency is divided by itself, so both add up. `shares` sum to at most 1.
    """
    left = Fraction(1 - sum(shares))
    amounts = _parts(whole.amount, [*shares, left])
    reporting = _parts(whole.reporting, [*shares, left])
    lines = [
        _credit(*one) for one in zip(touches, shares, amounts[:-1], reporting[:-1], strict=True)
    ]
    return pb.AttributedModel(
        credits=lines,
        channels=_totals(touches, lines, lambda touch: touch.channel),
        campaigns=_totals(touches, lines, lambda touch: touch.campaign),
        unattributed=amounts[-1],
        reporting_unattributed=reporting[-1],
        unattributed_code=code if left else "",
        reconciliation=_reconciliation(whole.amount, amounts),
    )


def decimal_message(number: Fraction, decimals: int = SHARE_DECIMALS) -> DecimalMessage:
    """Write `number` rounded half to even, without trailing zeros."""
    scaled = Decimal(round(number * 10**decimals))
    return DecimalMessage(value=f"{DIGITS.normalize(DIGITS.scaleb(scaled, -decimals)):f}")


def _parts(whole: Money | None, shares: Sequence[Fraction]) -> Sequence[Money | None]:
    if whole is None:
        return [None] * len(shares)
    parts = allocate(to_minor(whole), shares)
    return [from_minor(part, whole.currency_code) for part in parts]


def _credit(
    touch: Touched, share: Fraction, amount: Money | None, reporting: Money | None
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
    touches: Sequence[Touched],
    lines: Sequence[pb.TouchCredit],
    key: Callable[[Touched], str],
) -> list[pb.CreditTotal]:
    pairs = list(zip(touches, lines, strict=True))
    groups = grouped(pairs, lambda pair: key(pair[0]))
    return [_total(name, groups[name]) for name in sorted(groups) if name]


def _total(name: str, pairs: Sequence[tuple[Touched, pb.TouchCredit]]) -> pb.CreditTotal:
    lines = [credit for _, credit in pairs]
    amount = _sum([credit.amount for credit in lines])
    reporting = [credit.reporting_amount for credit in lines if _converted(credit)]
    costs = [touch.cost for touch, _ in pairs if touch.cost is not None]
    cost = _sum(costs) if len(costs) == len(pairs) else None
    return pb.CreditTotal(
        key=name,
        touch_count=len(pairs),
        amount=amount,
        reporting_amount=_sum(reporting) if reporting else None,
        cost=cost,
        return_on_spend=_return(amount, cost),
    )


def _converted(credit: pb.TouchCredit) -> bool:
    return credit.HasField("reporting_amount")


def _sum(amounts: Sequence[Money]) -> Money:
    return from_minor(sum(to_minor(amount) for amount in amounts), amounts[0].currency_code)


def _return(amount: Money, cost: Money | None) -> DecimalMessage | None:
    spent = to_minor(cost) if cost is not None else 0
    return decimal_message(Fraction(to_minor(amount), spent), RETURN_DECIMALS) if spent else None


def _reconciliation(whole: Money, parts: Sequence[Money | None]) -> pb.Reconciliation:
    minor = [to_minor(part) for part in parts if part is not None]
    return pb.Reconciliation(
        credited=from_minor(sum(minor[:-1]), whole.currency_code),
        unattributed=parts[-1],
        total=whole,
        balanced=sum(minor) == to_minor(whole),
    )
