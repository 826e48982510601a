"""The finance calendar: periods as day numbers, and how much of a span falls into each."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.terms import ProrationName
from dealgate.model.days import day_number, days_of_month
from dealgate.v1 import recognize_pb2 as pb


@dataclass(frozen=True, slots=True)
class Calendar:
    """Periods one after the other, without gaps; days are ordinals, and inclusive.

    A schedule has a slot for every period, and two more: what waits for an event, and what was
    cancelled.
    """

    starts: Sequence[int]
    ends: Sequence[int]

    @property
    def waiting(self) -> int:
        """The slot of what waits for an event."""
        return len(self.ends)

    @property
    def cancelled(self) -> int:
        """The slot of what was cancelled."""
        return len(self.ends) + 1

    def place(self, day: int) -> int:
        """Return the number of the period that the day is in."""
        return bisect_left(self.ends, day)

    def overlaps(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """Yield each period that the span touches: its number, and the days they share."""
        for place in range(self.place(first), self.place(last) + 1):
            yield place, max(first, self.starts[place]), min(last, self.ends[place])


def calendar_of(periods: Sequence[pb.FinancePeriod]) -> Calendar:
    """Return the calendar of periods that the check let pass."""
    return Calendar(
        [day_number(period.start) for period in periods],
        [day_number(period.end) for period in periods],
    )


@dataclass(frozen=True, slots=True)
class Span:
    """Days of service, and the convention by which they count.

    `whole` are the days of the service that this is a part of: equal periods count a day by how
    many days of the whole are in its period.
    """

    first: int
    last: int
    proration: ProrationName = "daily"
    whole: tuple[int, int] | None = None

    def measure(self, first: int, last: int, calendar: Calendar) -> Fraction:
        """Return how much of the span lies from `first` to `last`, in units of its convention."""
        first, last = max(first, self.first), min(last, self.last)
        if first > last:
            return Fraction(0)
        if self.proration == "daily":
            return Fraction(last - first + 1)
        if self.proration == "monthly":
            return _months(first, last)
        return self._periods(first, last, calendar)

    def _periods(self, first: int, last: int, calendar: Calendar) -> Fraction:
        found = Fraction(0)
        begins, ends = self.whole or (self.first, self.last)
        for place, begin, end in calendar.overlaps(first, last):
            served = min(ends, calendar.ends[place]) - max(begins, calendar.starts[place])
            found += Fraction(end - begin + 1, served + 1)
        return found


def _months(first: int, last: int) -> Fraction:
    found = Fraction(0)
    while first <= last:
        begin, end = days_of_month(first)
        found += Fraction(min(last, end) - first + 1, end - begin + 1)
        first = end + 1
    return found
