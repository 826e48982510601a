"""Values that a field can hold and nobody expects: extremes, nothing, and what is none at all."""

from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

FIRST, LAST = -62_135_596_800, 253_402_300_799  # seconds: the years 1 to 9999
MOST = 2**63 - 1
CANARY = "canary-7f3a91"  # a text to look for where no fact's value may be
TEXTS = (
    *(CANARY, f"{CANARY}@example.com", f"x@{CANARY}", f"https://{CANARY}/"),
    *("", " ", "\0", "\n", ".", "..", "+", "@", "a" * 257, "x" * 5_000, "\ufeff", "\U0010ffff"),
    *("Ünïcödé", "مرحبا", "👩\u200d👧", "\u202eabc", "İstanbul", "ß", "ﬀ", "ǆ", "E\u0301", "٠١٢٣"),
    *("a@b", "a@b.", "a@[1.2.3.4]", "a b@c.de", "a@xn--ü", "a@" + "b." * 200 + "com", "xn--"),
    *("http://", "https://例え.jp", "[::1]", "+49 30 123456", "DE", "de", "US-CA", "USD", "../x"),
    "Europe/Berlin",
    *("1e999999", "NaN", "-0", "{{7*7}}", "'; DROP TABLE"),
)  # fmt: skip
DECIMALS = (
    *("0", "1", "-1", "0.5", "100", "1000000000000", "1.0000001", "-0", "+1", ".5", "5.", "00.10"),
    *("9" * 64, "-" + "9" * 63, "0." + "0" * 61 + "1", "0." + "9" * 21, "1e5", "NaN", "", "٣"),
)
UNITS = (0, 1, -1, 10**6, 10**12, 10**15, 2**53 + 1, 2**62, MOST, -MOST, -MOST - 1)
NANOS = (0, 0, 0, 10_000_000, 990_000_000, 1, -990_000_000, 999_999_999, 2**31 - 1, -(2**31))
CURRENCIES = ("USD", "EUR", "JPY", "KWD", "XXX", "", "usd")
INTEGERS = (0, 1, -1, 2, 7, 12, 31, 100, 366, 10_000, 10**6, 2**31 - 1, -(2**31), MOST, -MOST - 1)
FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 100.0, 1e-300, 5e-324, 1e18, 1e300, -1e300,
          float("nan"), float("inf"), float("-inf"))  # fmt: skip
SECONDS = (FIRST, FIRST + 1, LAST - 1, LAST, 0, -1, LAST + 1, FIRST - 1, MOST, -MOST - 1)
DAYS = ((1, 1, 1), (1, 1, 2), (9998, 12, 31), (9999, 1, 1), (9999, 12, 1), (9999, 12, 31),
        (1970, 1, 1), (2024, 2, 29), (2023, 2, 29), (0, 1, 1), (2026, 0, 0))  # fmt: skip
BOUNDS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-MOST - 1, MOST),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
KNOWN = (Money, Date, Decimal, Timestamp, Duration)
FILLED = 0.6  # the share of fields that are given in a message made of nothing


def scalar(random: Random, field: FieldDescriptor) -> Any:
    """Return a value for a field that holds no message."""
    if field.enum_type is not None:
        return random.choice([*field.enum_type.values_by_number, 99])
    if field.cpp_type in BOUNDS:
        low, high = BOUNDS[field.cpp_type]
        return random.choice([value for value in INTEGERS if low <= value <= high])
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return random.choice((True, False))
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return random.choice(TEXTS)
    return random.choice(FLOATS)


def fill(random: Random, message: Message, depth: int = 2) -> None:
    """Give a message values, and those within it, so many levels deep."""
    if isinstance(message, KNOWN):
        _fill_known(random, message)
        return
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not Struct.DESCRIPTOR and random.random() < FILLED:
            put(random, message, field, depth)


def put(random: Random, message: Message, field: Any, depth: int = 2) -> None:
    """Set a field, by its descriptor, to a strange value; a list gets one more."""
    if field.message_type is None:
        value = scalar(random, field)
        if field.is_repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)
    elif depth > 0:
        inner = getattr(message, field.name)
        one = inner.add() if field.is_repeated else inner
        one.SetInParent()
        fill(random, one, depth - 1)


def _fill_known(random: Random, message: Any) -> None:
    match message:
        case Money():
            message.units, message.nanos = random.choice(UNITS), random.choice(NANOS)
            message.currency_code = message.currency_code or random.choice(CURRENCIES)
        case Date():
            message.year, message.month, message.day = random.choice(DAYS)
        case Decimal():
            message.value = random.choice(DECIMALS)
        case _:
            message.seconds = random.choice(SECONDS)
            message.nanos = random.choice((0, 0, 1, 999_999_999, -1))
