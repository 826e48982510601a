"""Dimensions: what conditions tell facts apart by, and the classes that no condition can divide.

A dimension is a fact ("lead.company.employees") or an expression over facts ("size(activities)",
"days_between(activities[].at, as_of)"). Its first class is always NO_VALUE: the fact is missing,
or the expression fails, so a comparison with it is neither true nor false. The others are points
and the open intervals between them, or single words and "another one".
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor
from typing import Any, cast

from google.protobuf.descriptor import EnumDescriptor

from dealgate.language.literals import literal
from dealgate.proof.samples import NO_VALUE, Value, amount, number, whole

MONEY, DATE, DECIMAL = "google.type.Money", "google.type.Date", "google.type.Decimal"
DAY = 86_400 * 10**9
EPOCH_DAY = 719_163  # the ordinal of 1970-01-01
# Noon in Greenwich on a Monday: the instant that witnesses are judged at.
NOON = 1_780_315_200 * 10**9
# Samples of what no condition compares with a value.
ANY = {"timestamp": NOON - DAY, DATE: 739_768, MONEY: 1_000 * 10**9}
# How far a sample may lie from the limit of a class without another end.
NEAR = {"timestamp": DAY, "duration": 3600 * 10**9, MONEY: 10**9}


@dataclass(frozen=True, slots=True)
class Class:
    """Values that no condition tells apart: `sample` is one of them.

    An interval lies strictly between `low` and `high` (None: no end). `other` stands for all that
    no condition names; its sample is None: the builder of a witness chooses it.
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
            yield from (
                Class(value)
                for value in sorted(self.named, key=number)
                if value not in self.refused
            )
            if not self.is_closed:
                yield Class(None, other=True)
        elif self.type == MONEY:
            yield from self._money()
        else:
            yield from self._ordered(self.named)

    def _money(self) -> Iterator[Class]:
        named = [amount(value) for value in self.named]
        for currency in sorted({currency for currency, _ in named}):
            for near in self._ordered({nanos for code, nanos in named if code == currency}):
                low = None if near.low is None else (currency, whole(near.low))
                high = None if near.high is None else (currency, whole(near.high))
                yield Class((currency, whole(near.sample)), low, high, near.is_interval)
        if not self.is_closed:
            yield Class(None, other=True)

    def _ordered(self, named: Iterable[Value]) -> Iterator[Class]:
        low, high = self.low, self.high
        inside = {end for value in named for end in self._ends(value) if self._is_inside(end)}
        ends = {end for end in (low, high) if end is not None}
        cuts = sorted(inside | ends, key=number)
        if not cuts:
            yield self._interval(None, None)
            return
        if low is None:
            yield self._interval(None, cuts[0])
        yield Class(cuts[0])
        for a, b in pairwise(cuts):
            if not (self.is_whole and whole(b) - whole(a) <= 1):
                yield self._interval(a, b)
            yield Class(b)
        if high is None:
            yield self._interval(cuts[-1], None)

    def _ends(self, value: Value) -> Iterable[Value]:
        """Return the whole numbers beside a value, if it must be one."""
        at = number(value)
        return {floor(at), ceil(at)} if self.is_whole else {value}

    def _is_inside(self, value: Value) -> bool:
        above = self.low is None or number(value) >= self.low
        return above and (self.high is None or number(value) <= self.high)

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
                return whole(high) - step
            if high is None:
                return whole(low) + step
            return whole(low) + (step if whole(low) + step < whole(high) else 1)
        of: Any = Decimal if self.type == DECIMAL else float
        if low is None:
            return cast("Value", of(1) if high is None else of(high) - 1)
        return cast("Value", of(low) + 1 if high is None else (of(low) + of(high)) / 2)

    def shown(self, value: Value) -> str:
        """Write a value of this dimension as CEL does."""
        if value is NO_VALUE:
            return "not known"
        if self.type == DATE:
            return literal(date_of(whole(value)))
        type_ = "duration" if self.type == "duration" else self.type
        return literal(value, type_, self.enum)


def date_of(day: int) -> tuple[int, int, int]:
    """Return the date that an ordinal numbers, as the engine holds it."""
    moment = dt.date.fromordinal(day)
    return moment.year, moment.month, moment.day
