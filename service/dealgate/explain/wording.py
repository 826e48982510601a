"""Values and truths in the words of people in sales: EUR 5,000.00, 2026-09-02, verified, yes."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from dealgate.desk.comparison import shown
from dealgate.language.literals import literal
from dealgate.language.scope import field_type
from dealgate.language.times import string_of_timestamp
from dealgate.language.values import CONVERSIONS, NANOS, value_of
from dealgate.model.decision import Truth
from dealgate.model.fields import Held
from dealgate.rulebook.messages import is_map

UNKNOWN = "not known"
TRUTHS = {
    Truth.TRUE: "yes",
    Truth.FALSE: "no",
    Truth.UNKNOWN: "not known",
    Truth.ERROR: "went wrong",
    Truth.NOT_EVALUATED: "not looked at",
}
CONSTANT = re.compile(r"\b[A-Z][A-Z0-9_]+\b")
WORDS_AT_LEAST = 4
SHOWN = 5
MINUTE, HOUR, DAY = 60, 3600, 86_400


def spoken(value: Held, type_: str = "", enum: EnumDescriptor | None = None) -> str:
    """Return a value of an expression of this type (CEL's notation) in words."""
    if enum is not None and isinstance(value, int):
        return spoken_enum(enum, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _whole(value, type_)
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float):
        return f"{value:,g}" if abs(value) < 10**15 else repr(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return _compound(value, type_)


def spoken_field(field: FieldDescriptor, value: Held) -> str:
    """Return one value of a protobuf field in words; None is not known."""
    if value is None:
        return UNKNOWN
    if field.enum_type is not None:
        return spoken_enum(field.enum_type, value)
    type_ = field_type(field).removeprefix("list(").removesuffix(")")
    return spoken(value_of(value) if isinstance(value, Message) else value, type_)


def written_field(field: FieldDescriptor, value: Held) -> str:
    """Return one value of a protobuf field as cases write it; empty: it is not known."""
    return "" if value is None else shown(field, value)


def spoken_enum(enum: EnumDescriptor, number: int) -> str:
    """Return DISPOSITION_CUSTOMER_ROUTE as "customer route" and DISPOSITION_SQL as "SQL"."""
    known = enum.values_by_number.get(number)
    if known is None:
        return str(number)
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper()
    name: str = known.name.removeprefix(f"{prefix}_")
    return name if len(name) < WORDS_AT_LEAST else name.replace("_", " ").lower()


def in_words(text: str, enums: Mapping[str, tuple[Any, int]]) -> str:
    """Return CEL with its enums in words; `enums` are their constants, as `enum_constants` has."""

    def word(match: re.Match[str]) -> str:
        known = enums.get(match[0])
        return match[0] if known is None else spoken_enum(*known)

    return CONSTANT.sub(word, text)


def outcome_lines(message: Message, depth: int = 0) -> Iterator[tuple[int, str]]:
    """Yield an outcome's fields, one per line, with the depth of each."""
    for field, value in message.ListFields():
        name = field.name.replace("_", " ")
        if not field.is_repeated:
            yield from _field_lines(name, field, value, depth)
        elif field.message_type is None or field.message_type.full_name in CONVERSIONS:
            yield depth, f"{name}: {', '.join(_plain(field, item) for item in value)}"
        elif not is_map(field):
            yield depth, f"{name}:"
            yield from _element_lines(value, depth + 1)


def _field_lines(
    name: str, field: FieldDescriptor, value: Held, depth: int
) -> Iterator[tuple[int, str]]:
    nested = field.message_type is not None and field.message_type.full_name not in CONVERSIONS
    if nested:
        yield depth, f"{name}:"
        yield from outcome_lines(value, depth + 1)
    else:
        yield depth, f"{name}: {_plain(field, value)}"


def _element_lines(elements: Any, depth: int) -> Iterator[tuple[int, str]]:
    for element in elements[:SHOWN]:
        yield depth, _in_one_line(element)
    if len(elements) > SHOWN:
        yield depth, f"… and {len(elements) - SHOWN} more"


def _in_one_line(message: Message) -> str:
    """Return a message in one line, its lists of messages counted."""
    parts = []
    for field, value in message.ListFields():
        name = field.name.replace("_", " ")
        if field.type == FieldDescriptor.TYPE_MESSAGE and field.is_repeated:
            parts.append(f"{len(value)} {name}")
        elif field.is_repeated:
            parts.append(f"{name} {', '.join(_plain(field, item) for item in value)}")
        else:
            parts.append(f"{name} {_plain(field, value)}")
    return ", ".join(parts) or "nothing"


def _plain(field: FieldDescriptor, value: Held) -> str:
    """As `spoken_field`, but text has no quotes beside the name of its field."""
    return value if isinstance(value, str) else spoken_field(field, value)


def _whole(value: int, type_: str) -> str:
    if type_ == "timestamp":
        text = string_of_timestamp(value)
        return text.replace("T", " ").removesuffix("Z").removesuffix(":00") + " UTC"
    if type_ == "duration":
        return _span(value)
    return f"{value:,}"


def _span(nanos: int) -> str:
    """Return a duration in the largest unit that divides it."""
    seconds, rest = divmod(nanos, NANOS)
    if rest:
        return f"{nanos / NANOS:g} s"
    for size, name in ((DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds // size:,} {name}"
    return f"{seconds:,} s"


def _compound(value: Held, type_: str) -> str:
    if isinstance(value, tuple):
        if isinstance(value[0], str):
            return f"{value[0]} {_decimals(Decimal(value[1]) / NANOS)}"
        return f"{value[0]:04}-{value[1]:02}-{value[2]:02}"
    if isinstance(value, Message):
        converted = value_of(value)
        return _in_one_line(value) if converted is value else spoken(converted, type_)
    if isinstance(value, bytes) or hasattr(value, "keys"):
        return literal(value, type_)
    element = type_.removeprefix("list(").removesuffix(")")
    shown_ = [spoken(item, element) for item in value[:SHOWN]]
    more = [f"… {len(value) - SHOWN} more"] if len(value) > SHOWN else []
    return ", ".join(shown_ + more) or "none"


def _decimals(amount: Decimal) -> str:
    """Return an amount with two decimals at least, and no digit lost."""
    text = f"{amount.normalize():,f}"
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"
