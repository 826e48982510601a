"""Shapley values of channels: the average of what each adds, over all orders of joining.

A journey is worth something to the set of channels that it passed, and to no smaller one. The
worth of a set is then the sum over its subsets, and the Shapley value of a channel has a closed
form: each journey's worth, divided evenly among the channels of its set (Zhao, Mahboobi and
Bagheri, arXiv:1804.05327). That is the value over all permutations, which a test computes.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from typing import Generic, TypeVar

from dealgate.kinds.attribute.paths import Path
from dealgate.model.ratio import Ratio

Position = tuple[str, int]
Key = TypeVar("Key", bound=Hashable)


class Sums(Generic[Key]):
    """Exact sums by key; parts of one denominator are added as integers, millions in seconds."""

    def __init__(self) -> None:
        self._parts: dict[tuple[Key, int], int] = {}

    def add(self, key: Key, above: int, below: int) -> None:
        """Add a part; it need not be in lowest terms."""
        here = key, below
        self._parts[here] = self._parts.get(here, 0) + above

    def all(self) -> dict[Key, Fraction]:
        """Return the sums."""
        sums: dict[Key, Fraction] = {}
        for (key, below), above in self._parts.items():
            sums[key] = sums.get(key, Ratio(0)) + Ratio(above, below)
        return sums


def shapley_set(worths: Mapping[frozenset[str], Fraction]) -> dict[str, Fraction]:
    """Return each channel's value; `worths` says what the journeys of exactly that set earned."""
    values = Sums[str]()
    for channels, worth in worths.items():
        for channel in channels:
            values.add(channel, worth.numerator, worth.denominator * len(channels))
    return values.all()


def worth_of_sets(paths: Iterable[Path], *, by_value: bool) -> dict[frozenset[str], Fraction]:
    """Return what the journeys of each set of channels earned: conversions, or their value."""
    worths: defaultdict[frozenset[str], Fraction] = defaultdict(Fraction)
    for path in paths:
        worths[frozenset(path.channels)] += worth(path, by_value=by_value)
    return dict(worths)


def shapley_ordered(paths: Iterable[Path], *, by_value: bool) -> dict[Position, Fraction]:
    """Return the value of each channel at each position, counted from 1.

    A channel's part of a journey is divided evenly among the places where it stands, so the values
    of a channel over all positions add up to its value in `shapley_set`.
    """
    values = Sums[Position]()
    for path in paths:
        times = Counter(path.channels)
        whole = worth(path, by_value=by_value)
        above, below = whole.numerator, whole.denominator * len(times)
        for position, channel in enumerate(path.channels, 1):
            values.add((channel, position), above, below * times[channel])
    return values.all()


def worth(path: Path, *, by_value: bool) -> Fraction:
    """Return what a path earned: its conversions, or their value."""
    return path.value if by_value else Ratio(path.conversions)
