"""The values that dimensions hold: samples of classes, limits, and what conditions compare with."""

from decimal import Decimal
from enum import Enum
from typing import Any, Protocol, TypeAlias, cast


class Nothing(Enum):
    """What a dimension is that has no value."""

    NO_VALUE = "not known"


NO_VALUE = Nothing.NO_VALUE
# A currency and nanos of a unit.
Amount: TypeAlias = tuple[str, int]
# Instants and durations are nanoseconds, dates the ordinals of their days; None: no limit, or any.
Value: TypeAlias = bool | int | float | Decimal | str | bytes | Amount | Nothing | None


class Number(Protocol):
    """A value that is ordered and counted: one dimension has numbers of one type alone."""

    def __lt__(self, other: Any, /) -> bool: ...
    def __le__(self, other: Any, /) -> bool: ...
    def __gt__(self, other: Any, /) -> bool: ...
    def __ge__(self, other: Any, /) -> bool: ...
    def __add__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...
    def __floor__(self) -> int: ...
    def __ceil__(self) -> int: ...


def number(value: Value) -> Number:
    """Return a value of which the dimension tells that it is a number."""
    return cast("Number", value)


def whole(value: Value) -> int:
    """Return a value of which the dimension tells that it is counted in whole steps."""
    return cast("int", value)


def amount(value: Value) -> Amount:
    """Return a value of which the dimension tells that it is an amount of money."""
    return cast("Amount", value)


def word(value: Value) -> str:
    """Return a value of which the dimension tells that it is text."""
    return cast("str", value)
