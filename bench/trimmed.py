"""Means that do not mind a few rounds in which something else happened, with standard errors."""

from collections.abc import Sequence
from statistics import mean, stdev
from typing import NamedTuple

CUT = 0.2  # share of the rounds left out at either end


class Estimate(NamedTuple):
    """A value and its standard error."""

    value: float
    error: float


def trimmed(values: Sequence[float]) -> Estimate:
    """Return the mean without the extremes, and its standard error (Tukey and McLaughlin)."""
    ordered, cut = sorted(values), int(len(values) * CUT)
    kept = ordered[cut : len(ordered) - cut]
    winsorized = [kept[0]] * cut + kept + [kept[-1]] * cut
    return Estimate(mean(kept), stdev(winsorized) / (1 - 2 * CUT) / len(values) ** 0.5)


def share(values: Sequence[float], of: Sequence[float]) -> Estimate:
    """Return one trimmed mean as a share of another, measured in the same rounds.

    Its error is that of what is left of each round beside that share (linearized): a machine that
    slows down both does not count.
    """
    whole = trimmed(of).value
    part = trimmed(values).value / whole
    rest = [value - part * base for value, base in zip(values, of, strict=True)]
    return Estimate(part, trimmed(rest).error / whole)
