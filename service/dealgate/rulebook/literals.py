"""Money, dates, instants and decimals as cases write them, to the last digit."""

import datetime as dt
import decimal
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from dealgate.model.property_values import read_duration, show_duration
from dealgate.rulebook.instants import NANOS, nanoseconds, written

AMOUNT = re.compile(r"([A-Z]{3}) (-?)(\d{1,18})(?:\.(\d{1,9}))?", re.ASCII)
DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Literal(NamedTuple):
    """How text becomes a message (None: it is invalid), how that is shown again, and an example.

    Messages that are shown alike mean the same.
    """

    read: Callable[[str], Message | None]
    show: Callable[[Any], str]
    example: str


def read_money(text: str) -> Money | None:
    """Read "EUR 1000.50"; units and nanos share the sign."""
    match = AMOUNT.fullmatch(text)
    if match is None:
        return None
    sign = -1 if match[2] else 1
    nanos = int((match[4] or "").ljust(9, "0"))
    return Money(currency_code=match[1], units=sign * int(match[3]), nanos=sign * nanos)


def show_money(amount: Money) -> str:
    """Return "EUR 1000.50": two digits after the point, or as many as it takes."""
    sign = "-" if amount.units < 0 or amount.nanos < 0 else ""
    fraction = f"{abs(amount.nanos):09d}".rstrip("0").ljust(2, "0")
    return f"{amount.currency_code} {sign}{abs(amount.units)}.{fraction}"


def read_date(text: str) -> Date | None:
    """Read "2026-01-31"."""
    try:
        day = dt.date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        return None
    return day and Date(year=day.year, month=day.month, day=day.day)


def show_date(date: Date) -> str:
    """Return "2026-01-31"."""
    return f"{date.year:04d}-{date.month:02d}-{date.day:02d}"


def read_timestamp(text: str) -> Timestamp | None:
    """Read "2026-01-31T12:00:00Z", with up to nine digits of a second."""
    nanos = nanoseconds(text)
    if nanos is None:
        return None
    seconds, rest = divmod(nanos, NANOS)
    return Timestamp(seconds=seconds, nanos=rest)


def show_timestamp(instant: Timestamp) -> str:
    """Return "2026-01-31T12:00:00Z"."""
    return written(instant.seconds * NANOS + instant.nanos)


def read_decimal(text: str) -> Decimal | None:
    """Read "0.2"; the digits are kept as they are written."""
    return Decimal(value=text) if DECIMAL.fullmatch(text) else None


def show_decimal(number: Decimal) -> str:
    """Return "0.2", also for "0.20": they are one number."""
    try:
        shown = f"{decimal.Decimal(number.value):f}"
    except decimal.InvalidOperation:
        return f"'{number.value}', which is not a decimal"
    trimmed = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if trimmed == "-0" else trimmed


LITERALS: Mapping[str, Literal] = {
    "google.type.Money": Literal(read_money, show_money, "EUR 1000.50"),
    "google.type.Date": Literal(read_date, show_date, "2026-01-31"),
    "google.type.Decimal": Literal(read_decimal, show_decimal, '"0.2"'),
    "google.protobuf.Duration": Literal(read_duration, show_duration, "90m"),
    "google.protobuf.Timestamp": Literal(read_timestamp, show_timestamp, "2026-01-31T12:00:00Z"),
}
