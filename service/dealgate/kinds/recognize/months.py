"""Months: what a day of service counts in each calendar month, by the conventions that ask.

A convention gives every month that the service touches a weight; a day counts its month's weight
over the days that are served in it, so that a cut through a month moves nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from dealgate.kinds.recognize.terms import ProrationName
from dealgate.model.days import days_of_month, months_later
from dealgate.model.ratio import Ratio

HALF = Ratio(1, 2)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month, and its days of service; days are ordinals, and inclusive."""

    begin: int
    end: int
    first: int
    last: int

    @property
    def served(self) -> int:
        """How many days are served in it."""
        return self.last - self.first + 1

    @property
    def part(self) -> Fraction:
        """Which part of it is served."""
        return Ratio(self.served, self.end - self.begin + 1)


@lru_cache(maxsize=4096)
def day_weights(first: int, last: int, proration: ProrationName) -> Mapping[int, Fraction]:
    """Return the weight of a day of service by the first day of its month."""
    months = [*_months(first, last)]
    weights = CONVENTIONS[proration](months)
    if not any(weights):
        weights = [month.part for month in months]
    return {
        month.begin: weight / month.served for month, weight in zip(months, weights, strict=True)
    }


def _months(first: int, last: int) -> Iterator[Month]:
    day = first
    while day <= last:
        begin, end = days_of_month(day)
        yield Month(begin, end, day, min(end, last))
        day = end + 1


def _monthly(months: Sequence[Month]) -> list[Fraction]:
    return [month.part for month in months]


def _evenly(months: Sequence[Month]) -> list[Fraction]:
    """Every month of service that begins counts the same (Stripe: even by month)."""
    first, last = months[0].first, months[-1].last
    begins = [_months_later(first, number) for number in range(len(months) + 1)]
    return [
        Ratio(sum(month.begin <= day <= min(month.end, last) for day in begins)) for month in months
    ]


def _months_later(day: int, months: int) -> int:
    """Behind the year 9999 no month begins."""
    try:
        return months_later(day, months)
    except (ValueError, OverflowError):
        return day - 1


def _full(months: Sequence[Month]) -> list[Fraction]:
    """The first month counts, the last one only if it is served to its end (Odoo)."""
    return [Ratio(month.last == month.end) for month in months]


def _halves(months: Sequence[Month]) -> list[Fraction]:
    """A month that is not served whole counts half (the mid-month convention)."""
    return [Ratio(1) if month.part == 1 else HALF for month in months]


def _first_and_last(months: Sequence[Month]) -> list[Fraction]:
    """Parts of months count by their days, the others share the rest evenly (Stripe)."""
    whole = sum(month.served for month in months)
    parts = sum(month.served for month in months if month.part < 1)
    even = [month for month in months if month.part == 1]
    return [
        Ratio(month.served, whole) if month.part < 1 else Ratio(whole - parts, whole * len(even))
        for month in months
    ]


CONVENTIONS: Mapping[str, Callable[[Sequence[Month]], list[Fraction]]] = {
    "monthly": _monthly,
    "month_evenly": _evenly,
    "full_months": _full,
    "half_month": _halves,
    "first_and_last": _first_and_last,
}
