"""Spans: days of service, and how much of them lies in any part, by the convention of proration."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.calendar import Calendar
from dealgate.kinds.recognize.months import day_weights
from dealgate.kinds.recognize.terms import ProrationName
from dealgate.model.days import days_of_month
from dealgate.model.ratio import Ratio


@dataclass(frozen=True, slots=True)
class Span:
    """Days of service, and the convention by which they count.

    `whole` are the days of the service that this is a part of: most conventions weigh a day by
    the whole service in its month or period.
    """

    first: int
    last: int
    proration: ProrationName = "daily"
    whole: tuple[int, int] | None = None

    @property
    def served(self) -> tuple[int, int]:
        """The first and last day of the whole service."""
        return self.whole or (self.first, self.last)

    def measure(self, first: int, last: int, calendar: Calendar) -> Fraction:
        """Return how much of the span lies from `first` to `last`, in units of its convention."""
        first, last = max(first, self.first), min(last, self.last)
        if first > last:
            return Ratio(0)
        if self.proration == "daily":
            return Ratio(last - first + 1)
        if self.proration == "equal_periods":
            return self._periods(first, last, calendar)
        return self._months(first, last)

    def share(self, first: int, last: int, calendar: Calendar) -> Fraction:
        """Return which share of the span lies from `first` to `last`.

        By days, if the convention gives the span no weight at all, such as part of a month that
        full months do not count.
        """
        whole = self.measure(self.first, self.last, calendar)
        if whole:
            return self.measure(first, last, calendar) / whole
        days = min(last, self.last) - max(first, self.first) + 1
        return Ratio(max(days, 0), self.last - self.first + 1)

    def by_period(self, calendar: Calendar) -> Iterator[tuple[int, Fraction]]:
        """Yield the share of each period that the span touches."""
        whole = self.measure(self.first, self.last, calendar)
        for index, first, last in calendar.overlaps(self.first, self.last):
            if whole:
                yield index, self.measure(first, last, calendar) / whole
            else:
                yield index, self.share(first, last, calendar)

    def _periods(self, first: int, last: int, calendar: Calendar) -> Fraction:
        whole = Ratio(0)
        begins, ends = self.served
        for index, begin, end in calendar.overlaps(first, last):
            served = min(ends, calendar.ends[index]) - max(begins, calendar.starts[index])
            whole += Ratio(end - begin + 1, served + 1)
        return whole

    def _months(self, first: int, last: int) -> Fraction:
        weights = day_weights(*self.served, self.proration)
        whole = Ratio(0)
        while first <= last:
            begin, end = days_of_month(first)
            whole += weights[begin] * (min(last, end) - first + 1)
            first = end + 1
        return whole
