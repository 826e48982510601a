"""The nearest neighbours of a literal: one unit less and one more, or another text."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from dealgate.language.operations import OPERATIONS
from dealgate.language.times import string_of_duration, string_of_timestamp
from dealgate.language.values import NANOS
from dealgate.model.money import exponent

MARK = "~"


def neighbours(value: Any) -> Iterator[Any]:
    """Yield what stands nearest to a value of CEL's plain types."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value - 1, value + 1)
    elif isinstance(value, float):
        unit = _unit(Decimal(repr(value)))
        yield from (float(Decimal(repr(value)) - unit), float(Decimal(repr(value)) + unit))
    elif isinstance(value, str):
        yield value + MARK


def literal_neighbours(function: str, texts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the operands that make the nearest neighbours of money("EUR", "5") and its like."""
    if function == "money":
        yield from _money(*texts)
    elif function == "decimal":
        yield from ((str(number),) for number in digits_apart(Decimal(texts[0])))
    elif function == "date":
        day = dt.date.fromisoformat(texts[0])
        yield from (((day + dt.timedelta(days=step)).isoformat(),) for step in (-1, 1))
    elif function == "timestamp":
        instant = OPERATIONS["string_to_timestamp"].call(texts[0])
        yield from ((string_of_timestamp(instant + step),) for step in (-NANOS, NANOS))
    elif function == "duration":
        span = OPERATIONS["string_to_duration"].call(texts[0])
        yield from ((string_of_duration(span + step),) for step in (-NANOS, NANOS))


def digits_apart(number: Decimal) -> Iterator[Decimal]:
    """Yield the number with its last written digit one less and one more."""
    yield number - _unit(number)
    yield number + _unit(number)


def _money(currency: str, amount: str) -> Iterator[tuple[str, ...]]:
    unit = Decimal(1).scaleb(-(exponent(currency) or 0))
    yield currency, f"{Decimal(amount) - unit:f}"
    yield currency, f"{Decimal(amount) + unit:f}"
    yield ("USD" if currency != "USD" else "EUR"), amount


def _unit(number: Decimal) -> Decimal:
    exponent_ = number.as_tuple().exponent
    return Decimal(1).scaleb(min(exponent_, 0) if isinstance(exponent_, int) else 0)
