"""Hours of a day as people write them, "09:00-12:30", as minutes since its midnight.

Hours that end before they begin end on the next day: "22:00-06:00" are eight hours of a night.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CURE = 'is not hours of a day; write them as "09:00-12:30", a night as "22:00-06:00"'

# From which minute of the day until which; until may lie on the next day.
Shift: TypeAlias = tuple[int, int]
Week: TypeAlias = tuple[tuple[Shift, ...], ...]


def shift_of(text: str) -> Shift | None:
    """Return the hours that the text says, or None if it says none."""
    match = HOURS.fullmatch(text)
    if match is None:
        return None
    begin, end = (int(match[at]) * 60 + int(match[at + 1]) for at in (1, 3))
    if end > DAY_MINUTES or begin == end:
        return None
    return begin, end if end > begin else end + DAY_MINUTES


def shifts_of(texts: Sequence[str]) -> tuple[Shift, ...]:
    """Return the hours of a day in their order; the check has seen to it that they are hours."""
    return tuple(sorted(shift for text in texts if (shift := shift_of(text)) is not None))


def week_of(days: Mapping[str, Sequence[str]]) -> Week:
    """Return the hours of Monday to Sunday by the names of the days; others are closed."""
    return tuple(shifts_of(days.get(name, ())) for name in DAY_NAMES)


def overlap(week: Week) -> str | None:
    """Return the day whose hours run into later ones, or None if none do."""
    shifts = sorted(_in_week(week))
    if not shifts:
        return None
    first = shifts[0]
    following = [*shifts, (first[0] + WEEK_MINUTES, first[1] + WEEK_MINUTES, first[2])]
    return next(
        (earlier[2] for earlier, later in pairwise(following) if earlier[1] > later[0]), None
    )


def _in_week(week: Week) -> Iterator[tuple[int, int, str]]:
    for number, shifts in enumerate(week):
        for begin, end in shifts:
            yield number * DAY_MINUTES + begin, number * DAY_MINUTES + end, DAY_NAMES[number]
