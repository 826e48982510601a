"""The finance calendar: periods as day numbers, one after the other."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dealgate.model.checks import are_usual_ids
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
    return _calendar(_content(periods)) or _read(periods)


def is_without_gaps(periods: Sequence[pb.FinancePeriod]) -> bool:
    """Tell whether periods, of days that are sound, follow one upon the other."""
    return _calendar(_content(periods)) is not None


def sound_calendar(periods: Sequence[pb.FinancePeriod]) -> Calendar | None:
    """Return the calendar if nothing is wrong with it: no gaps, and ids that differ."""
    content = _content(periods)
    return _calendar(content) if content and _is_named(content) else None


@lru_cache(maxsize=64)
def _is_named(content: tuple[bytes, ...]) -> bool:
    return are_usual_ids([pb.FinancePeriod.FromString(data).id for data in content])


def _content(periods: Sequence[pb.FinancePeriod]) -> tuple[bytes, ...]:
    return tuple([period.SerializeToString() for period in periods])


@lru_cache(maxsize=64)
def _calendar(content: tuple[bytes, ...]) -> Calendar | None:
    """Return the calendar of periods without gaps: a company has one for all its contracts."""
    periods = [pb.FinancePeriod.FromString(data) for data in content]
    if not all(period.HasField("start") and period.HasField("end") for period in periods):
        return None
    calendar = _read(periods)
    forward = all(first <= last for first, last in zip(calendar.starts, calendar.ends, strict=True))
    joined = [end + 1 for end in calendar.ends[:-1]] == calendar.starts[1:]
    return calendar if forward and joined else None


def _read(periods: Sequence[pb.FinancePeriod]) -> Calendar:
    return Calendar(
        [day_number(period.start) for period in periods],
        [day_number(period.end) for period in periods],
    )
