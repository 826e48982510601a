"""What operators and functions do with timestamps, durations and dates, as cel-cpp does it."""

import datetime as dt
import re
import zoneinfo
from fractions import Fraction
from functools import lru_cache

from dealgate.language.values import NANOS, CelError, fail

TIMESTAMP = (-62_135_596_800 * NANOS, 253_402_300_799 * NANOS + NANOS - 1)
EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001  # naive on purpose: all arithmetic here is UTC
UNITS = {"h": 3600 * NANOS, "m": 60 * NANOS, "s": NANOS, "ms": 10**6, "us": 10**3, "ns": 1}
UNITS["µs"] = UNITS["μs"] = 10**3  # the micro sign, and the Greek letter
DURATION = re.compile(r"([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|µs|μs|ns))+|0)", re.ASCII)
DURATION_PART = re.compile(r"(\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|μs|ns)", re.ASCII)
# Of an offset from UTC; the hours of an instant are checked with its date.
HOURS, MINUTES = r"(?:[01]\d|2[0-3])", r"[0-5]\d"
INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?"
    rf"([Zz]|[+-]{HOURS}:{MINUTES})",
    re.ASCII,
)
# Files of the time zone database that mean something else on the next machine.
MACHINES = re.compile(r"(?:localtime|posixrules|leapseconds)$|(?:posix|right)/")
OFFSET = re.compile(rf"([+-]?)({HOURS}):({MINUTES})", re.ASCII)
DAY = 86_400 * NANOS
INT64 = (-(2**63), 2**63 - 1)
WORKDAYS = 5
LONGEST = 256  # characters of a duration; more digits would only cost the square of their number


def instant(nanos: int) -> int:
    """Check that a timestamp lies in the years 1 to 9999."""
    return nanos if TIMESTAMP[0] <= nanos <= TIMESTAMP[1] else fail("timestamp out of range")


def duration_of_string(text: str) -> int:
    """Parse "1h30m", in nanoseconds."""
    match = DURATION.fullmatch(text) if len(text) <= LONGEST else None
    if not match:
        fail("not a duration")
    parts = DURATION_PART.findall(match[2])
    total = int(sum((Fraction(n.rstrip(".") or 0) * UNITS[unit] for n, unit in parts), Fraction()))
    return duration(-total if match[1] == "-" else total)


def duration(nanos: int) -> int:
    """Check that a duration fits 64 bits of nanoseconds."""
    return nanos if INT64[0] <= nanos <= INT64[1] else fail("duration out of range")


def timestamp_of_string(text: str) -> int:
    """Parse RFC 3339, in nanoseconds since the epoch."""
    match = INSTANT.fullmatch(text)
    if not match:
        fail("not a timestamp")
    try:
        moment = dt.datetime(*map(int, match.group(1, 2, 3, 4, 5, 6)))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        fail("not a timestamp")
    passed = moment - EPOCH
    nanos = (passed.days * 86_400 + passed.seconds) * NANOS
    nanos += int(match[7][1:].ljust(9, "0")) if match[7] else 0
    return instant(nanos - _offset(match[8]))


def _offset(zone: str) -> int:
    if zone in "Zz":
        return 0
    nanos = (int(zone[1:3]) * 3600 + int(zone[4:]) * 60) * NANOS
    return nanos if zone[0] == "+" else -nanos


def _fraction(nanos: int) -> str:
    return f".{nanos:09}".rstrip("0") if nanos else ""


def string_of_timestamp(nanos: int) -> str:
    """Write RFC 3339 in UTC."""
    seconds, fraction = divmod(nanos, NANOS)
    moment = EPOCH + dt.timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + _fraction(fraction) + "Z"


def string_of_duration(nanos: int) -> str:
    """Write seconds: "5400s"."""
    sign = "-" if nanos < 0 else ""
    return f"{sign}{abs(nanos) // NANOS}{_fraction(abs(nanos) % NANOS)}s"


def local(nanos: int, zone: str = "UTC") -> dt.datetime:
    """Return the wall time in a zone: an IANA name, or an offset such as "+02:00"."""
    moment = EPOCH + dt.timedelta(seconds=nanos // NANOS)
    match = OFFSET.fullmatch(zone)
    try:
        if match:
            shift = dt.timedelta(hours=int(match[2]), minutes=int(match[3]))
            return moment - shift if match[1] == "-" else moment + shift
        there = moment.replace(tzinfo=dt.UTC).astimezone(_zone(zone))
        return there.replace(tzinfo=None)
    except (OverflowError, ValueError):
        fail("time out of range")


def milliseconds(nanos: int, zone: str) -> int:
    """Return the milliseconds of an instant, which are alike in every zone; it must be one."""
    local(nanos, zone)
    return nanos % NANOS // 1_000_000


@lru_cache(maxsize=256)
def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        if MACHINES.match(name):
            raise CelError("unknown time zone")
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise CelError("unknown time zone") from None


def truncate(nanos: int, unit: int) -> int:
    """Divide a duration by a unit, truncating towards zero."""
    return abs(nanos) // unit * (1 if nanos >= 0 else -1)


def date_of_string(text: str) -> tuple[int, int, int]:
    """date("2026-01-31")."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        fail("not a date")
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:])
    ordinal((year, month, day))
    return year, month, day


def date_of_timestamp(nanos: int, zone: str = "UTC") -> tuple[int, int, int]:
    """Return the date of an instant in a zone: an IANA name, or an offset such as "+02:00"."""
    if zone == "UTC":
        return _date_of_day(nanos // DAY)
    moment = local(nanos, zone)
    return moment.year, moment.month, moment.day


@lru_cache(maxsize=8192)
def _date_of_day(days: int) -> tuple[int, int, int]:
    """Return the date that many days after 1970-01-01; the same few come again and again."""
    try:
        date = dt.date.fromordinal(EPOCH.toordinal() + days)
    except (OverflowError, ValueError):
        fail("time out of range")
    return date.year, date.month, date.day


def ordinal(date: tuple[int, int, int]) -> int:
    """Number the days, so that they can be counted."""
    try:
        return dt.date(*date).toordinal()
    except ValueError:
        raise CelError("not a date") from None


def days_between(start: tuple[int, int, int], end: tuple[int, int, int]) -> int:
    """Count the days from `start` to `end`; negative if `end` is earlier."""
    return ordinal(end) - ordinal(start)


def days_between_instants(start: int, end: int) -> int:
    """Count the whole 24-hour days from `start` to `end`."""
    return truncate(end - start, 86_400 * NANOS)


def business_days_between(start: tuple[int, int, int], end: tuple[int, int, int]) -> int:
    """Count Mondays to Fridays after `start` up to and including `end`; negative backwards."""
    first, last = ordinal(start), ordinal(end)
    if first > last:
        return -business_days_between(end, start)
    return _weekdays_until(last) - _weekdays_until(first)


def _weekdays_until(day: int) -> int:
    # Ordinal 1 is a Monday, so full weeks start right after multiples of 7.
    weeks, rest = divmod(day, 7)
    return weeks * WORKDAYS + min(rest, WORKDAYS)
