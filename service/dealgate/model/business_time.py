"""Business time: the hours an office is open, in any week, public holidays apart.

Instants and spans are nanoseconds. Days are those of the office's time zone; their hours are
read off the clock on its wall, so an office that opens at nine does so in summer and in winter.
Weekends and public holidays are those of the package `holidays`: a region's week is its own.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from holidays import country_holidays
from holidays.registry import EntityLoader

from dealgate.model.hours import DAY_MINUTES, Shift, Week
from dealgate.model.instants import DAY, HOUR, SECOND
from dealgate.model.zones import FIRST_ORDINAL, LAST_ORDINAL, UTC, day_in, is_zone

__all__ = ["LAST_ORDINAL", "UTC", "Office", "is_zone"]

WORKDAYS = 5
DAYS_KEPT = 512
EPOCH = dt.date(1970, 1, 1)
MINUTE = 60 * SECOND
OF_NO_COUNTRY = frozenset({"001", "ZZ"})  # as CLDR files Etc/UTC
SATURDAY_AND_SUNDAY = frozenset({5, 6})


@dataclass(frozen=True, slots=True)
class Office:
    """Open from one full hour to another: 0 <= opens < 24, 0 < closes <= 24.

    If it closes before it opens, it does so on the next day. `zone` is an IANA time zone, `region`
    whose weekends and public holidays close it: ISO 3166-1 or -2 codes such as "DE" and "US-CA",
    or "" for none but Saturday and Sunday. `week` are the hours of Monday to Sunday instead of
    these. `half_days` are other hours of days of every year (month, day), `days_off` ordinals of
    days of its own on which nobody works.
    """

    opens: int
    closes: int
    zone: str = UTC
    region: str = ""
    week: Week | None = None
    days_off: frozenset[int] = frozenset()
    half_days: Mapping[tuple[int, int], tuple[Shift, ...]] = field(default_factory=dict)
    # By day; an office is mostly asked about the same ones.
    _known: dict[int, list[tuple[int, int]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def after(self, start: int, span: int) -> int:
        """Return the instant at which it was open for `span` since `start`.

        If the office is closed at `start`, time is counted from when it opens.
        """
        left = span
        for begin, end in self.spans(start):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        raise AssertionError("an office opens again and again")

    def after_hours(self, start: int, hours: int) -> int:
        """Return the instant at which this number of open hours has passed since `start`."""
        return self.after(start, hours * HOUR)

    def after_days(self, start: int, days: int) -> int:
        """Return when the office closes on the so-manieth workday after that of `start`.

        For 0 days that is the day of `start` itself, or the next one if it is over by then. A
        night belongs to the day on which it began.
        """
        day = self._day(start)
        if any(begin <= start < end for begin, end in self._shifts(day - 1)):
            day -= 1
        shifts = self._shifts(day)
        if days == 0 and (not shifts or shifts[-1][1] <= start):
            days = 1
        for _ in range(days):
            day += 1
            while not self._shifts(day):
                day += 1
        return self._shifts(day)[-1][1]

    def is_open(self, instant: int) -> bool:
        """Tell whether somebody works there then."""
        day = self._day(instant)
        shifts = [*self._shifts(day - 1), *self._shifts(day)]
        return any(begin <= instant < end for begin, end in shifts)

    def spans(self, start: int) -> Iterator[tuple[int, int]]:
        """Yield, without end, from when until when it is open, from `start` on."""
        # What began yesterday may not be over.
        day, counted = self._day(start) - 1, start
        while True:
            for begin, end in self._shifts(day):
                # A night that lasts into the next day's hours is open once.
                if end > counted:
                    yield max(begin, counted), end
                    counted = end
            day += 1

    def _day(self, instant: int) -> int:
        """Return the office's day, counted from the epoch."""
        return day_in(self.zone, instant) - EPOCH.toordinal()

    def _shifts(self, day: int) -> list[tuple[int, int]]:
        """Return from when until when it is open, of the hours that begin on that day."""
        shifts = self._known.get(day)
        if shifts is None:
            if len(self._known) >= DAYS_KEPT:
                self._known.clear()
            shifts = self._known[day] = self._read_shifts(day)
        return shifts

    def _read_shifts(self, day: int) -> list[tuple[int, int]]:
        minutes = self._minutes(day)
        if self.zone == UTC or not _is_in_calendar(day):
            midnight = day * DAY
            return [(midnight + a * MINUTE, midnight + b * MINUTE) for a, b in minutes]
        shifts = (
            (_on_the_clock(day, begin, self.zone), _on_the_clock(day, end, self.zone))
            for begin, end in minutes
        )
        # Half an hour that the clock leaves out in spring would end before it begins.
        return [(begin, end) for begin, end in shifts if begin < end]

    def _minutes(self, day: int) -> tuple[Shift, ...]:
        """Days count from the epoch, which was a Thursday."""
        weekday = (day + EPOCH.weekday()) % 7
        usual = self._usual(day, weekday)
        if not usual or not _is_in_calendar(day):
            return usual
        ordinal_ = EPOCH.toordinal() + day
        if ordinal_ in self.days_off:
            return ()
        date = dt.date.fromordinal(ordinal_)
        if self.region and date in _calendar(self.region, date.year).holidays:
            return ()
        return self.half_days.get((date.month, date.day), usual)

    def _usual(self, day: int, weekday: int) -> tuple[Shift, ...]:
        if self.week is not None:
            return self.week[weekday]
        if weekday in self._weekend(day):
            return ()
        closes = self.closes if self.closes > self.opens else self.closes + 24
        return ((self.opens * 60, closes * 60),)

    def _weekend(self, day: int) -> frozenset[int]:
        if not self.region or not _is_in_calendar(day):
            return SATURDAY_AND_SUNDAY
        date = dt.date.fromordinal(EPOCH.toordinal() + day)
        calendar = _calendar(self.region, date.year)
        return frozenset() if date in calendar.workdays else calendar.weekend


