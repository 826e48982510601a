"""Boxes of classes: find a point that some boxes leave out, or show that there is none. Exact.

Every column (a dimension) is cut into classes that no test can tell apart; a set of classes is an
int, one bit a class. A region is a `Box`: for each column the classes it allows. A `Row` is
another way to write one: the columns that it limits, and to which classes.

The search branches on the row that limits fewest columns further. That is exact, and took under
a second on tables for which a sweep over the columns took a minute (docs/adr/0011-proof.md).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from math import prod
from operator import or_

from dealgate.proof.rows import Box, Row

STEPS = 200_000
# Rows, over all boxes of a search: so many for each row of it, and these at least. A microsecond
# or a few each: no search takes more than a second for a hundred rows, nor 20 s for any number.
LOOKS_A_ROW, FEWEST_LOOKS, MOST_LOOKS = 160, 200_000, 4_000_000
MANY = 64  # rows; a box that meets more is cut in two
SAMPLE = 24  # rows that a cut is chosen by


class TooHard(Exception):
    """The search was given up after its number of steps: nothing is known."""


class Search:
    """A search with a bound: `steps` are how many boxes may be looked at."""

    def __init__(self, steps: int = STEPS) -> None:
        self._left = steps
        self._looks = FEWEST_LOOKS

    def regions(self, box: Sequence[int], rows: Iterable[Row]) -> Iterator[Box]:
        """Yield disjoint boxes that together are `box` without `rows`; raises TooHard."""
        stack: list[tuple[Sequence[int], Sequence[Row]]] = [(box, [*rows])]
        self._looks = min(max(len(stack[0][1]) * LOOKS_A_ROW, FEWEST_LOOKS), MOST_LOOKS)
        while stack:
            here, given = stack.pop()
            self._spend(len(given))
            live: list[Row] = []
            fewest: tuple[Row, list[int]] | None = None
            for row in given:
                free = _free(here, row)
                if free is None:
                    continue
                if not free:
                    break
                live.append(row)
                if fewest is None or len(free) < len(fewest[1]):
                    fewest = row, free
            else:
                if fewest is None:
                    yield tuple(here)
                    continue
                parts = _halves(here, live) if len(live) > MANY else _outside(here, *fewest)
                stack += ((part, live) for part in reversed(parts))

    def _spend(self, rows: int) -> None:
        self._left -= 1
        self._looks -= rows
        if self._left < 0 or self._looks < 0:
            raise TooHard("too many combinations")


def _halves(box: Sequence[int], rows: Sequence[Row]) -> list[Box]:
    """Cut a box in two where few rows lie on both sides, so that rows that lie apart part."""
    best: tuple[float, int, int] | None = None
    sample = rows[:: len(rows) // SAMPLE]
    tests: dict[int, list[int]] = {}
    for row in sample:
        for column, classes in row:
            tests.setdefault(column, []).append(classes)
    for column, limits in sorted(tests.items()):
        for low in _cuts(box[column], limits):
            cost = _cost(box[column] & low, box[column] & ~low, limits, len(sample))
            if best is None or cost < best[0]:
                best = cost, column, low
    if best is None:
        first = next(_free(box, row) or [0] for row in rows)[0]
        best = 0.0, first, box[first] & -box[first]
    _, column, low = best
    halves = []
    for mask in (low, ~low):
        half = list(box)
        half[column] &= mask
        halves.append(tuple(half))
    return halves


def _cuts(mine: int, limits: Sequence[int]) -> Iterator[int]:
    """Yield sets of classes to cut a column at: a missing fact first, or where rows end."""
    if mine & 1 and mine != 1:
        # Where a fact is missing nearly every row may hold: it would drag them all along.
        yield 1
        return
    ends = sorted({end for classes in limits for end in _ends(classes & mine)})
    for end in {ends[len(ends) // 2], ends[0], ends[-1]} if ends else ():
        low = (1 << end) - 1
        if mine & low and mine & ~low:
            yield low


def _ends(classes: int) -> tuple[int, ...]:
    """Return where a set of classes begins, and where it ends."""
    return ((classes & -classes).bit_length() - 1, classes.bit_length()) if classes else ()


def _cost(left: int, right: int, limits: Sequence[int], rows: int) -> float:
    """Return how many of the `rows` two sides of a cut have; uneven sides cost more.

    `limits` are of those that limit the column: all others are on both sides.
    """
    lefts = rights = rows - len(limits)
    for classes in limits:
        lefts += bool(classes & left)
        rights += bool(classes & right)
    return lefts + rights + abs(lefts - rights) / 2


def _outside(box: Sequence[int], row: Row, free: Sequence[int]) -> list[Box]:
    # Outside the row in one column, and inside it in the columns before: so boxes are disjoint.
    parts, left, limits = list[Box](), list(box), dict(row)
    for column in free:
        inside = left[column] & limits[column]
        left[column] &= ~limits[column]
        parts.append(tuple(left))
        left[column] = inside
    return parts


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
    given = [*rows]
    region = next(Search(steps).regions(box, given), None)
    return region if region is None or len(given) <= MANY else _grown(region, box, given)


def is_covered(box: Sequence[int], rows: Iterable[Row], steps: int = STEPS) -> bool:
    """Tell whether all `rows` together cover `box`; raises TooHard.

    Most often they do not, and a point outside is found without a search.
    """
    given = [*rows]
    if not all(box):
        return True
    return not _escapes(box, given) and next(Search(steps).regions(box, given), None) is None


def _escapes(box: Sequence[int], rows: Sequence[Row]) -> bool:
    """Tell whether a point outside all rows is found by leaving most of them in each column.

    Rows are bits: that of position p is bit p.
    """
    limits: dict[int, dict[int, int]] = {}
    for position, row in enumerate(rows):
        for column, classes in row:
            mine = box[column] & classes
            if mine != box[column]:
                masks = limits.setdefault(column, {})
                masks[mine] = masks.get(mine, 0) | 1 << position
    # Where rows say much alike a choice is clear; it narrows the others. Two looks cost little.
    clear_first = sorted(limits, key=lambda column: len(limits[column]))
    return any(
        not _left(box, {column: limits[column] for column in order}, len(rows))
        for order in (clear_first, limits)
    )


def _left(box: Sequence[int], limits: Mapping[int, Mapping[int, int]], rows: int) -> int:
    """Return the rows that still hold a point chosen column by column."""
    left = (1 << rows) - 1
    for column, masks in limits.items():
        points = {(out := box[column] & ~mask) & -out for mask in [*masks][:MANY]}
        left &= ~max(
            (_without(masks, at) for at in points), key=lambda out: (out & left).bit_count()
        )
    return left


def _without(masks: Mapping[int, int], point: int) -> int:
    """Return the rows that leave out a class."""
    return reduce(or_, (rows for mask, rows in masks.items() if not mask & point), 0)


def _grown(region: Box, box: Sequence[int], rows: Sequence[Row]) -> Box:
    """Return a region as large as `box` lets it be: a search that cuts leaves pieces of one."""
    mine = list(region)
    for column in range(len(mine)):
        wider = [*mine[:column], box[column], *mine[column + 1 :]]
        for row in rows:
            if _free(wider, row) is not None:
                wider[column] &= ~next((c for at, c in row if at == column), 0)
        mine[column] = wider[column]
    return tuple(mine)


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
