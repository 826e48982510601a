"""What functions of lists do: sets, order, and sums, extremes and means of what they hold."""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, cast

from google.protobuf.message import Message

from dealgate.language.functions import SCALARS
from dealgate.language.values import CurrenciesDiffer, MoneyValue, Scalar, Value, fail, value_of

EMPTY = "the list is empty"
EXACT = Context(prec=1_000, traps=[])
# Digits of a mean: its quotient may have no end.
MEAN = Context(prec=28, rounding=ROUND_HALF_UP, traps=[])
RANGE = 10_000  # elements of lists.range


def extreme(pick: Callable[[Sequence[Any]], Any], items: Sequence[Any]) -> Any:
    """Return the greatest or least of numbers, dates, instants, spans or decimals."""
    return pick(items) if len(items) else fail(EMPTY)


def extreme_money(
    pick: Callable[[Sequence[MoneyValue]], MoneyValue], items: Sequence[MoneyValue]
) -> MoneyValue:
    """Return the greatest or least of amounts in one currency."""
    amounts = _amounts(items)
    _currency(amounts)
    return pick(amounts)


def sum_money(items: Sequence[MoneyValue], start: MoneyValue | None = None) -> MoneyValue:
    """Add amounts in one currency; without `start` an empty list has no currency."""
    amounts = _amounts(items)
    amounts = amounts if start is None else [start, *amounts]
    return _currency(amounts), sum(nanos for _, nanos in amounts)


def sum_decimal(items: Sequence[Decimal]) -> Decimal:
    """Add decimals exactly."""
    total = Decimal(0)
    for item in items:
        total = EXACT.add(total, item)
    return total if total.is_finite() else fail("overflow")


def average(items: Sequence[float]) -> float:
    """Return the mean of numbers, as a double."""
    return math.fsum(items) / len(items) if len(items) else fail(EMPTY)


def average_money(items: Sequence[MoneyValue]) -> MoneyValue:
    """Return the mean of amounts in one currency; half a nano goes away from zero."""
    code, total = sum_money(items)
    quotient, rest = divmod(abs(total), len(items))
    nanos = quotient + (2 * rest >= len(items))
    return code, nanos if total >= 0 else -nanos


def average_decimal(items: Sequence[Decimal]) -> Decimal:
    """Return the mean of decimals, to 28 digits."""
    if not len(items):
        fail(EMPTY)
    return MEAN.divide(sum_decimal(items), Decimal(len(items)))


def _amounts(items: Sequence[Any]) -> list[Any]:
    """Return amounts as values; a repeated field holds messages."""
    return [value_of(item) if isinstance(item, Message) else item for item in items]


def _currency(amounts: Sequence[MoneyValue]) -> str:
    if not amounts:
        fail(EMPTY)
    if len({code for code, _ in amounts}) > 1:
        raise CurrenciesDiffer("currencies differ")
    return amounts[0][0]


def distinct(items: Sequence[Value]) -> list[Value]:
    """Return each element once, in the order of the first of its like."""
    first: dict[Hashable, Value] = {}
    for item in items:
        first.setdefault(_key(item), item)
    return [*first.values()]


def sliced(items: Sequence[Value], start: int, end: int) -> list[Value]:
    """Return the elements from `start` up to, and without, `end`."""
    return [*items[start:end]] if 0 <= start <= end <= len(items) else fail("index out of bounds")


def counted(count: int) -> list[int]:
    """Return the numbers from 0 up to, and without, `count`."""
    return [*range(count)] if count <= RANGE else fail("the list would be too long")


def sort_by(items: Sequence[Value], keys: Sequence[Any]) -> list[Value]:
    """Return the elements in the order of their keys."""
    return [items[at] for at in sorted(range(len(items)), key=keys.__getitem__)]


def within(items: Sequence[Value], others: Sequence[Value]) -> bool:
    """Tell whether every one of `others` is among `items`."""
    return all(map(_finder(items), others))


def meets(items: Sequence[Value], others: Sequence[Value]) -> bool:
    """Tell whether any of `others` is among `items`."""
    return any(map(_finder(items), others))


def _finder(items: Sequence[Value]) -> Callable[[Value], bool]:
    """Return the test whether a value is among items; each is looked up, however many there are."""
    held = frozenset(map(_key, items))
    return lambda item: _key(item) in held


def _key(value: Any) -> Hashable:
    """Return what two values have in common if, and only if, they are equal."""
    if type(value) in SCALARS:
        return cast("Hashable", value) if value == value else object()  # noqa: PLR0124  # NaN
    if isinstance(value, Mapping):
        return frozenset((key, _key(held)) for key, held in value.items())
    if isinstance(value, Message):
        return cast("Hashable", value_of(value))
    return tuple(map(_key, value)) if isinstance(value, Sequence) else cast("Hashable", value)


def map_insert(table: Mapping[Scalar, Value], key: Scalar, value: Value) -> dict[Scalar, Value]:
    """Return a map with one key more."""
    return {**table, key: value} if key not in table else fail("repeated key")


def map_join(table: Mapping[Scalar, Value], other: Mapping[Scalar, Value]) -> dict[Scalar, Value]:
    """Return two maps in one."""
    return {**table, **other} if not {*table} & {*other} else fail("repeated key")


def map_of(entries: Iterable[Mapping[Scalar, Value]]) -> dict[Scalar, Value]:
    """Return what several maps hold together."""
    table: dict[Scalar, Value] = {}
    for entry in entries:
        for key, value in entry.items():
            if key in table:
                fail("repeated key")
            table[key] = value
    return table
