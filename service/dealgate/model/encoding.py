"""Protobuf messages written as bytes, field by field, in the order of their numbers.

A writer for a field is made once from its descriptor, and refuses a field of another type; what it
returns is what protobuf's own serializer writes, deterministically, for that field alone. Messages
that are mostly the same every time (evidence, headers) are so joined from parts kept as bytes.
"""

import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from dealgate.model.money import from_minor
from dealgate.model.points import plain_millionths

NANOS = 1_000_000_000
DOUBLE = struct.Struct("<d")
MASK = 2**64 - 1
INTEGERS = {
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_ENUM,
    FieldDescriptor.TYPE_UINT32,
    FieldDescriptor.TYPE_BOOL,
}

Text: TypeAlias = Callable[[str], bytes]
Integer: TypeAlias = Callable[[int], bytes]
Double: TypeAlias = Callable[[float], bytes]
Embedded: TypeAlias = Callable[[bytes], bytes]
Packed: TypeAlias = Callable[[Sequence[int]], bytes]


_THREE, _FOUR, _FIVE = (struct.Struct(f"{size}B").pack for size in (3, 4, 5))
# How a negative number ends that is not far below 0.
_NEGATIVE = b"\xff\xff\xff\xff\xff\x01"


def varint(number: int) -> bytes:
    """Write an integer; a negative one takes ten bytes."""
    if 1 << 14 <= number < 1 << 21:
        return _THREE(number & 127 | 128, number >> 7 & 127 | 128, number >> 14)
    if -(1 << 28) <= number < 0 or 1 << 21 <= number < 1 << 28:
        last = number >> 21 & 127
        four = _FOUR(
            number & 127 | 128,
            number >> 7 & 127 | 128,
            number >> 14 & 127 | 128,
            last if number > 0 else last | 128,
        )
        return four if number > 0 else four + _NEGATIVE
    if 1 << 28 <= number < 1 << 35:  # the seconds of an instant, and most of its nanoseconds
        low, high = number & 0x1FFFFF, number >> 21
        return _FIVE(
            low & 127 | 128,
            low >> 7 & 127 | 128,
            low >> 14 | 128,
            high & 127 | 128,
            high >> 7,
        )
    number &= MASK
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


# Most numbers are small: looked up where speed matters, without a call.
SMALL = 2048
VARINTS = tuple(map(varint, range(SMALL)))


def sized(data: bytes) -> bytes:
    """Write the length of some bytes, and them."""
    size = len(data)
    return (VARINTS[size] if size < SMALL else varint(size)) + data


def text_field(message: type[Message], name: str) -> Text:
    """Write a string field; an empty one that is the same as an absent one takes no byte."""
    field, key = _field(message, name, {FieldDescriptor.TYPE_STRING}, 2)
    always = field.has_presence or field.is_repeated

    def write(value: str) -> bytes:
        if not value and not always:
            return b""
        data = value.encode()
        size = len(data)
        return key + (VARINTS[size] if size < SMALL else varint(size)) + data

    return write


def integer_field(message: type[Message], name: str) -> Integer:
    """Write an integer, boolean or enum field that is 0 where it is absent."""
    field, key = _field(message, name, INTEGERS, 0)
    always = field.has_presence

    def write(value: int) -> bytes:
        if 0 < value < SMALL:
            return key + VARINTS[value]
        return key + varint(value) if value or always else b""

    return write


def double_field(message: type[Message], name: str) -> Double:
    """Write a double field that is 0.0 where it is absent."""
    field, key = _field(message, name, {FieldDescriptor.TYPE_DOUBLE}, 1)
    always = field.has_presence

    def write(value: float) -> bytes:
        data = DOUBLE.pack(value)
        return key + data if any(data) or always else b""

    return write


def message_field(message: type[Message], name: str) -> Embedded:
    """Write a message field, single or repeated, from the message's own bytes."""
    _, key = _field(message, name, {FieldDescriptor.TYPE_MESSAGE}, 2)

    def write(data: bytes) -> bytes:
        size = len(data)
        return key + (VARINTS[size] if size < SMALL else varint(size)) + data

    return write


def decimal_key(message: type[Message], name: str) -> bytes:
    """Return what a google.type.Decimal field begins with: `sized_decimal` writes the rest."""
    field, key = _field(message, name, {FieldDescriptor.TYPE_MESSAGE}, 2)
    if field.message_type is not Decimal.DESCRIPTOR:
        raise TypeError(f"{field.full_name} is not a google.type.Decimal")
    return key


@lru_cache(maxsize=65536)
def sized_decimal(millionths: int) -> bytes:
    """Write a google.type.Decimal in millionths with its length, but without its key."""
    text = plain_millionths(millionths).encode()
    size = len(text)
    if size < len(DECIMAL_STARTS):
        return DECIMAL_STARTS[size] + text
    return sized(_decimal_key + sized(text))


def decimal_field(message: type[Message], name: str) -> Text:
    """Write a google.type.Decimal field from its text."""
    key = decimal_key(message, name)
    return lambda text: key + sized(_decimal_value(text))


def money_key(message: type[Message], name: str) -> bytes:
    """Return what a google.type.Money field begins with: `sized_money` writes the rest."""
    field, key = _field(message, name, {FieldDescriptor.TYPE_MESSAGE}, 2)
    if field.message_type is not Money.DESCRIPTOR:
        raise TypeError(f"{field.full_name} is not a google.type.Money")
    return key


@lru_cache(maxsize=16384)
def sized_money(minor: int, currency: str) -> bytes:
    """Write a google.type.Money with its length, but without its key; raises as from_minor."""
    return sized(from_minor(minor, currency).SerializeToString(deterministic=True))


def money_field(message: type[Message], name: str) -> Callable[[int, str], bytes]:
    """Write a google.type.Money field from minor units and a currency; raises as from_minor."""
    key = money_key(message, name)
    return lambda minor, currency: key + sized_money(minor, currency)


def packed_field(message: type[Message], name: str) -> Packed:
    """Write a list of integers."""
    _, key = _field(message, name, INTEGERS, 2)

    def write(numbers: Sequence[int]) -> bytes:
        if not numbers:
            return b""
        return key + sized(b"".join(map(varint, numbers)))

    return write


def instant_field(message: type[Message], name: str) -> Integer:
    """Write a google.protobuf.Timestamp from nanoseconds since the epoch."""
    _, key = _field(message, name, {FieldDescriptor.TYPE_MESSAGE}, 2)
    return lambda at: key + _sized_instant(at)


@lru_cache(maxsize=256)
def _sized_instant(at: int) -> bytes:
    """Write an instant with its length: a question is mostly judged at that of its answer."""
    seconds, nanos = divmod(at, NANOS)
    data = b"\x08" + varint(seconds) if seconds else b""
    return sized(data + b"\x10" + varint(nanos) if nanos else data)


def _field(
    message: type[Message], name: str, types: set[int], wire_type: int
) -> tuple[FieldDescriptor, bytes]:
    field: FieldDescriptor = message.DESCRIPTOR.fields_by_name[name]  # type: ignore[assignment]  # upb's own
    if field.type not in types:
        raise TypeError(f"{field.full_name} is not written by a field of this type")
    return field, varint(field.number << 3 | wire_type)


_decimal_value = text_field(Decimal, "value")
_decimal_key = _field(Decimal, "value", {FieldDescriptor.TYPE_STRING}, 2)[1]
# What a decimal of that many digits begins with: its own length, and its text's.
DECIMAL_STARTS = [sized(_decimal_key + varint(size) + bytes(size))[:-size] for size in range(1, 64)]
DECIMAL_STARTS.insert(0, b"")
