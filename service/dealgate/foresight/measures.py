"""The numbers of an outcome: scores, amounts, dates, by their paths in its message.

Every kind's are found in its contract: the outcome's own fields, and those of the messages in it.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from dealgate.model.days import EPOCH, day_number
from dealgate.model.fields import descriptor_of, message_of
from dealgate.model.kind import AnyKind
from dealgate.model.money import decimal

# By the name of a measure with its unit ("gap, EUR"): amounts in units, dates in days.
Numbers: TypeAlias = Mapping[str, float]
Read: TypeAlias = Callable[[Any], float]

NUMBERS = {
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_DOUBLE,
}
DAY_SECONDS = 86_400
DATE, INSTANT, DECIMAL, MONEY = (
    "google.type.Date",
    "google.protobuf.Timestamp",
    "google.type.Decimal",
    "google.type.Money",
)
READS: Mapping[str, Read] = {
    DATE: lambda day: day_number(day) - EPOCH,
    INSTANT: lambda instant: instant.seconds / DAY_SECONDS,
    DECIMAL: lambda number: float(number.value or 0),
    MONEY: lambda money: float(decimal(money)),
}
DATES = {DATE, INSTANT}


def numbers_of(outcome: Message) -> Numbers:
    """Return the numbers that an outcome says; what it leaves out is not among them."""
    return dict(_said(outcome, numeric_fields(descriptor_of(outcome))))


def outcome_of(kind: AnyKind) -> Descriptor:
    """Return the message of the kind's outcomes."""
    return kind.outcome_type


def dated(outcome: Descriptor) -> frozenset[str]:
    """Return the names of those measures that are dates: days since the epoch."""
    return frozenset(
        name
        for field, inner in numeric_fields(outcome)
        for name, leaf in _leaves(field, inner)
        if leaf.message_type is not None and leaf.message_type.full_name in DATES
    )


def date_of(days: float) -> str:
    """Return the day so many days after the epoch: 2026-01-31."""
    return dt.date.fromordinal(EPOCH + int(days)).isoformat()


Fields: TypeAlias = Sequence[tuple[FieldDescriptor, "Fields"]]


@cache
def numeric_fields(message: Descriptor) -> Fields:
    """Return the fields that hold numbers, and the messages that hold such fields."""
    return _nested(message, deep=True)


def _nested(message: Descriptor, *, deep: bool) -> Fields:
    found: list[tuple[FieldDescriptor, Fields]] = []
    for field in message.fields:
        if field.is_repeated:
            continue
        if field.message_type is None:
            number = field.enum_type is None and field.cpp_type in NUMBERS
            found += [(field, ())] if number else []
        elif message_of(field).full_name in READS:
            found.append((field, ()))
        elif deep and (inner := _nested(message_of(field), deep=False)):
            found.append((field, inner))
    return tuple(found)


def _leaves(field: FieldDescriptor, inner: Fields) -> Iterator[tuple[str, FieldDescriptor]]:
    if not inner:
        yield field.name, field
    for below, _ in inner:
        yield f"{field.name}.{below.name}", below


def _said(message: Any, fields: Fields, above: str = "") -> Iterator[tuple[str, float]]:
    for field, inner in fields:
        name = f"{above}{field.name}"
        if field.message_type is None:
            if not field.has_presence or message.HasField(field.name):
                yield name, float(getattr(message, field.name))
        elif message.HasField(field.name):
            value = getattr(message, field.name)
            if inner:
                yield from _said(value, inner, f"{name}.")
            elif field.message_type.full_name == MONEY:
                yield f"{name}, {value.currency_code}", READS[MONEY](value)
            else:
                yield name, READS[field.message_type.full_name](value)
