"""Business time: the hours an office is open, Monday to Friday, in UTC.

Public holidays and time zones are not known here. Instants and spans are nanoseconds.
"""

import datetime as dt
from dataclasses import dataclass

from dealgate.model.instants import DAY, HOUR

WORKDAYS = 5
EPOCH = dt.date(1970, 1, 1)
LAST_ORDINAL = dt.date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Office:
    """Open from one full hour to another on the same day: 0 <= opens < closes <= 24."""

    opens: int
    closes: int

    def after_hours(self, start: int, hours: int) -> int:
        """Return the instant at which so many open hours have passed since `start`.

        If the office is closed at `start`, they are counted from when it opens.
        """
        day, left = start // DAY, hours * HOUR
        while True:
            begin = max(start, day * DAY + self.opens * HOUR)
            room = day * DAY + self.closes * HOUR - begin if _is_workday(day) else 0
            if room > 0 and left <= room:
                return begin + left
            left -= max(room, 0)
            day += 1

    def after_days(self, start: int, days: int) -> int:
        """Return when the office closes on the so-manieth (>= 1) workday after that of `start`."""
        day = start // DAY
        for _ in range(days):
            day += 1
            while not _is_workday(day):
                day += 1
        return day * DAY + self.closes * HOUR


def date_after(start: int, days: int) -> dt.date:
    """Return the UTC date of the instant `start`, so many days later; at most year 9999."""
    return dt.date.fromordinal(min(ordinal(start) + days, LAST_ORDINAL))


def ordinal(instant: int) -> int:
    """Return the number of the instant's UTC day, as `date.toordinal` counts."""
    return EPOCH.toordinal() + instant // DAY


def workdays(first: int, last: int) -> int:
    """Count Mondays to Fridays from one day to another, both included; days are ordinals."""
    days = max(last - first + 1, 0)
    weeks, rest = divmod(days, 7)
    # Ordinal 1 was a Monday.
    return weeks * WORKDAYS + sum((first - 1 + day) % 7 < WORKDAYS for day in range(rest))


def _is_workday(day: int) -> bool:
    """Days count from the epoch, which was a Thursday."""
    return (day + EPOCH.weekday()) % 7 < WORKDAYS
