"""Writes values the way CEL would, for people to read."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from dealgate.language.times import string_of_duration, string_of_timestamp
from dealgate.language.values import NANOS, DateValue, MoneyValue, Scalar, Value, elements, value_of

NANOSECONDS = {"google.protobuf.Timestamp": "timestamp", "google.protobuf.Duration": "duration"}
SHOWN = 5  # elements of a list; a reader wants to know what is in it, not all of it


def literal(value: Value, type_: str = "", enum: EnumDescriptor | None = None) -> str:
    """Write a value; `type_` (CEL's notation) and `enum` tell apart what Python holds as int."""
    if enum is not None and isinstance(value, int) and value in enum.values_by_number:
        return str(enum.values_by_number[value].name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer(value, type_)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f'double("{value}")'
    return _compound(value, type_)


def _integer(value: int, type_: str) -> str:
    if type_ == "timestamp":
        return f'timestamp("{string_of_timestamp(value)}")'
    if type_ == "duration":
        return f'duration("{string_of_duration(value)}")'
    return f"{value}u" if type_ == "uint" else str(value)


def _compound(value: Value, type_: str) -> str:
    if isinstance(value, Decimal):
        return f'decimal("{value}")'
    if isinstance(value, tuple):
        return _tuple(value)
    if isinstance(value, Message):
        return _message(value)
    if isinstance(value, Mapping) or hasattr(value, "keys"):
        return _map(cast("Mapping[Scalar, Value]", value))
    if isinstance(value, bytes):
        return repr(value)
    return _list(elements(value), type_.removeprefix("list(").removesuffix(")"))


def _map(table: Mapping[Scalar, Value]) -> str:
    return "{" + ", ".join(f"{literal(key)}: {literal(table[key])}" for key in table) + "}"


def _list(values: Sequence[Value], type_: str) -> str:
    shown = [literal(item, type_) for item in values[:SHOWN]]
    more = [f"… {len(values) - SHOWN} more"] if len(values) > SHOWN else []
    return f"[{', '.join(shown + more)}]"


def _tuple(value: MoneyValue | DateValue) -> str:
    match value:
        case (currency, nanos):
            return _money(currency, nanos)
        case (year, month, day):
            return _date(year, month, day)


def _date(year: int, month: int, day: int) -> str:
    return f'date("{year:04}-{month:02}-{day:02}")'


def _money(currency: str, nanos: int) -> str:
    amount = Decimal(nanos) / NANOS
    return f'money("{currency}", "{amount:f}")'


def _message(message: Message) -> str:
    value = value_of(message)
    if value is not message:
        return literal(value, NANOSECONDS.get(message.DESCRIPTOR.full_name, ""))
    fields = message.ListFields()[:SHOWN]
    shown = [f"{field.name}: {_field(field, value)}" for field, value in fields]
    return f"{message.DESCRIPTOR.name}{{{', '.join(shown)}}}"


def _field(field: FieldDescriptor, value: Value) -> str:
    return literal(value, "", None if field.is_repeated else field.enum_type)
