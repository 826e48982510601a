"""Dimensions: what conditions tell facts apart by, and the classes that no condition can divide.

A dimension is a fact ("lead.company.employees") or an expression over facts ("size(activities)",
"days_between(activities[].at, as_of)"). Its first class is always NO_VALUE: the fact is missing,
or the expression fails, so a comparison with it is neither true nor false. The others are points
and the open intervals between them, or single words and "another one".
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from math import ceil, floor
from typing import Any, TypeAlias

from google.protobuf.descriptor import EnumDescriptor

from dealgate.language.literals import literal

Value: TypeAlias = Any

MONEY, DATE, DECIMAL = "google.type.Money", "google.type.Date", "google.type.Decimal"
DAY = 86_400 * 10**9
EPOCH_DAY = 719_163  # the ordinal of 1970-01-01
# Noon in Greenwich on a Monday: the instant that witnesses are judged at.
NOON = 1_780_315_200 * 10**9
# Samples of what no condition compares with a value.
ANY = {"timestamp": NOON - DAY, DATE: 739_768, MONEY: 1_000 * 10**9}
# How far a sample may lie from the limit of a class without another end.
NEAR = {"timestamp": DAY, "duration": 3600 * 10**9, MONEY: 10**9}


class Nothing(Enum):
    """What a dimension is that has no value."""

    NO_VALUE = "not known"


NO_VALUE = Nothing.NO_VALUE


@dataclass(frozen=True, slots=True)
class Class:
    """Values that no condition tells apart: `sample` is one of them.

    An interval lies strictly between `low` and `high` (None: no end). `other` stands for all that
    no condition names; its sample is None, for whoever builds a witness to choose.
    """

    sample: Value
    low: Value = None
    high: Value = None
    is_interval: bool = False
    other: bool = False


@dataclass(slots=True)
class Dimension:
    """A dimension while conditions are read: `named` gathers the values that they compare with.

    `type` is in CEL's notation; "sign" is that of a difference which is only compared with 0.
    `reads` are the paths of the facts it depends on; a `path` dimension is such a fact itself.
    `strict` tells that it has no value if any of these has none. `opaque` says why nothing more
    is known of it. `always` tells that it is never without a value.
    """

    key: str
    type: str
    reads: tuple[str, ...] = ()
    is_path: bool = False
    strict: bool = False
    always: bool = False
    opaque: str = ""
    enum: EnumDescriptor | None = None
    low: Value = None
    high: Value = None
    refused: frozenset[Value] = frozenset()
    is_closed: bool = False
    named: set[Value] = field(default_factory=set)
    term: Any = None
    size_of: Any = None
    elements: Any = None
    sides: tuple[Any, Any] | None = None

    def classes(self) -> tuple[Class, ...]:
        """Return the classes, NO_VALUE first; for words and currencies "another one" is last."""
        return (Class(NO_VALUE), *self._values())

    def _values(self) -> Iterator[Class]:
        if self.type == "bool":
            yield from (Class(sample=False), Class(sample=True))
        elif self.enum is not None:
            yield from (Class(v.number) for v in self.enum.values if v.number)
        elif self.type == "message":
            yield Class(sample=True)
        elif self.type in {"string", "bytes", "words"}:
            yield from (Class(word) for word in sorted(self.named) if word not in self.refused)
            if not self.is_closed:
                yield Class(None, other=True)
        elif self.type == MONEY:
            yield from self._money()
        else:
            yield from self._ordered(self.named)

    def _money(self) -> Iterator[Class]:
        for currency in sorted({currency for currency, _ in self.named}):
            amounts = {amount for code, amount in self.named if code == currency}
            for each in self._ordered(amounts):
                low = None if each.low is None else (currency, each.low)
                high = None if each.high is None else (currency, each.high)
                yield Class((currency, each.sample), low, high, each.is_interval)
        if not self.is_closed:
            yield Class(None, other=True)

    def _ordered(self, named: Iterable[Value]) -> Iterator[Class]:
        low, high = self.low, self.high
        whole = {end for v in named for end in ((floor(v), ceil(v)) if self.is_whole else (v,))}
        inside = {v for v in whole if (low is None or v >= low) and (high is None or v <= high)}
        ends = {v for v in (low, high) if v is not None}
        cuts: Sequence[Value] = sorted(inside | ends)
        if not cuts:
            yield self._interval(None, None)
            return
        if low is None:
            yield self._interval(None, cuts[0])
        yield Class(cuts[0])
        for a, b in pairwise(cuts):
            if not (self.is_whole and b - a <= 1):
                yield self._interval(a, b)
            yield Class(b)
        if high is None:
            yield self._interval(cuts[-1], None)

    def _interval(self, low: Value, high: Value) -> Class:
        return Class(self._between(low, high), low, high, is_interval=True)

    @property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers: also instants, days and amounts are counted so."""
        return self.type not in {"double", DECIMAL}

    def _between(self, low: Value, high: Value) -> Value:
        if self.is_whole:
            step = NEAR.get(self.type, 1)
            if low is None and high is None:
                return ANY.get(self.type, 1)
            if low is None:
                return high - step
            if high is None:
                return low + step
            return low + step if low + step < high else low + 1
        number: Any = Decimal if self.type == DECIMAL else float
        if low is None:
            return number(1) if high is None else number(high) - 1
        return number(low) + 1 if high is None else (number(low) + number(high)) / 2

    def shown(self, value: Value) -> str:
        """Write a value of this dimension as CEL does."""
        if value is NO_VALUE:
            return "not known"
        if self.type == DATE:
            return literal(date_of(value))
        type_ = "duration" if self.type == "duration" else self.type
        return literal(value, type_, self.enum)


def date_of(day: int) -> tuple[int, int, int]:
    """Return the date that an ordinal numbers, as the engine holds it."""
    moment = dt.date.fromordinal(day)
    return moment.year, moment.month, moment.day
