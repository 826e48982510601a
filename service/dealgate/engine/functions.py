"""What CEL's operators and functions do, as cel-cpp does it: checked, total, or failing by name."""

import datetime as dt
import math
import re
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NoReturn

import re2

from dealgate.engine.values import NANOS, CelError, parse_decimal

INT64 = (-(2**63), 2**63 - 1)
UINT64_MAX = 2**64 - 1
TIMESTAMP = (-62_135_596_800 * NANOS, 253_402_300_799 * NANOS + NANOS - 1)
EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001  # naive on purpose: all arithmetic here is UTC
UNITS = {"h": 3600 * NANOS, "m": 60 * NANOS, "s": NANOS, "ms": 10**6, "us": 10**3, "ns": 1}
UNITS["µs"] = UNITS["μs"] = 10**3  # the micro sign, and the Greek letter
DURATION = re.compile(r"([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|µs|μs|ns))+|0)", re.ASCII)
DURATION_PART = re.compile(r"(\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|μs|ns)", re.ASCII)
INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
TRUE = {"true", "t", "True", "TRUE", "1"}
FALSE = {"false", "f", "False", "FALSE", "0"}
SATURDAY = 5


def fail(reason: str) -> NoReturn:
    """Raise the error that `reason` names."""
    raise CelError(reason)


def int64(number: int) -> int:
    """Check that a result fits an int."""
    return number if INT64[0] <= number <= INT64[1] else fail("overflow")


def uint64(number: int) -> int:
    """Check that a result fits a uint."""
    return number if 0 <= number <= UINT64_MAX else fail("overflow")


def instant(nanos: int) -> int:
    """Check that a timestamp lies in the years 1 to 9999."""
    return nanos if TIMESTAMP[0] <= nanos <= TIMESTAMP[1] else fail("timestamp out of range")


def divide(a: int, b: int) -> int:
    """Divide, truncating towards zero as CEL does (Python floors)."""
    if b == 0:
        fail("divide by zero")
    quotient = abs(a) // abs(b)
    return int64(quotient if (a < 0) == (b < 0) else -quotient)


def modulo(a: int, b: int) -> int:
    """Return the remainder, which has the sign of `a`."""
    if b == 0:
        fail("modulus by zero")
    if a == INT64[0] and b == -1:
        fail("overflow")
    remainder = abs(a) % abs(b)
    return -remainder if a < 0 else remainder


def divide_uint(a: int, b: int) -> int:
    """Divide unsigned integers."""
    return a // b if b else fail("divide by zero")


def modulo_uint(a: int, b: int) -> int:
    """Return the remainder of unsigned integers."""
    return a % b if b else fail("modulus by zero")


def divide_double(a: float, b: float) -> float:
    """Divide as IEEE 754 does: by zero it is infinite, or not a number."""
    if b:
        return a / b
    if a == 0 or a != a:  # noqa: PLR0124  # the test for NaN that needs no call
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1, b)


def index(items: Sequence[Any], position: int) -> Any:
    """Read a list's element; Python would take negative positions from the end."""
    return items[position] if 0 <= position < len(items) else fail("index out of bounds")


def lookup(table: Mapping[Any, Any], key: Any) -> Any:
    """Read a map's value. Never `table[key]` alone: a protobuf map would insert the key."""
    return table[key] if key in table else fail("no such key")


def equal(a: Any, b: Any) -> bool:
    """Compare lists and maps deeply; protobuf's containers do not compare with Python's."""
    if hasattr(a, "keys"):
        return len(a) == len(b) and all(key in b and equal(a[key], b[key]) for key in a)
    if isinstance(a, Sequence) and not isinstance(a, (str, bytes, tuple)):
        return len(a) == len(b) and all(map(equal, a, b))
    return bool(a == b)


def contains(item: Any, items: Iterable[Any]) -> bool:
    """Tell whether a list holds an item, comparing deeply."""
    return any(equal(item, other) for other in items)


def build_map(*parts: Any) -> dict[Any, Any]:
    """Build a map literal from key, value, key, value, …; a repeated key is an error."""
    table = dict(zip(parts[::2], parts[1::2], strict=True))
    return table if 2 * len(table) == len(parts) else fail("repeated key")


