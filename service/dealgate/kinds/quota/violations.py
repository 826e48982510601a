"""What can be wrong with the facts of a quota."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from google.type.money_pb2 import Money

from dealgate.kinds.quota.credit_violations import credit_violations
from dealgate.kinds.quota.reversal_violations import reversal_violations, reversed_amounts
from dealgate.kinds.quota.seller_violations import YEAR_MAX, seller_violations
from dealgate.kinds.quota.terms import QuotaParameters
from dealgate.model.amounts import bounded_sum, total
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import at_most, non_negative_money, required, required_id, same_currency
from dealgate.model.days import day_number, precedes
from dealgate.model.errors import Violation
from dealgate.model.fiscal import FiscalCalendar
from dealgate.model.malformed import malformed, plain_decimal
from dealgate.model.zones import zone_violations
from dealgate.v1 import quota_pb2 as pb

SELLERS_MAX = 1000
CREDITS_MAX = 10_000
DAYS_MAX = 3660
LISTED_MAX = 1000
TIERS_MAX = 100


def violations(
    facts: pb.QuotaFacts, parameters: QuotaParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch).

    Only malformed values are reported if there are any: nothing else can be said of an invalid day.
    """
    return malformed(facts) or [
        *out_of_bounds(facts),
        *sound_violations(facts, parameters, as_of),
    ]


def sound_violations(
    facts: pb.QuotaFacts, parameters: QuotaParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    return [
        *_plan(facts.plan),
        *_fiscal(facts.plan, parameters.fiscal),
        *seller_violations(facts),
        *credit_violations(facts, as_of),
        *reversal_violations(facts),
        *_amounts(facts),
        *_season(facts),
        *_sizes(facts),
        *zone_violations("time_zone", facts.time_zone),
    ]


def _plan(plan: pb.QuotaPlan) -> Iterator[Violation]:
    yield from required_id("plan.id", plan.id)
    for name in ("start", "end"):
        yield from required(f"plan.{name}", plan.HasField(name))
    if plan.HasField("start") and plan.HasField("end"):
        days = day_number(plan.end) - day_number(plan.start)
        if days < 0:
            yield Violation("plan.end", "is before start")
        elif days > DAYS_MAX or plan.end.year > YEAR_MAX:
            yield Violation("plan.end", "is more than ten years later, or after the year 9000")
    for name, other in (("fiscal_start", "start"), ("fiscal_end", "end")):
        if plan.HasField(name) and getattr(plan, name) != getattr(plan, other):  # type: ignore[arg-type]
            cure = f"is not {other}: a quota has exactly the days of its fiscal period"
            yield Violation(f"plan.{name}", cure)
    if precedes(plan, "closed_on", plan, "start"):
        yield Violation("plan.closed_on", "is before start, so that nothing would count")
    yield from _tiers(plan.tiers)
    yield from non_negative_money("plan.draw", plan.draw)
    yield from non_negative_money("plan.brought_forward", plan.brought_forward)
    if plan.HasField("draw") and not plan.HasField("draw_recoverable"):
        yield Violation("plan.draw_recoverable", "is required: there is a draw")


def _fiscal(plan: pb.QuotaPlan, fiscal: FiscalCalendar | None) -> Iterator[Violation]:
    """A quota has exactly the days of a part of the fiscal year, or it belongs to none."""
    if fiscal is None or not (plan.HasField("start") and plan.HasField("end")):
        return
    days = day_number(plan.start), day_number(plan.end)
    quarters = fiscal.quarters(days[0])
    parts = [fiscal.year_of(days[0]), *quarters, *fiscal.periods(days[0])]
    spans = {(part.first, part.last) for part in parts}
    spans |= {(one.first, other.last) for one, other in (quarters[:2], quarters[2:])}
    if days not in spans:
        near = fiscal.quarter_of(days[0])
        first, last = (dt.date.fromordinal(day) for day in (near.first, near.last))
        cure = f"are not a year, half, quarter or period of the rules' calendar; {near.name} is "
        yield Violation("plan", f"start and end {cure}{first} to {last}")


def _tiers(tiers: Sequence[pb.CommissionTier]) -> Iterator[Violation]:
    before = Decimal(-1)
    for index, tier in enumerate(tiers):
        path = f"plan.tiers[{index}]"
        start, rate = plain_decimal(getattr(tier, "from")), plain_decimal(tier.rate)
        if start is None:
            yield Violation(f"{path}.from", "is required")
        elif start <= before or (index == 0 and start != 0):
            yield Violation(f"{path}.from", "must rise; the first is 0")
        if rate is None:
            yield Violation(f"{path}.rate", "is required; 6 % is 0.06")
        applies_from = plain_decimal(tier.applies_from)
        if start is not None and applies_from is not None and applies_from > start:
            yield Violation(f"{path}.applies_from", "must be at most from")
        before = start if start is not None else before


def _amounts(facts: pb.QuotaFacts) -> Iterator[Violation]:
    given: list[tuple[str, Money]] = [
        *((f"sellers[{index}].quota", seller.quota) for index, seller in enumerate(facts.sellers)),
        ("plan.draw", facts.plan.draw),
        ("plan.brought_forward", facts.plan.brought_forward),
        *(
            (f"credits[{index}].amount", credit.amount)
            for index, credit in enumerate(facts.credits)
        ),
        *reversed_amounts(facts),
    ]
    yield from same_currency(given)
    if facts.sellers and not any(amount.currency_code for _, amount in given):
        yield Violation(
            "credits", "are empty, and there is neither quota nor draw: nothing to track"
        )
    whole = total(amount for _, amount in given)
    yield from bounded_sum("credits", whole, subject="and quotas")


def _season(facts: pb.QuotaFacts) -> Iterator[Violation]:
    before: tuple[int, Decimal] | None = None
    for index, point in enumerate(facts.seasonality):
        path = f"seasonality[{index}]"
        number = plain_decimal(point.share)
        yield from required(f"{path}.on", point.HasField("on"))
        yield from required(f"{path}.share", number is not None)
        if not point.HasField("on") or number is None:
            return
        day = day_number(point.on)
        plan = facts.plan
        if precedes(point, "on", plan, "start") or precedes(plan, "end", point, "on"):
            yield Violation(f"{path}.on", "is not in the period")
        if before is not None and (day <= before[0] or number < before[1]):
            yield Violation(path, "must come after the one before, with no smaller share")
        before = (day, number)
    if before is not None and before[1] != 1:
        yield Violation("seasonality", "must end at 1: by the last point all business is in")


def _sizes(facts: pb.QuotaFacts) -> Iterator[Violation]:
    for name, most in (
        ("sellers", SELLERS_MAX),
        ("credits", CREDITS_MAX),
        ("holidays", LISTED_MAX),
        ("seasonality", LISTED_MAX),
    ):
        yield from at_most(name, getattr(facts, name), most)
    yield from at_most("plan.tiers", facts.plan.tiers, TIERS_MAX)
