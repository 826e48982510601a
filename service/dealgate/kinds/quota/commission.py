"""Commission: what tiers pay on what was credited, to the minor unit, and what debts leave of it.

Draws, bonuses and what is taken back of earlier periods stand whatever the quota is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from google.type.money_pb2 import Money

from dealgate.kinds.quota.bonuses import Bonuses
from dealgate.kinds.quota.claims import Claims
from dealgate.kinds.quota.credits import Credited
from dealgate.kinds.quota.reversals import Reversals
from dealgate.kinds.quota.terms import QuotaParameters
from dealgate.kinds.quota.tiers import Leg, legs, method_of, tiers_of
from dealgate.kinds.quota.ties import Bookings
from dealgate.model.money import from_minor, to_minor
from dealgate.model.parts import decimal_message
from dealgate.model.rounding import cumulative
from dealgate.v1 import quota_pb2 as pb


@dataclass(frozen=True, slots=True)
class Paid:
    """What somebody is paid on: the plan, their quota in exact minor units, and their credits."""

    plan: pb.QuotaPlan
    quota: Fraction | None
    credits: Sequence[Credited]
    bookings: Bookings
    currency: str


def commission(paid: Paid, claims: Claims, parameters: QuotaParameters) -> pb.Commission:
    """Return what was earned on the credits that pay already, and what debts leave of it."""
    reversals = Reversals(paid.bookings, paid.credits, paid.currency)
    paying = [credit for credit in paid.credits if not credit.deferred]
    answer = pb.Commission(method=method_of(paid.plan, parameters))
    on_tiers = sum(one.amount for one in paying if not reversals.at_rate_paid(one))
    earned = _tiers(answer, on_tiers, paid, parameters)
    bonuses = Bonuses(paid.bookings, {one.index: one for one in paying}, paid.currency)
    answer.bonuses.extend(bonuses.all(claims))
    answer.reversals.extend(reversals.all())
    earned += sum(to_minor(bonus.amount) for bonus in answer.bonuses)
    earned += sum(
        to_minor(reversal.amount) for reversal in answer.reversals if reversal.HasField("amount")
    )
    _pay(answer, earned, paid.plan, paid.currency)
    return answer


def _tiers(answer: pb.Commission, credited: int, paid: Paid, parameters: QuotaParameters) -> int:
    """Write what each tier pays, or why none does, and return the sum."""
    tiers = tiers_of(paid.plan, parameters)
    if not paid.quota or not tiers:
        answer.withheld_code = "NO_TIERS" if paid.quota else "NO_QUOTA"
        return 0
    found = legs(credited, paid.quota, tiers, answer.method)
    amounts = cumulative([leg.amount for leg in found])
    answer.legs.extend(
        _leg(leg, amount, paid.currency) for leg, amount in zip(found, amounts, strict=True)
    )
    return sum(amounts)


def _leg(leg: Leg, amount: int, currency: str) -> pb.CommissionLeg:
    answer = pb.CommissionLeg(
        credited=from_minor(round(leg.credited), currency),
        rate=decimal_message(leg.rate),
        amount=from_minor(amount, currency),
    )
    getattr(answer, "from").CopyFrom(from_minor(round(leg.start), currency))
    if leg.end is not None:
        answer.to.CopyFrom(from_minor(round(leg.end), currency))
    if leg.applies_from is not None:
        answer.applies_from.CopyFrom(from_minor(round(leg.applies_from), currency))
    return answer


def _pay(answer: pb.Commission, earned: int, plan: pb.QuotaPlan, currency: str) -> None:
    """Set off the draw, then what was brought forward; what is taken back is always owed."""
    draw, before = to_minor_or_0(plan, "draw"), to_minor_or_0(plan, "brought_forward")
    beyond = max(earned - draw, 0)
    recovered = min(before, beyond)
    owed = max(draw - earned, 0) if plan.draw_recoverable else max(-earned, 0)
    amounts = {
        "earned": earned,
        "payable": beyond - recovered,
        "recoverable": owed,
        "recovered": recovered,
        "carried_over": before - recovered + owed,
    }
    for name, amount in amounts.items():
        getattr(answer, name).CopyFrom(from_minor(amount, currency))
    if plan.HasField("draw"):
        answer.draw.CopyFrom(plan.draw)


def to_minor_or_0(plan: pb.QuotaPlan, name: str) -> int:
    """Return an amount of the plan in minor units, 0 if it is not given."""
    amount: Money = getattr(plan, name)
    return to_minor(amount) if amount.currency_code else 0
