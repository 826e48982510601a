"""Financing (32-15 to 32-20): what payments are worth when control passes, and the interest."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate

from dealgate.kinds.recognize.calendar import Calendar
from dealgate.model.days import day_number, months_later
from dealgate.model.money import to_minor
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.model.rounding import cumulative
from dealgate.v1 import recognize_pb2 as pb

YEAR = 12
SCALE = 10**40


@dataclass(frozen=True, slots=True)
class Interest:
    """Interest by period, in whole minor units: of customers for paying late, ours for early."""

    income: Sequence[int]
    expense: Sequence[int]

    @property
    def total(self) -> int:
        """What is paid and is not revenue; negative: what is revenue and is not paid."""
        return sum(self.income) - sum(self.expense)


@dataclass(frozen=True, slots=True)
class Rate:
    """A yearly rate that bears interest on interest after so many months."""

    yearly: Fraction
    months: int

    def growth(self, first: int, last: int) -> Fraction:
        """Return what 1 becomes from one day to another, simple within a compounding period."""
        whole, rest = divmod(_months(first, last), self.months)
        rate = self.yearly * self.months / YEAR
        return _power(1 + rate, int(whole)) * (1 + rate * rest / self.months)


def interest_of(facts: pb.RecognizeFacts, calendar: Calendar) -> Interest | None:
    """Return the interest in the price, None if there is no financing."""
    if not facts.HasField("financing"):
        return None
    told = facts.financing
    rate = Rate(fraction(told.annual_rate), told.compounding_months or YEAR)
    transfer = day_number(told.transfer_on)
    paid = [(day_number(payment.on), to_minor(payment.amount)) for payment in told.payments]
    early = [(day, amount) for day, amount in paid if day <= transfer]
    late = [(day, amount) for day, amount in paid if day > transfer]
    return Interest(
        income=_by_period(calendar, _income(rate, transfer, late)),
        expense=_by_period(calendar, _expense(rate, transfer, early)),
    )


def grown_at_transfer(told: pb.Financing) -> Fraction:
    """Return what all payments before the day of transfer have grown to then, in minor units."""
    rate = Rate(fraction(told.annual_rate), told.compounding_months or YEAR)
    transfer = day_number(told.transfer_on)
    return sum(
        (
            to_minor(payment.amount) * rate.growth(day_number(payment.on), transfer)
            for payment in told.payments
            if day_number(payment.on) < transfer
        ),
        Ratio(0),
    )


Running = Callable[[int], Fraction]


def _by_period(calendar: Calendar, until: Running) -> list[int]:
    """Return the interest of each period; a day's interest is complete when it is over."""
    totals = [until(end + 1) for end in calendar.ends]
    return cumulative(
        [after - before for before, after in zip([Ratio(0), *totals], totals, strict=False)]
    )


def _expense(rate: Rate, transfer: int, payments: Sequence[tuple[int, int]]) -> Running:
    """Return what we owe for early payments by a day: they grow until control passes."""

    def until(day: int) -> Fraction:
        last = min(day, transfer)
        grown = (amount * (rate.growth(paid, last) - 1) for paid, amount in payments if paid < last)
        return sum(grown, Ratio(0))

    return until


def _income(rate: Rate, transfer: int, payments: Sequence[tuple[int, int]]) -> Running:
    """Return what customers owe by a day for paying late: what it was worth at transfer grows."""
    ordered = sorted(payments)
    days = [paid for paid, _ in ordered]
    present = [amount / rate.growth(transfer, paid) for paid, amount in ordered]
    # What is unpaid grows together, and what was paid has its interest: running totals of both.
    unpaid = [*accumulate(reversed(present), initial=Ratio(0))][::-1]
    earned = [amount - worth for (_, amount), worth in zip(ordered, present, strict=True)]
    done = [*accumulate(earned, initial=Ratio(0))]

    def until(day: int) -> Fraction:
        if day <= transfer:
            return Ratio(0)
        number = bisect_right(days, day)
        return done[number] + unpaid[number] * (rate.growth(transfer, day) - 1)

    return until


@lru_cache(maxsize=4096)
def _power(base: Fraction, exponent: int) -> Fraction:
    """Return a power to forty decimals: an exact one would have thousands of digits."""
    grown, factor = SCALE, round(base * SCALE)
    while exponent:
        if exponent % 2:
            grown = grown * factor // SCALE
        factor, exponent = factor * factor // SCALE, exponent // 2
    return Ratio(grown, SCALE)


@lru_cache(maxsize=65_536)
def _months(first: int, last: int) -> Fraction:
    """Return the months between two days; part of one by its days."""
    count = max((last - first) // 31, 0)
    while _later(first, count + 1) <= last:
        count += 1
    begin, end = _later(first, count), _later(first, count + 1)
    return count + Ratio(last - begin, end - begin)


def _later(day: int, months: int) -> int:
    """Behind the year 9999 a month has 31 days."""
    try:
        return months_later(day, months)
    except (ValueError, OverflowError):
        return _later(day, months - 1) + 31
