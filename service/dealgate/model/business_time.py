"""Business time: the hours an office is open, Monday to Friday, public holidays apart.

Instants and spans are nanoseconds. Days are those of the office's time zone; their hours are
read off the clock on its wall, so an office that opens at nine does so in summer and in winter.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from holidays import country_holidays

from dealgate.model.instants import DAY, HOUR, SECOND

WORKDAYS = 5
UTC = "UTC"
EPOCH = dt.date(1970, 1, 1)
FIRST_ORDINAL, LAST_ORDINAL = dt.date.min.toordinal(), dt.date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Office:
    """Open from one full hour to another on the same day: 0 <= opens < closes <= 24.

    `zone` is an IANA time zone, `region` whose public holidays close it: ISO 3166-1 or -2 codes
    such as "DE" and "US-CA", or "" for none.
    """

    opens: int
    closes: int
    zone: str = UTC
    region: str = ""

    def after(self, start: int, span: int) -> int:
        """Return the instant at which it was open for `span` since `start`.

        If the office is closed at `start`, time is counted from when it opens.
        """
        day, left = self._day(start), span
        while True:
            opening, closing = self._hours(day)
            begin = max(start, opening)
            room = closing - begin if self._is_workday(day) else 0
            if room > 0 and left <= room:
                return begin + left
            left -= max(room, 0)
            day += 1

    def after_hours(self, start: int, hours: int) -> int:
        """Return the instant at which so many open hours have passed since `start`."""
        return self.after(start, hours * HOUR)

    def after_days(self, start: int, days: int) -> int:
        """Return when the office closes on the so-manieth workday after that of `start`.

        For 0 days that is the day of `start` itself, or the next one if it is over by then.
        """
        day = self._day(start)
        if days == 0 and (not self._is_workday(day) or self._hours(day)[1] <= start):
            days = 1
        for _ in range(days):
            day += 1
            while not self._is_workday(day):
                day += 1
        return self._hours(day)[1]

    def is_open(self, instant: int) -> bool:
        """Tell whether somebody works there then."""
        day = self._day(instant)
        opening, closing = self._hours(day)
        return self._is_workday(day) and opening <= instant < closing

    def _day(self, instant: int) -> int:
        """Return the office's day, counted from the epoch."""
        day = instant // DAY
        if self.zone == UTC or not _is_in_calendar(day):
            return day
        local = dt.datetime.fromtimestamp(instant // SECOND, _zone(self.zone))
        return local.toordinal() - EPOCH.toordinal()

    def _hours(self, day: int) -> tuple[int, int]:
        if self.zone == UTC or not _is_in_calendar(day):
            return day * DAY + self.opens * HOUR, day * DAY + self.closes * HOUR
        return _on_the_clock(day, self.opens, self.zone), _on_the_clock(day, self.closes, self.zone)

    def _is_workday(self, day: int) -> bool:
        """Days count from the epoch, which was a Thursday."""
        if (day + EPOCH.weekday()) % 7 >= WORKDAYS:
            return False
        return not (self.region and _is_in_calendar(day) and _is_holiday(self.region, day))


def is_zone(name: str) -> bool:
    """Tell whether there is a time zone of that name."""
    try:
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def is_region(code: str) -> bool:
    """Tell whether the holidays of that country or part of one are known."""
    try:
        _holidays(code, EPOCH.year)
    except NotImplementedError:
        return False
    return True


def date_after(start: int, days: int) -> dt.date:
    """Return the UTC date of the instant `start`, so many days later; at most year 9999."""
    return dt.date.fromordinal(min(ordinal(start) + days, LAST_ORDINAL))


def ordinal(instant: int) -> int:
    """Return the number of the instant's UTC day, as `date.toordinal` counts."""
    return EPOCH.toordinal() + instant // DAY


def workday_after(day: int, days: int) -> int:
    """Return the so-manieth Monday to Friday after `day`, an ordinal; 0: the day itself.

    At most the last day of year 9999.
    """
    while days:
        day += 1
        # Ordinal 1 was a Monday.
        days -= (day - 1) % 7 < WORKDAYS
    return min(day, LAST_ORDINAL)


def workdays(first: int, last: int) -> int:
    """Count Mondays to Fridays from one day to another, both included; days are ordinals."""
    days = max(last - first + 1, 0)
    weeks, rest = divmod(days, 7)
    # Ordinal 1 was a Monday.
    return weeks * WORKDAYS + sum((first - 1 + day) % 7 < WORKDAYS for day in range(rest))


def _is_in_calendar(day: int) -> bool:
    """Zones and holidays end with the calendar, a day short of which there is none after it."""
    return FIRST_ORDINAL < EPOCH.toordinal() + day < LAST_ORDINAL - 1


def _on_the_clock(day: int, hour: int, zone: str) -> int:
    """Return when the clock in that zone shows the full hour; 24 is midnight after that day."""
    date = dt.date.fromordinal(EPOCH.toordinal() + day + hour // 24)
    shown = dt.datetime.combine(date, dt.time(hour % 24), _zone(zone))
    return int(shown.timestamp()) * SECOND


def _is_holiday(region: str, day: int) -> bool:
    date = dt.date.fromordinal(EPOCH.toordinal() + day)
    return date in _holidays(region, date.year)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(4096)
def _holidays(region: str, year: int) -> frozenset[dt.date]:
    country, _, part = region.partition("-")
    return frozenset(country_holidays(country, subdiv=part or None, years=year))
