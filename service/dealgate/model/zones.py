"""Time zones: the day of an instant in a zone."""

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from google.type.date_pb2 import Date

from dealgate.model.days import date_message
from dealgate.model.errors import Violation
from dealgate.model.instants import DAY, HOUR, SECOND

UTC = "UTC"
EPOCH = dt.date(1970, 1, 1).toordinal()
FIRST_ORDINAL, LAST_ORDINAL = dt.date.min.toordinal(), dt.date.max.toordinal()
FURTHEST_AHEAD = 14 * HOUR  # of UTC: in Kiritimati
# "localtime" is whatever the machine is set to; the others repeat every zone with other clocks.
NOT_ZONES = ("posix/", "right/", "localtime", "posixrules", "Factory")


def is_zone(name: str) -> bool:
    """Tell whether there is a time zone of that name, the same on every machine."""
    return name in _zones()


def zone_violations(path: str, name: str) -> list[Violation]:
    """A time zone, if it is given, is one of the IANA database."""
    if not name or is_zone(name):
        return []
    return [Violation(path, "is not an IANA time zone such as Europe/Berlin")]


def today_message(zone: str, instant: int) -> Date:
    """Return the day that the instant (ns) falls on in the zone; "" is UTC."""
    return date_message(day_in(zone or UTC, instant))


def day_in(zone: str, instant: int) -> int:
    """Return the ordinal of the day that the instant (ns) falls on in the zone.

    In the first and the last days of the calendar, where no zone can be computed, it is UTC's.
    """
    day = EPOCH + instant // DAY
    if zone == UTC or not FIRST_ORDINAL < day < LAST_ORDINAL - 1:
        return day
    return dt.datetime.fromtimestamp(instant // SECOND, ZoneInfo(zone)).toordinal()


def latest_day(instant: int) -> int:
    """Return the ordinal of the latest day that has begun anywhere: clocks are up to 14 h ahead."""
    return min(EPOCH + (instant + FURTHEST_AHEAD) // DAY, LAST_ORDINAL)


@cache
def _zones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if not name.startswith(NOT_ZONES))
