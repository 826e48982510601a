"""The finance calendar: periods as day numbers, one after the other."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dealgate.model.days import day_number
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

    def index(self, day: int) -> int:
        """Return the number of the period that the day is in."""
        return bisect_left(self.ends, day)

    def overlaps(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """Yield each period that the span touches: its number, and the days they share."""
        for index in range(self.index(first), self.index(last) + 1):
            yield index, max(first, self.starts[index]), min(last, self.ends[index])


def calendar_of(periods: Sequence[pb.FinancePeriod]) -> Calendar:
    """Return the calendar of periods that the check let pass."""
    return Calendar(
        [day_number(period.start) for period in periods],
        [day_number(period.end) for period in periods],
    )
