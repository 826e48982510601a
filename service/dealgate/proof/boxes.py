"""Boxes of classes: find a point that some boxes leave out, or show that there is none. Exact.

Every column (a dimension) is cut into classes that no test can tell apart; a set of classes is an
int, one bit a class. A region is a `Box`: for each column the classes it allows. A `Row` is
another way to write one: the columns that it limits, and to which classes.

The search branches on the row that limits fewest columns further. That is exact, and took under
a second on tables for which a sweep over the columns took a minute (docs/adr/0011-proof.md).
"""

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import TypeAlias

Box: TypeAlias = tuple[int, ...]
Row: TypeAlias = tuple[tuple[int, int], ...]

STEPS = 200_000


class TooHard(Exception):
    """The search was given up after its number of steps: nothing is known."""


class Search:
    """A search with a bound: `steps` are how many boxes may be looked at."""

    def __init__(self, steps: int = STEPS) -> None:
        self._left = steps

    def regions(self, box: Sequence[int], rows: Iterable[Row]) -> Iterator[Box]:
        """Yield disjoint boxes that together are `box` without `rows`; raises TooHard."""
        self._left -= 1
        if self._left < 0:
            raise TooHard("too many combinations")
        live: list[Row] = []
        fewest: tuple[Row, list[int]] | None = None
        for row in rows:
            free = _free(box, row)
            if free is None:
                continue
            if not free:
                return
            live.append(row)
            if fewest is None or len(free) < len(fewest[1]):
                fewest = row, free
        if fewest is None:
            yield tuple(box)
            return
        yield from self._outside(list(box), dict(fewest[0]), fewest[1], live)

    def _outside(
        self, box: list[int], row: dict[int, int], free: list[int], live: list[Row]
    ) -> Iterator[Box]:
        # Outside the row in one column, and inside it in the columns before: so boxes are disjoint.
        for column in free:
            inside = box[column] & row[column]
            box[column] &= ~row[column]
            yield from self.regions(box, live)
            box[column] = inside


def _free(box: Sequence[int], row: Row) -> list[int] | None:
    """Return the columns in which `row` leaves out part of `box`; None if it leaves out all."""
    free = []
    for column, classes in row:
        mine = box[column]
        if not mine & classes:
            return None
        if mine & ~classes:
            free.append(column)
    return free


def point_outside(box: Sequence[int], rows: Iterable[Row], steps: int = STEPS) -> Box | None:
    """Return a part of `box` that lies outside all `rows`, or None: together they cover it.

    The part is a box, each point of which is a witness. Raises TooHard.
    """
    if not all(box):
        return None
    return next(Search(steps).regions(box, rows), None)


def difference(
    box: Sequence[int], rows: Iterable[Row], limit: int | None = None, steps: int = STEPS
) -> list[Box]:
    """Return disjoint boxes that make up `box` without `rows`, at most `limit`; raises TooHard."""
    if not all(box):
        return []
    boxes = Search(steps).regions(box, rows)
    return [region for region, _ in zip(boxes, range(limit), strict=False)] if limit else [*boxes]


def cover(
    box: Sequence[int], given: Sequence[Row], rows: Sequence[Row], steps: int = STEPS
) -> list[int]:
    """Return positions of a few `rows`, none to spare, that with those given cover `box`.

    All of them together must cover it. Raises TooHard.
    """
    chosen: list[int] = []
    while (left := point_outside(box, [*given, *(rows[p] for p in chosen)], steps)) is not None:
        chosen.append(max(_holding(left, rows), key=lambda p: (_share(box, rows[p]), -p)))
    for position in list(chosen):
        rest = [rows[other] for other in chosen if other != position]
        if point_outside(box, [*given, *rest], steps) is None:
            chosen.remove(position)
    return sorted(chosen)


def _holding(box: Box, rows: Sequence[Row]) -> list[int]:
    """Return the positions of rows that hold the first point of `box`."""
    return [
        position
        for position, row in enumerate(rows)
        if all(box[column] & -box[column] & classes for column, classes in row)
    ]


def _share(box: Sequence[int], row: Row) -> float:
    """Return how much of `box` lies in `row`."""
    return prod((box[c] & classes).bit_count() / box[c].bit_count() for c, classes in row)


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

    def meeting(self, row: Row) -> int:
        """Return the rows that share a point with `row`: bit p for the row at position p."""
        found = self._all
        for column, classes in row:
            found &= self._in_column(column, classes)
        return found

    def _in_column(self, column: int, classes: int) -> int:
        key = column, classes
        if key not in self._meeting:
            apart = 0
            for other, rows in self._limited.get(column, {}).items():
                if not other & classes:
                    apart |= rows
            self._meeting[key] = self._all & ~apart
        return self._meeting[key]


def positions(bits: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
