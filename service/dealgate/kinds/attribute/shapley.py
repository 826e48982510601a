"""Shapley values of channels: the average of what each adds, over all orders of joining.

A journey is worth something to the set of channels that it passed, and to no smaller one. The
worth of a set is then the sum over its subsets, and the Shapley value of a channel has a closed
form: each journey's worth, divided evenly among the channels of its set (Zhao, Mahboobi and
Bagheri, arXiv:1804.05327). That is the value over all permutations, which a test computes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction

from dealgate.kinds.attribute.paths import Path

Position = tuple[str, int]


def shapley_set(worths: Mapping[frozenset[str], Fraction]) -> dict[str, Fraction]:
    """Return each channel's value; `worths` says what the journeys of exactly that set earned."""
    values: defaultdict[str, Fraction] = defaultdict(Fraction)
    for channels, worth in worths.items():
        for channel in channels:
            values[channel] += worth / len(channels)
    return dict(values)


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
    values: defaultdict[Position, Fraction] = defaultdict(Fraction)
    for path in paths:
        each = worth(path, by_value=by_value) / len(set(path.channels))
        for position, channel in enumerate(path.channels, 1):
            values[channel, position] += each / path.channels.count(channel)
    return dict(values)


def worth(path: Path, *, by_value: bool) -> Fraction:
    """Return what a path earned: its conversions, or their value."""
    return path.value if by_value else Fraction(path.conversions)
