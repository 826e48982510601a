"""Python's values as the contracts write them, and back. Nothing is rounded on the way."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

NANOS = 1_000_000_000
EXACT = 2**53  # beyond it, a JSON number is not exact


def money(currency: str, amount: str | int | Decimal) -> Money:
    """Return an amount of `currency` (ISO 4217): `money("EUR", "12.50")`.

    Raises TypeError for a float, which is not exact, and ValueError for what is no amount or
    has more than nine decimals.
    """
    nanos = Fraction(_exact(amount)) * NANOS
    if nanos.denominator != 1:
        raise ValueError("an amount of money has at most nine decimals")
    units, rest = divmod(abs(int(nanos)), NANOS)
    sign = -1 if nanos < 0 else 1
    return Money(currency_code=currency, units=sign * units, nanos=sign * rest)


def amount(of: Money) -> Decimal:
    """Return the amount of `of` in its currency."""
    return Decimal(of.units) + Decimal(of.nanos).scaleb(-9)


def decimal(value: str | int | Decimal) -> DecimalMessage:
    """Return an exact number: `decimal("0.2")`. Raises as `money` does."""
    return DecimalMessage(value=str(_exact(value)))


def date(day: dt.date) -> Date:
    """Return a calendar day. Raises TypeError for a datetime: say which day it is first."""
    if isinstance(day, dt.datetime):
        raise TypeError("a datetime is not a date: its day depends on the time zone; use .date()")
    return Date(year=day.year, month=day.month, day=day.day)


def timestamp(instant: dt.datetime) -> Timestamp:
    """Return an instant. Raises ValueError if `instant` has no time zone."""
    if instant.utcoffset() is None:
        raise ValueError(
            "the datetime has no time zone, so it names no instant;"
            " make it datetime(..., tzinfo=timezone.utc), or whichever zone it is in"
        )
    message = Timestamp()
    message.FromDatetime(instant)
    return message


def optional_timestamp(instant: dt.datetime | None) -> Timestamp | None:
    """Return an instant, if there is one. Raises as `timestamp` does."""
    return None if instant is None else timestamp(instant)


def instant(of: Timestamp) -> dt.datetime:
    """Return the instant in UTC, to the microsecond."""
    return of.ToDatetime(tzinfo=dt.UTC)


def _exact(number: str | int | Decimal) -> Decimal:
    if isinstance(number, (bool, float)):
        raise TypeError("a float is not exact; write the number as a string or a Decimal")
    try:
        exact = Decimal(number)
    except ArithmeticError:
        raise ValueError("not a decimal number") from None
    if not exact.is_finite():
        raise ValueError("not a finite number")
    return exact


def properties(values: Mapping[str, object]) -> Struct:
    """Return declared properties, or the facts of a declared kind, as they are sent.

    `properties({"tier": "gold", "wallet": money("EUR", "9"), "renews_on": date(2026, 7, 1)})`: what
    JSON cannot hold exactly becomes text. Raises TypeError for what nobody could mean.
    """
    struct = Struct()
    struct.update({name: _sent(value) for name, value in values.items()})
    return struct


def _sent(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _sent(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_sent(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > EXACT:
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Money):
        return f"{value.currency_code} {amount(value):f}"
    if isinstance(value, dt.datetime):
        return timestamp(value).ToJsonString()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return f"{Decimal(value // dt.timedelta(microseconds=1)).scaleb(-6):f}s"
    raise TypeError(f"a property cannot hold a {type(value).__name__}")