def is_region(code: str) -> bool:
    """Tell whether the holidays of that country or part of one are known."""
    if code in EntityLoader.get_country_codes():
        return True  # a look at its calendar would load those of all countries
    try:
        _calendar(code, EPOCH.year)
    except NotImplementedError:
        return False
    return True


def load_calendars() -> None:
    """Load zones, and the holidays of all countries: takes as long as a hundred decisions."""
    is_zone(UTC)
    _calendar("DE", EPOCH.year)


@lru_cache(1024)
def country_of_zone(zone: str) -> str:
    """Return the country whose clocks a time zone is, by its present or a former name; or ""."""
    countries = get_global("zone_territories")
    country = countries.get(zone) or countries.get(get_global("zone_aliases").get(zone, ""), "")
    return str(country) if country not in OF_NO_COUNTRY else ""


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


# By the day that some days of a week begin with, and how many they are: the workdays among them.
_PART_OF_A_WEEK = tuple(
    tuple(sum((first + day) % 7 < WORKDAYS for day in range(days)) for days in range(7))
    for first in range(7)
)


def workdays(first: int, last: int) -> int:
    """Count Mondays to Fridays from one day to another, both included; days are ordinals."""
    weeks, rest = divmod(max(last - first + 1, 0), 7)
    # Ordinal 1 was a Monday.
    return weeks * WORKDAYS + _PART_OF_A_WEEK[(first - 1) % 7][rest]


def _is_in_calendar(day: int) -> bool:
    """Zones and holidays end with the calendar; its last day has no day after it."""
    return FIRST_ORDINAL < EPOCH.toordinal() + day < LAST_ORDINAL - 1


def _on_the_clock(day: int, minute: int, zone: str) -> int:
    """Return when the clock in that zone shows the minute of the day; it may be the next day's."""
    days, minute = divmod(minute, DAY_MINUTES)
    date = dt.date.fromordinal(EPOCH.toordinal() + day + days)
    shown = dt.datetime.combine(date, dt.time(*divmod(minute, 60)), _zone(zone))
    return int(shown.timestamp()) * SECOND


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """A region's year: its public holidays, its weekend, and weekend days on which it works."""

    holidays: frozenset[dt.date]
    weekend: frozenset[int]
    workdays: frozenset[dt.date]


@lru_cache(4096)
def _calendar(region: str, year: int) -> _Calendar:
    country, _, part = region.partition("-")
    calendar = country_holidays(country, subdiv=part or None, years=year)
    days = frozenset(calendar)
    return _Calendar(days, frozenset(calendar.weekend), frozenset(calendar.weekend_workdays or ()))
