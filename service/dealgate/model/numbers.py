"""The numbers of an outcome: scores, amounts, dates, by their paths in its message.

Every kind's are found in its contract: the outcome's own fields, and those of the messages in it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from dealgate.model.days import EPOCH, day_number
from dealgate.model.fields import descriptor_of, message_of
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


def numbers_of(outcome: Message) -> Numbers:
    """Return the numbers that an outcome says; what it leaves out is not among them."""
    return dict(_said(outcome, numeric_fields(descriptor_of(outcome))))


def numbers_within(name: str, part: Message) -> Numbers:
    """Return the numbers that an outcome would say with this in its field of that name."""
    return dict(_said(part, _nested(descriptor_of(part), deep=False), f"{name}."))


Fields: TypeAlias = Sequence[tuple[FieldDescriptor, "Fields"]]


def numeric_fields(message: Descriptor) -> Fields:
    """Return the fields that hold numbers, and the messages that hold such fields."""
    return _nested(message, deep=True)


@cache
def _nested(message: Descriptor, *, deep: bool) -> Fields:
    nested: list[tuple[FieldDescriptor, Fields]] = []
    for field in message.fields:
        if field.is_repeated:
            continue
        if field.message_type is None:
            number = field.enum_type is None and field.cpp_type in NUMBERS
            nested += [(field, ())] if number else []
        elif message_of(field).full_name in READS:
            nested.append((field, ()))
        elif deep and (inner := _nested(message_of(field), deep=False)):
            nested.append((field, inner))
    return tuple(nested)


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
