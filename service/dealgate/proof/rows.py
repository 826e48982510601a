"""Boxes written as rows, and which of many rows meet another: by class, not one by one."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TypeAlias

# For each column its classes; or the columns that are limited, and to which classes.
Box: TypeAlias = tuple[int, ...]
Row: TypeAlias = tuple[tuple[int, int], ...]
NARROW = 8  # classes of a row; whom it meets is then looked up class by class


class Index:
    """Which of many rows meet a given one: answered by a few operations on long integers."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._all = (1 << len(rows)) - 1
        self._limited: dict[int, dict[int, int]] = {}
        for position, row in enumerate(rows):
            for column, classes in row:
                masks = self._limited.setdefault(column, {})
                masks[classes] = masks.get(classes, 0) | 1 << position
        self._meeting: dict[tuple[int, int], int] = {}
        self._holding: dict[int, tuple[int, list[int]]] = {}

    def meeting(self, row: Row) -> int:
        """Return the rows that share a point with `row`: bit p for the row at position p."""
        rows = self._all
        for column, classes in row:
            rows &= self._in_column(column, classes)
        return rows

    def _in_column(self, column: int, classes: int) -> int:
        key = column, classes
        if key not in self._meeting:
            is_narrow = classes.bit_count() <= NARROW
            in_column = self._at if is_narrow and column in self._limited else self._not_apart
            self._meeting[key] = in_column(column, classes)
        return self._meeting[key]

    def _not_apart(self, column: int, classes: int) -> int:
        apart = 0
        for other, rows in self._limited.get(column, {}).items():
            if not other & classes:
                apart |= rows
        return self._all & ~apart

    def _at(self, column: int, classes: int) -> int:
        if column not in self._holding:
            limited = reduce(or_, self._limited[column].values())
            self._holding[column] = self._all & ~limited, _allowing(self._limited[column])
        rows, holding = self._holding[column]
        for bit in positions(classes):
            rows |= holding[bit] if bit < len(holding) else 0
        return rows


def _allowing(limited: Mapping[int, int]) -> list[int]:
    """Return for each class the rows that allow it, by one sweep over where their sets end."""
    width = max(classes.bit_length() for classes in limited)
    changes = [0] * (width + 1)
    for classes, rows in limited.items():
        for bit in positions(classes ^ classes << 1):
            changes[bit] ^= rows
    holding, now = [], 0
    for change in changes[:width]:
        now ^= change
        holding.append(now)
    return holding


def positions(bits: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def row_of(box: Sequence[int], full: Sequence[int]) -> Row:
    """Write a box as a row: the columns where it allows less than `full`."""
    return tuple(
        (c, mine) for c, (mine, all_) in enumerate(zip(box, full, strict=True)) if mine != all_
    )


def box_of(row: Row, full: Sequence[int]) -> Box:
    """Write a row as a box."""
    box = list(full)
    for column, classes in row:
        box[column] &= classes
    return tuple(box)


def meet(row: Row, other: Row) -> Row | None:
    """Return what two rows share; None if that is nothing."""
    both = dict(row)
    for column, classes in other:
        shared = both.get(column, classes) & classes
        if not shared:
            return None
        both[column] = shared
    return tuple(sorted(both.items()))


def contains(outer: Row, inner: Row) -> bool:
    """Tell whether every point of `inner` lies in `outer`."""
    within = dict(inner)
    return all(column in within and not within[column] & ~classes for column, classes in outer)


def widest(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that lie within no other, those that limit fewest columns first."""
    kept: list[Row] = []
    # By the columns that they limit: a row lies within none that limits others than itself does.
    wider: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for row in sorted(rows, key=len):
        within = dict(row)
        if not any(
            _lies_within([within[column] for column in columns], theirs)
            for columns, theirs in wider.items()
            if within.keys() >= {*columns}
        ):
            kept.append(row)
            wider.setdefault(tuple(within), []).append(tuple(within.values()))
    return kept


def _lies_within(mine: Sequence[int], theirs: Sequence[Sequence[int]]) -> bool:
    for masks in theirs:
        for inner, outer in zip(mine, masks, strict=True):
            if inner & ~outer:
                break
        else:
            return True
    return False