def int_of_string(text: str) -> int:
    """Parse an int."""
    return int64(int(text)) if re.fullmatch(r"[+-]?\d+", text, re.ASCII) else fail("not an int")


def uint_of_string(text: str) -> int:
    """Parse a uint."""
    return uint64(int(text)) if re.fullmatch(r"\+?\d+", text, re.ASCII) else fail("not a uint")


def double_of_string(text: str) -> float:
    """Parse a double."""
    try:
        return float(text) if text == text.strip() and "_" not in text else fail("not a double")
    except ValueError:
        fail("not a double")


def int_of_double(number: float) -> int:
    """Truncate a double to an int."""
    if number != number or not -(2.0**63) < number < 2.0**63:  # noqa: PLR0124  # NaN
        fail("out of range")
    return int(number)


def uint_of_double(number: float) -> int:
    """Truncate a double to a uint."""
    if number != number or not 0 <= number < 2.0**64:  # noqa: PLR0124  # NaN
        fail("out of range")
    return int(number)


def string_of_double(number: float) -> str:
    """Write a double as cel-cpp does."""
    if number != number:  # noqa: PLR0124  # NaN
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    if number == int(number) and abs(number) < 1e15:
        return "-0" if number == 0 and math.copysign(1, number) < 0 else str(int(number))
    return repr(number).replace(".0e", "e")


def bool_of_string(text: str) -> bool:
    """Parse a bool."""
    return True if text in TRUE else False if text in FALSE else fail("not a bool")


def string_of_bytes(data: bytes) -> str:
    """Decode UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        fail("not UTF-8")


def duration_of_string(text: str) -> int:
    """Parse "1h30m", in nanoseconds."""
    match = DURATION.fullmatch(text)
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
    match = re.fullmatch(r"([+-]?)(\d\d):(\d\d)", zone, re.ASCII)
    try:
        if match:
            shift = dt.timedelta(hours=int(match[2]), minutes=int(match[3]))
            return moment - shift if match[1] == "-" else moment + shift
        there = moment.replace(tzinfo=dt.UTC).astimezone(_zone(zone))
        return there.replace(tzinfo=None)
    except (OverflowError, ValueError):
        fail("time out of range")


@lru_cache(maxsize=256)
def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise CelError("unknown time zone") from None


def truncate(nanos: int, unit: int) -> int:
    """Divide a duration by a unit, truncating towards zero."""
    return abs(nanos) // unit * (1 if nanos >= 0 else -1)


def matches(text: str, pattern: str) -> bool:
    """Search with RE2, which cannot be made to run for long."""
    return _pattern(pattern).search(text) is not None


_RE2 = re2.Options()
_RE2.log_errors = False


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> Any:
    try:
        return re2.compile(pattern, _RE2)
    except re2.error:
        raise CelError("not a regular expression") from None


# What Dealgate declares beyond CEL's standard library.


def money_of_strings(currency: str, amount: str) -> tuple[str, int]:
    """money("EUR", "1000.50")."""
    if not re.fullmatch(r"[A-Z]{3}", currency, re.ASCII):
        fail("not a currency code")
    nanos = parse_decimal(amount) * NANOS
    if nanos != nanos.to_integral_value() or abs(nanos) > INT64[1] * NANOS:
        fail("not an amount of money")
    return currency, int(nanos)


def amounts(a: tuple[str, int], b: tuple[str, int]) -> tuple[int, int]:
    """Return two amounts that may be compared or added, because their currency is the same."""
    return (a[1], b[1]) if a[0] == b[0] else fail("currencies differ")


def money_sum(a: tuple[str, int], b: tuple[str, int], sign: int) -> tuple[str, int]:
    """Add (sign 1) or subtract (sign -1)."""
    left, right = amounts(a, b)
    return a[0], left + sign * right


def decimal_of_string(text: str) -> Decimal:
    """decimal("0.2")."""
    return parse_decimal(text)


def date_of_string(text: str) -> tuple[int, int, int]:
    """date("2026-01-31")."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        fail("not a date")
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:])
    ordinal((year, month, day))
    return year, month, day


def date_of_timestamp(nanos: int) -> tuple[int, int, int]:
    """Return the date of an instant, in UTC."""
    moment = local(nanos)
    return moment.year, moment.month, moment.day


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
    return weeks * SATURDAY + min(rest, SATURDAY)
