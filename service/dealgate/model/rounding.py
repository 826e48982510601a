"""Rounding: exact parts of an amount become minor units that still add up to it.

Where `money.allocate` splits by weights of one sign, these take exact parts of either sign that
come in the order of time.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor
from typing import Literal

from dealgate.model.money import over_one_denominator

Rounding = Literal["cumulative", "plug_last", "largest_remainder"]


def rounded(exact: Sequence[Fraction], method: Rounding) -> list[int]:
    """Return whole numbers that sum to the sum of `exact`, itself rounded half to even.

    `cumulative` rounds the running total, so it is never more than half off, and a part never
    depends on those after it. `plug_last` rounds each part, and the last one that is not 0 takes
    what is left. `largest_remainder` rounds each down and gives the rest by remainder, equal ones
    to the earlier part.
    """
    if method == "cumulative":
        return cumulative(exact)
    return plug_last(exact) if method == "plug_last" else largest_remainder(exact)


def cumulative(exact: Sequence[Fraction]) -> list[int]:
    """Round the running total half to even; each part is the difference to the one before."""
    scaled, below = over_one_denominator(exact)
    totals = [_half_even(total, below) for total in accumulate(scaled)]
    return [after - before for before, after in pairwise([0, *totals])]


def plug_last(exact: Sequence[Fraction]) -> list[int]:
    """Round each part half to even; the last one that is not 0 takes what is left."""
    parts = [round(part) for part in exact]
    last = max((index for index, part in enumerate(exact) if part), default=None)
    if last is not None:
        parts[last] += round(sum(exact)) - sum(parts)
    return parts


def largest_remainder(exact: Sequence[Fraction]) -> list[int]:
    """Round each part down, then one more to each of the largest remainders (Hamilton).

    A negative whole is the mirror of the positive one.
    """
    whole = round(sum(exact))
    if whole < 0:
        return [-part for part in largest_remainder([-part for part in exact])]
    parts = [floor(part) for part in exact]
    remainders = sorted(range(len(exact)), key=lambda index: parts[index] - exact[index])
    for index in remainders[: whole - sum(parts)]:
        parts[index] += 1
    return parts


def _half_even(above: int, below: int) -> int:
    """Round a ratio: a third of the time that `round` takes for a Fraction."""
    whole, rest = divmod(above, below)
    return whole + (2 * rest > below or (2 * rest == below and whole % 2 == 1))
