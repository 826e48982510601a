"""The values an expression can have, and the two ways it can have none: unknown and failed.

bool int float str bytes      as in Python; int64 and uint64 are both int, checked for overflow
timestamp, duration           int, nanoseconds (since the epoch, UTC)
google.type.Money             (currency code, nanos of a unit): ("EUR", 1_500_000_000)
google.type.Date              (year, month, day)
google.type.Decimal           decimal.Decimal
list, map, other messages     as protobuf gives them, or list and dict
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NoReturn, TypeAlias, cast

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

NANOS = 1_000_000_000


class CelError(Exception):
    """An operation that has no result; its text names the fault and holds no value."""


def fail(reason: str) -> NoReturn:
    """Raise the error that `reason` names."""
    raise CelError(reason)


class CurrenciesDiffer(CelError):
    """Two amounts meet without a rate: what depends on them is not known, which is not an error."""


class MissingFact(Exception):
    """A fact was read that is not there; sends compiled code to the exact evaluator."""


class NoValue:
    """What an expression evaluates to without a value."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unknown(NoValue):
    """It depends on facts that are missing: their paths, sorted."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure(NoValue):
    """It went wrong; `reason` is a CelError's text."""

    reason: str


Scalar: TypeAlias = bool | int | float | str | bytes | Decimal
MoneyValue: TypeAlias = tuple[str, int]
DateValue: TypeAlias = tuple[int, int, int]
Several: TypeAlias = Sequence["Value"] | Mapping[Scalar, "Value"]
# What an expression evaluates to: a value, or why there is none. None is CEL's null.
Value: TypeAlias = Scalar | MoneyValue | DateValue | Message | Several | NoValue | None
# What a condition evaluates to.
Ternary: TypeAlias = bool | NoValue


def first_without_value(operands: Sequence[Value]) -> NoValue | None:
    """Return the result of an operation on these operands if any of them has no value.

    The first operand without a value decides, as in cel-cpp. If it is unknown, the facts that
    the others lack are named too, so that a caller can supply all at once.
    """
    without = [operand for operand in operands if isinstance(operand, NoValue)]
    if not without:
        return None
    first = without[0]
    if isinstance(first, Unknown) and len(without) > 1:
        return _joined(tuple([other.paths for other in without if isinstance(other, Unknown)]))
    return first


@lru_cache(maxsize=1024)
def _joined(lists: tuple[tuple[str, ...], ...]) -> Unknown:
    """Join what several depend on: the same facts are missing again and again."""
    return Unknown(tuple(sorted({path for paths in lists for path in paths})))


def elements(value: Value) -> Sequence[Value]:
    """Return the elements of what the checker knows to be a list; none if it has no value."""
    return () if isinstance(value, NoValue) else cast("Sequence[Value]", value)


def timestamp(message: Timestamp | Duration) -> int:
    """Return nanoseconds."""
    return message.seconds * NANOS + message.nanos


def money(message: Money) -> MoneyValue:
    """Return the currency and the amount in nanos of a unit."""
    return message.currency_code, message.units * NANOS + message.nanos


def date(message: Date) -> DateValue:
    """Return year, month and day; comparing them compares the dates."""
    return message.year, message.month, message.day


def decimal(message: DecimalMessage) -> Decimal:
    """Return the number, or raise CelError if it is not a finite one."""
    return parse_decimal(message.value)


def parse_decimal(text: str) -> Decimal:
    """Return the number that `text` writes out, or raise CelError."""
    try:
        # Python reads "1_000", " 1" and digits of every script.
        number = Decimal(text if text.isascii() and "_" not in text else "-")
    except InvalidOperation:
        raise CelError("not a decimal") from None
    if text != text.strip():
        raise CelError("not a decimal")
    if not number.is_finite():
        raise CelError("not a finite decimal")
    return number


# How a message of a well-known type becomes a value. Other messages stay as they are.
CONVERSIONS: Mapping[str, Callable[..., Value]] = {
    "google.protobuf.Timestamp": timestamp,
    "google.protobuf.Duration": timestamp,
    "google.type.Money": money,
    "google.type.Date": date,
    "google.type.Decimal": decimal,
}


def value_of(message: Message) -> Value:
    """Return a message as a value."""
    conversion = CONVERSIONS.get(message.DESCRIPTOR.full_name)
    return message if conversion is None else conversion(message)
