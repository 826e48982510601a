"""Facts that have an order, as whole numbers: the scale on which a boundary can be found exactly.

A step is what a person would call one: a piece, a cent (the currency's minor unit), a day of a
date, a second of an instant, a hundredth of a number, a ten-thousandth of a share.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.model.days import date_message
from dealgate.model.fields import Held
from dealgate.model.money import NANOS, exponent, from_minor, minor_per_unit

HUNDREDTHS, TEN_THOUSANDTHS = 100, 10_000
RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
FLOATS = (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1).toordinal(), dt.date(2199, 12, 31).toordinal()
FIRST_SECOND, LAST_SECOND = -2_208_988_800, 7_258_118_399  # the same, as instants
YEARS = 100 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class Scale:
    """`low` and `high` are the ends within which boundaries are sought."""

    number: Callable[[Held], int]
    value: Callable[[int], Held]
    low: int
    high: int


def scale_of(field: FieldDescriptor, currency: str) -> Scale | None:
    """Return the scale of a field, amounts being in `currency`; None if it has no order."""
    if field.message_type is not None:
        made = MESSAGES.get(field.message_type.full_name)
        return made(currency) if made else None
    if field.enum_type is not None:
        return None
    if field.cpp_type in FLOATS:
        return Scale(
            lambda value: round(value * HUNDREDTHS), lambda n: n / HUNDREDTHS, -(10**14), 10**14
        )
    scale = RANGES.get(field.cpp_type)
    return Scale(int, int, *scale) if scale else None


def _money(currency: str) -> Scale | None:
    if exponent(currency) is None:
        return None
    step = NANOS // minor_per_unit(currency)
    return Scale(
        lambda amount: (amount.units * NANOS + amount.nanos) // step,
        lambda number: from_minor(number, currency),
        -(10**15),
        10**15,
    )


def _date(_: str) -> Scale:
    def number(date: Date) -> int:
        return dt.date(date.year, max(date.month, 1), max(date.day, 1)).toordinal()

    return Scale(number, date_message, FIRST_DAY, LAST_DAY)


def _timestamp(_: str) -> Scale:
    return Scale(
        lambda instant: int(instant.seconds),
        lambda number: Timestamp(seconds=number),
        FIRST_SECOND,
        LAST_SECOND,
    )


def _duration(_: str) -> Scale:
    return Scale(lambda span: int(span.seconds), lambda n: Duration(seconds=n), -YEARS, YEARS)


def _decimal(_: str) -> Scale:
    def value(number: int) -> DecimalMessage:
        return DecimalMessage(value=f"{Decimal(number) / TEN_THOUSANDTHS:f}")

    return Scale(
        lambda number: round(Decimal(number.value) * TEN_THOUSANDTHS),
        value,
        -(10**12),
        10**12,
    )


MESSAGES: dict[str, Callable[[str], Scale | None]] = {
    "google.type.Money": _money,
    "google.type.Date": _date,
    "google.type.Decimal": _decimal,
    "google.protobuf.Timestamp": _timestamp,
    "google.protobuf.Duration": _duration,
}
