"""What no facts may hold, whatever their kind: found by code that is written for each message type.

That is: Money, Date, Decimal, Timestamp and Duration that are not valid, enum numbers that are not
declared, and floating-point numbers that are not finite. A message is looked through once for
every question, and nearly always nothing is found; so the code for a type mentions only fields that
can be malformed, and a sound value costs a comparison.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.model import money
from dealgate.model.errors import Violation
from dealgate.model.instants import FIRST_SECOND, LAST_SECOND
from dealgate.model.shown import name_told

# The longest amount worth stating is far shorter; a million digits would be an attack.
DECIMAL_LENGTH = 64
PLAIN_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
NANOS_MAX = 999_999_999
VIOLATIONS_MOST = 1000  # of one list; nobody reads more
DURATION_SECONDS = 315_576_000_000  # protobuf's limit: 10,000 years
# What a kind that knows of no declarations says of any property.
UNDECLARED = "is not declared in properties.yaml; declare it, or leave it out"
FLOATING = {FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT}

# A value → what is wrong with it, at paths below it.
Check: TypeAlias = Callable[[Any], Sequence[Violation]]


def malformed(facts: Message) -> list[Violation]:
    """Return every value in `facts`, however deep, that its type forbids, with its path."""
    return [*check_of(facts.DESCRIPTOR)(facts)]


@cache
def check_of(message: Descriptor) -> Check:
    """Return the check of a message type."""
    return WELL_KNOWN.get(message.full_name) or _compiled(message)


def _compiled(message: Descriptor) -> Check:
    lines, scope = list[str](), dict[str, Any]({"below": below})
    for field in sorted(message.fields, key=lambda field: int(field.number)):
        if _can_be_malformed(field, frozenset()):
            scope[f"c{field.number}"] = _value_check(field)
            lines += _lines(field, scope)
    source = "\n    ".join(["def check(m):", "wrong = []", *lines, "return wrong"])
    exec(compile(source, f"<malformed {message.full_name}>", "exec"), scope)  # noqa: S102  # ours
    check: Check = scope["check"]
    return check


def _lines(field: FieldDescriptor, scope: dict[str, Any]) -> list[str]:
    """Write the check of one field; its violations are below the field's name."""
    name, number = field.name, field.number
    nested = f"wrong += below({name!r}, c{number}(v))"
    if field.is_repeated:
        items = "items()" if _is_map(field) else ""
        loop = f"for k, v in getattr(m, {name!r}).{items}:" if items else ""
        loop = loop or f"for k, v in enumerate(getattr(m, {name!r})):"
        return [
            loop,
            f"    w = c{number}(v)",
            "    if w:",
            f"        wrong += below(f'{name}[{{k}}]', w)",
            f"        if len(wrong) > {VIOLATIONS_MOST}: return wrong",
        ]
    if field.message_type is Timestamp.DESCRIPTOR:
        sound = f"{FIRST_SECOND} <= v.seconds <= {LAST_SECOND} and 0 <= v.nanos <= {NANOS_MAX}"
        held = [f"v = getattr(m, {name!r})", f"if not ({sound}): {nested}"]
        return [f"if m.HasField({name!r}):", *("    " + line for line in held)]
    if field.message_type is not None:
        held = [f"w = c{number}(getattr(m, {name!r}))", f"if w: wrong += below({name!r}, w)"]
        return [f"if m.HasField({name!r}):", *("    " + line for line in held)]
    scope[f"n{number}"] = _numbers(field)
    sound = f"v in n{number}" if field.enum_type is not None else "v - v == 0"
    return [f"v = getattr(m, {name!r})", f"if not {sound}: {nested}"]


def below(path: str, violations: Iterable[Violation]) -> list[Violation]:
    """Return violations with their paths below `path`."""
    return [
        Violation(f"{path}.{inner.field}" if inner.field else path, inner.description)
        for inner in violations
    ]


def _can_be_malformed(field: FieldDescriptor, above: frozenset[str]) -> bool:
    """Whether any value of this field, or below it, could be malformed."""
    message = field.message_type
    if message is None:
        return field.enum_type is not None or field.cpp_type in FLOATING
    if message.full_name in WELL_KNOWN:
        return True
    inside = above | {message.full_name}
    return message.full_name not in above and any(
        _can_be_malformed(inner, inside) for inner in message.fields
    )


def _value_check(field: FieldDescriptor) -> Check:
    message = field.message_type
    if message is not None and _is_map(field):
        return _value_check(message.fields_by_name["value"])
    if message is not None:
        return WELL_KNOWN.get(message.full_name) or _when_needed(message)
    return _declared(field.enum_type) if field.enum_type is not None else _finite


def _when_needed(message: Descriptor) -> Check:
    """Return the check of a type that may hold messages of its own type."""
    return lambda value: check_of(message)(value)  # noqa: PLW0108  # looked up late


def _is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def _numbers(field: FieldDescriptor) -> frozenset[int]:
    enum = field.enum_type
    return frozenset(enum.values_by_number) if enum is not None else frozenset()


def _declared(enum: EnumDescriptor) -> Check:
    numbers = frozenset(enum.values_by_number)
    wrong = [Violation("", f"is not a number declared by enum {enum.name}")]
    return lambda value: [] if value in numbers else wrong


def _finite(value: float) -> list[Violation]:
    return [] if value - value == 0 else [Violation("", "must be a finite number")]


def plain_decimal(value: DecimalMessage) -> Decimal | None:
    """Return the exact number, or None if the message is absent, empty or malformed."""
    text = value.value
    return None if len(text) > DECIMAL_LENGTH else _plain(text)


@lru_cache(maxsize=4096)
def _plain(text: str) -> Decimal | None:
    """Return the number that a text says: shares, quantities and discounts are mostly few."""
    return Decimal(text) if PLAIN_DECIMAL.fullmatch(text) else None


def _money(value: Money) -> list[Violation]:
    wrong = money.fault(value)
    return [] if wrong is None else [Violation("", wrong)]


def _date(value: Date) -> list[Violation]:
    try:
        dt.date(value.year, value.month, value.day)
    except ValueError:
        return [Violation("", "is not a valid calendar date; give year, month and day")]
    return []


def _decimal(value: DecimalMessage) -> list[Violation]:
    cure = f'is not a plain decimal of at most {DECIMAL_LENGTH} characters; write it as "0.25"'
    return [] if plain_decimal(value) is not None else [Violation("", cure)]


def _timestamp(value: Timestamp) -> list[Violation]:
    right = FIRST_SECOND <= value.seconds <= LAST_SECOND and 0 <= value.nanos <= NANOS_MAX
    return [] if right else [Violation("", "is not a timestamp between the years 1 and 9999")]


def _duration(value: Duration) -> list[Violation]:
    ranged = abs(value.seconds) <= DURATION_SECONDS and abs(value.nanos) <= NANOS_MAX
    right = ranged and value.seconds * value.nanos >= 0
    return [] if right else [Violation("", "is not a duration of at most 10,000 years")]


def _properties(value: Struct) -> list[Violation]:
    return [Violation(name_told(name), UNDECLARED) for name in sorted(value.fields)]


WELL_KNOWN: dict[str, Check] = {
    Struct.DESCRIPTOR.full_name: _properties,
    Money.DESCRIPTOR.full_name: _money,
    Date.DESCRIPTOR.full_name: _date,
    DecimalMessage.DESCRIPTOR.full_name: _decimal,
    Timestamp.DESCRIPTOR.full_name: _timestamp,
    Duration.DESCRIPTOR.full_name: _duration,
}
