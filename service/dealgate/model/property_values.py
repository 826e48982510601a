"""Values of declared properties: how each type is sent, and what rules read of it.

A value travels in a `google.protobuf.Struct`: in JSON's own types, and as text where JSON has
none that is exact. It is taken exactly or refused: nothing is rounded, nothing is guessed.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.model import money
from dealgate.model.malformed import DECIMAL_LENGTH, DURATION_SECONDS

WHOLE = 2**53  # beyond it, a JSON number is not exact
DIGITS = 15  # that a JSON number keeps for certain
PLAIN = Decimal(10) ** DIGITS
INT64 = 2**63
NANOS = 1_000_000_000
INTEGER = re.compile(r"-?(0|[1-9]\d{0,18})", re.ASCII)
DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
SPAN = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,9}))?([smhd])", re.ASCII)
AMOUNT = re.compile(r"([A-Z]{3}) (-?)(\d{1,18})(?:\.(\d{1,9}))?", re.ASCII)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

# What a Value of a Struct holds: the name of its field, and the value.
Sent: TypeAlias = Any


class NotOfType(Exception):
    """A value that is not of the declared type; its text never holds the value."""


def _bool(sort: str, given: Sent) -> bool:
    if sort == "bool_value":
        return bool(given)
    raise NotOfType("must be true or false")


def _int(sort: str, given: Sent) -> int:
    if sort == "number_value" and given.is_integer() and abs(given) <= WHOLE:
        return int(given)
    if sort == "string_value" and INTEGER.fullmatch(given) and -INT64 <= int(given) < INT64:
        return int(given)
    raise NotOfType('must be a whole number; beyond 2^53 write it as text: "9007199254740993"')


def _decimal(sort: str, given: Sent) -> DecimalMessage:
    if sort == "string_value" and len(given) <= DECIMAL_LENGTH and DECIMAL.fullmatch(given):
        return DecimalMessage(value=given)
    if sort == "number_value" and abs(given) < PLAIN:
        text = f"{Decimal(repr(given)):f}".removesuffix(".0")
        if len(text.replace(".", "").lstrip("-0")) <= DIGITS and len(text) <= DECIMAL_LENGTH:
            return DecimalMessage(value=text)
    raise NotOfType('must be a decimal; with more than 15 digits write it as text: "0.2"')


def _text(sort: str, given: Sent) -> str:
    if sort == "string_value":
        return str(given)
    raise NotOfType("must be text")


def _date(sort: str, given: Sent) -> Date:
    if sort == "string_value" and DAY.fullmatch(given):
        try:
            day = dt.date.fromisoformat(given)
        except ValueError:
            raise NotOfType("is not a valid calendar date") from None
        return Date(year=day.year, month=day.month, day=day.day)
    raise NotOfType('must be a date: "2026-01-31"')


def _instant(sort: str, given: Sent) -> Timestamp:
    match = INSTANT.fullmatch(given) if sort == "string_value" else None
    if match is not None:
        try:
            seconds = int(dt.datetime.fromisoformat(f"{match[1]}+00:00").timestamp())
        except ValueError:
            raise NotOfType("is not a valid instant of the calendar") from None
        return Timestamp(seconds=seconds, nanos=int((match[2] or "").ljust(9, "0")))
    raise NotOfType('must be an instant in UTC: "2026-01-31T12:00:00Z"')


def read_duration(text: str) -> Duration | None:
    """Read "90m", "12h", "30d" or "1.5s"; None: it is not a duration."""
    match = SPAN.fullmatch(text)
    if match is None:
        return None
    nanos = int(match[2] + (match[3] or "").ljust(9, "0")) * SECONDS[match[4]]
    if nanos > DURATION_SECONDS * NANOS:
        return None
    sign = -1 if match[1] else 1
    return Duration(seconds=sign * (nanos // NANOS), nanos=sign * (nanos % NANOS))


def show_duration(span: Duration) -> str:
    """Return "90m": in the largest of hours, minutes and seconds that is exact."""
    nanos = abs(span.seconds * NANOS + span.nanos)
    sign = "-" if span.seconds < 0 or span.nanos < 0 else ""
    for unit in ("h", "m", "s"):
        count, rest = divmod(nanos, SECONDS[unit] * NANOS)
        if count and not rest:
            return f"{sign}{count}{unit}"
    fraction = f"{nanos % NANOS:09d}".rstrip("0")
    return f"{sign}{nanos // NANOS}.{fraction}s" if fraction else "0s"


def _duration(sort: str, given: Sent) -> Duration:
    span = read_duration(given) if sort == "string_value" else None
    if span is None:
        raise NotOfType('must be a duration: "90m", "12h", "30d"')
    return span


def _money(sort: str, given: Sent) -> Money:
    match = AMOUNT.fullmatch(given) if sort == "string_value" else None
    if match is None:
        raise NotOfType('must be an amount: "EUR 1000.50"')
    sign = -1 if match[2] else 1
    nanos = int((match[4] or "").ljust(9, "0"))
    amount = Money(currency_code=match[1], units=sign * int(match[3]), nanos=sign * nanos)
    wrong = money.fault(amount)
    if wrong is not None:
        raise NotOfType(wrong)
    return amount


READERS: Mapping[str, Callable[[str, Sent], Any]] = {
    "bool": _bool,
    "int": _int,
    "decimal": _decimal,
    "text": _text,
    "enum": _text,
    "date": _date,
    "instant": _instant,
    "duration": _duration,
    "money": _money,
}


def read_single(type_: str, sort: str, given: Sent) -> Any:
    """Return what a Value's field holds as the type's own value; raises NotOfType."""
    return READERS[type_](sort, given)


def read_text(type_: str, text: str) -> Any:
    """Return what a declaration writes as the type's own value; raises NotOfType."""
    if type_ == "bool":
        return READERS[type_]("bool_value" if text in {"true", "false"} else "", text == "true")
    return READERS[type_]("string_value", text)


def measure(type_: str, value: Any) -> Any:
    """Return what bounds compare: the number, the amount, the day, or nanoseconds."""
    if type_ == "decimal":
        return Decimal(value.value)
    if type_ == "money":
        return money.decimal(value)
    if type_ == "date":
        return value.year, value.month, value.day
    if type_ in {"instant", "duration"}:
        return value.seconds * NANOS + value.nanos
    return value


def sent_single(type_: str, value: Any) -> Sent:
    """Return the plain JSON value that is read as this one."""
    if type_ == "int":
        return value if abs(value) <= WHOLE else str(value)
    if type_ == "decimal":
        return value.value
    if type_ == "date":
        return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"
    if type_ == "instant":
        base = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=value.seconds)
        return f"{base:%Y-%m-%dT%H:%M:%S}.{value.nanos:09d}Z".replace(".000000000Z", "Z")
    if type_ == "duration":
        return show_duration(value)
    if type_ == "money":
        sign = "-" if value.units < 0 or value.nanos < 0 else ""
        fraction = f"{abs(value.nanos):09d}".rstrip("0").ljust(2, "0")
        return f"{value.currency_code} {sign}{abs(value.units)}.{fraction}"
    return value
