"""Commission: what tiers pay on what was credited, to the minor unit, and what a draw leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.quota.credits import Claims, Credited
from dealgate.kinds.quota.terms import QuotaParameters
from dealgate.model.money import from_minor, minor_per_unit, to_minor
from dealgate.model.parts import decimal_message, fraction
from dealgate.model.rounding import cumulative
from dealgate.v1 import quota_pb2 as pb

Tiers = Sequence[tuple[Fraction, Fraction]]


@dataclass(frozen=True, slots=True)
class Leg:
    """What lies in one tier: exact minor units."""

    start: Fraction
    end: Fraction | None
    credited: Fraction
    rate: Fraction

    @property
    def amount(self) -> Fraction:
        """What it pays."""
        return self.credited * self.rate


def tiers_of(plan: pb.QuotaPlan, parameters: QuotaParameters) -> Tiers:
    """Return (share of the quota, rate) from the lowest up: the plan's, or the rule set's."""
    if plan.tiers:
        return [(fraction(getattr(tier, "from")), fraction(tier.rate)) for tier in plan.tiers]
    return [(Fraction(tier.start), Fraction(tier.rate)) for tier in parameters.tiers]


def method_of(plan: pb.QuotaPlan, parameters: QuotaParameters) -> pb.TierMethod.ValueType:
    """Return how tiers pay: as the plan says, or the rule set."""
    name = f"TIER_METHOD_{parameters.tier_method.upper()}"
    return plan.tier_method or pb.TierMethod.Value(name)


def legs(credited: int, quota: Fraction, tiers: Tiers, *, retroactive: bool) -> list[Leg]:
    """Return what each tier that was reached pays.

    A negative sum lies in the first tier: what was taken back earns a negative commission.
    """
    bounds = [(share * quota, rate) for share, rate in tiers]
    ends = [start for start, _ in bounds[1:]]
    spans = [
        (start, ends[place] if place < len(ends) else None, rate)
        for place, (start, rate) in enumerate(bounds)
    ]
    if credited < 0:
        spans = spans[:1]
    elif retroactive:
        spans = [span for span in spans if span[0] <= credited][-1:]
    else:
        return [
            Leg(start, end, min(Fraction(credited), end or Fraction(credited)) - start, rate)
            for start, end, rate in spans
            if start < credited or start == 0
        ]
    return [Leg(start, end, Fraction(credited), rate) for start, end, rate in spans]


@dataclass(frozen=True, slots=True)
class Paid:
    """What somebody is paid on: the plan, their quota in exact minor units, and their credits."""

    plan: pb.QuotaPlan
    quota: Fraction | None
    credits: Sequence[Credited]
    currency: str


def commission(paid: Paid, claims: Claims, parameters: QuotaParameters) -> pb.Commission:
    """Return what was earned on the credits that pay already, and what the draw leaves of it."""
    plan, currency = paid.plan, paid.currency
    tiers = tiers_of(plan, parameters)
    answer = pb.Commission(method=method_of(plan, parameters))
    if not paid.quota or not tiers:
        answer.withheld_code = "NO_TIERS" if paid.quota else "NO_QUOTA"
        return answer
    paying = [credit for credit in paid.credits if not credit.deferred]
    retroactive = answer.method == pb.TIER_METHOD_RETROACTIVE
    credited = sum(one.amount for one in paying)
    found = legs(credited, paid.quota, tiers, retroactive=retroactive)
    amounts = cumulative([leg.amount for leg in found])
    answer.legs.extend(
        _leg(leg, amount, currency) for leg, amount in zip(found, amounts, strict=True)
    )
    bonuses = _bonuses({credit.place: credit for credit in paying}, claims, currency)
    answer.bonuses.extend(bonuses)
    earned = sum(amounts) + sum(to_minor(bonus.amount) for bonus in bonuses)
    _pay(answer, earned, plan, currency)
    return answer


def _leg(leg: Leg, amount: int, currency: str) -> pb.CommissionLeg:
    answer = pb.CommissionLeg(
        credited=from_minor(round(leg.credited), currency),
        rate=decimal_message(leg.rate),
        amount=from_minor(amount, currency),
    )
    getattr(answer, "from").CopyFrom(from_minor(round(leg.start), currency))
    if leg.end is not None:
        answer.to.CopyFrom(from_minor(round(leg.end), currency))
    return answer


def _bonuses(
    paying: dict[int, Credited], claims: Claims, currency: str
) -> list[pb.CommissionBonus]:
    found = []
    for place, rule in claims.bonuses:
        if place in paying:
            effect = rule.then
            amount = round(paying[place].amount * Fraction(effect.rate or 0))
            amount += round(Fraction(effect.amount or 0) * minor_per_unit(currency))
            found.append(
                pb.CommissionBonus(
                    credit_id=paying[place].id,
                    code=effect.code,
                    amount=from_minor(amount, currency),
                    rule_id=rule.id,
                )
            )
    return found


def _pay(answer: pb.Commission, earned: int, plan: pb.QuotaPlan, currency: str) -> None:
    draw = to_minor(plan.draw) if plan.HasField("draw") else 0
    answer.earned.CopyFrom(from_minor(earned, currency))
    answer.payable.CopyFrom(from_minor(max(earned - draw, 0), currency))
    owed = max(draw - earned, 0) if plan.draw_recoverable else 0
    answer.recoverable.CopyFrom(from_minor(owed, currency))
    if plan.HasField("draw"):
        answer.draw.CopyFrom(plan.draw)
