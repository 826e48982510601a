"""Numbers of records as ranges, both ends included."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TypeAlias

Range: TypeAlias = tuple[int, int]
LAST = 2**63


def ranges(numbers: Iterable[int]) -> Sequence[Range]:
    """Return ascending numbers as ranges."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return [(first, last) for first, last in spans]


def merged(some: Iterable[Range]) -> Sequence[Range]:
    """Return ranges in order, none of which overlaps another."""
    spans: list[Range] = []
    for first, last in sorted(some):
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return spans


def covers(ascending: Sequence[Range], number: int) -> bool:
    """Tell whether a number lies in one of some ranges that were merged."""
    before = bisect_right(ascending, (number, LAST))
    return before > 0 and number <= ascending[before - 1][1]
