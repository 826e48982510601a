"""The period of a plan: its business days or its season, and whose days in it count how much."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from dealgate.model.business_time import workdays
from dealgate.model.days import day_number, months_later
from dealgate.model.folds import summed
from dealgate.model.malformed import plain_decimal
from dealgate.model.quick import quick
from dealgate.model.ratio import Ratio
from dealgate.v1 import quota_pb2 as pb

# How much of a period's business comes from one day to another, both included, in any unit.
Measure: TypeAlias = Callable[[int, int], Fraction]


@quick
@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which a seller's quota counts by `weight`, from 0 to 1."""

    first: int
    last: int
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Period:
    """Days are ordinals, and inclusive; `today` is the day of as_of."""

    first: int
    last: int
    today: int
    measure: Measure
    business_days: int
    elapsed: int


def period_of(facts: pb.QuotaFacts, today: int) -> Period:
    """Return the period of the plan, measured by its season if there is one, else business days."""
    first, last = day_number(facts.plan.start), day_number(facts.plan.end)
    told = {day_number(day) for day in facts.holidays}
    # Sorted, because a thousand sellers with a hundred leaves each ask for stretches of days.
    holidays = sorted(day for day in told if workdays(day, day))

    def opened(begin: int, end: int) -> int:
        free = bisect_right(holidays, end) - bisect_left(holidays, begin)
        return workdays(begin, end) - max(free, 0)

    def linear(begin: int, end: int) -> Fraction:
        return Ratio(opened(begin, end))

    return Period(
        first=first,
        last=last,
        today=today,
        measure=_season(facts.seasonality, first) if facts.seasonality else linear,
        business_days=opened(first, last),
        elapsed=opened(first, min(today, last)),
    )


def _season(points: Sequence[pb.SeasonalityPoint], first: int) -> Measure:
    """Between two days that are told the share grows evenly; before the first from 0."""
    known = sorted((day_number(point.on), plain_decimal(point.share) or 0) for point in points)
    days = [first - 1, *(day for day, _ in known)]
    shares = [Ratio(0), *(Ratio(share) for _, share in known)]

    def by(day: int) -> Fraction:
        index = bisect_right(days, day) - 1
        if index < 0:
            return Ratio(0)
        if index == len(days) - 1:
            return shares[-1]
        part = Ratio(day - days[index], days[index + 1] - days[index])
        return shares[index] + part * (shares[index + 1] - shares[index])

    return lambda begin, end: by(end) - by(begin - 1) if end >= begin else Ratio(0)


def stretches(seller: pb.Seller, period: Period, ramp: Sequence[Decimal]) -> list[Stretch]:
    """Return the seller's days in the period: active, not on leave, and as far as ramped."""
    first, last = _active(seller, period)
    leaves = _merged(seller.leaves)
    cuts = {first, last + 1}
    cuts |= {day for begin, end in leaves for day in (begin, end + 1)}
    steps = _steps(seller, ramp)
    cuts |= set(steps)
    inside = sorted(cut for cut in cuts if first <= cut <= last + 1)
    found = []
    for begin, end in pairwise(inside):
        index = bisect_right(leaves, begin, key=lambda leave: leave[0]) - 1
        away = index >= 0 and begin <= leaves[index][1]
        weight = Ratio(0) if away else _ramped(begin, steps, ramp)
        found.append(Stretch(begin, end - 1, weight))
    return found


def _merged(leaves: Iterable[pb.Leave]) -> list[tuple[int, int]]:
    """Return days of leave, those that overlap or touch joined, in their order."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(
        (day_number(leave.first), day_number(leave.last)) for leave in leaves
    ):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _active(seller: pb.Seller, period: Period) -> tuple[int, int]:
    first, last = period.first, period.last
    for name in ("active_from", "hired_on"):
        if seller.HasField(name):
            first = max(first, day_number(getattr(seller, name)))
    if seller.HasField("active_until"):
        last = min(last, day_number(seller.active_until))
    return first, last


def _steps(seller: pb.Seller, ramp: Sequence[Decimal]) -> list[int]:
    """Return the first day of each month of the ramp; none if nobody knows when it began."""
    if not seller.HasField("hired_on"):
        return []
    return [months_later(day_number(seller.hired_on), month) for month in range(len(ramp))]


def _ramped(day: int, steps: Sequence[int], ramp: Sequence[Decimal]) -> Fraction:
    if not steps:
        return Ratio(1)
    return Ratio(ramp[max(bisect_right(steps, day) - 1, 0)])


def held_share(parts: Sequence[Stretch], period: Period) -> Fraction:
    """Return the share of the quota that holds, by calendar days."""
    if _is_whole(parts):
        return Ratio(sum([part.last - part.first + 1 for part in parts]), _days(period))
    days = summed((part.last - part.first + 1) * part.weight for part in parts)
    return days / _days(period)


def _days(period: Period) -> int:
    return period.last - period.first + 1


def _is_whole(parts: Sequence[Stretch]) -> bool:
    """Tell whether the whole quota holds on all of these days, as it mostly does."""
    return all(part.weight == 1 for part in parts)


def expected_share(parts: Sequence[Stretch], period: Period) -> Fraction | None:
    """Return the share that was to be expected by today; None if the whole is nothing."""
    if len(parts) == 1 and _is_whole(parts):
        return _expected_of(parts[0], period)
    whole = sum((part.weight * period.measure(part.first, part.last) for part in parts), Ratio(0))
    if not whole:
        return None
    past = sum(
        (part.weight * period.measure(part.first, min(part.last, period.today)) for part in parts),
        Ratio(0),
    )
    return past / whole


def _expected_of(part: Stretch, period: Period) -> Fraction | None:
    whole = period.measure(part.first, part.last)
    return period.measure(part.first, min(part.last, period.today)) / whole if whole else None
