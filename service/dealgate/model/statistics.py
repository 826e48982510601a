"""Rates with their confidence intervals: exact arithmetic, the same everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from dealgate.model.folds import DIGITS, clamp
from dealgate.model.points import millionths

# Standard normal quantiles of (1 + confidence) / 2.
Z: Mapping[str, Decimal] = {
    "0.9": Decimal("1.6448536269514722"),
    "0.95": Decimal("1.9599639845400545"),
    "0.99": Decimal("2.5758293035489004"),
}


@dataclass(frozen=True, slots=True)
class Interval:
    """An observed value and what it may be at least and at most; each rounded to millionths."""

    value: Decimal
    low: Decimal
    high: Decimal


def wilson(successes: int, trials: int, confidence: str) -> Interval:
    """Return the rate with its Wilson score interval, without continuity correction.

    `trials` is at least 1. Source: Wilson 1927; Newcombe 1998, Statist. Med. 17, 857, method 3.
    """
    low, high = _wilson(successes, trials, Z[confidence])
    return Interval(_rate(successes, trials), millionths(low), millionths(high))


def difference(item: tuple[int, int], other: tuple[int, int], confidence: str) -> Interval:
    """Return how much larger the rate of `one` (successes, trials) is than that of `other`.

    The interval combines both Wilson intervals. Source: Newcombe 1998, Statist. Med. 17, 873,
    method 10.
    """
    z = Z[confidence]
    first, second = _exact(*item), _exact(*other)
    (low1, high1), (low2, high2) = _wilson(*item, z), _wilson(*other, z)
    gap = first - second
    below = _hypotenuse(first - low1, high2 - second)
    above = _hypotenuse(high1 - first, second - low2)
    return Interval(millionths(gap), millionths(gap - below), millionths(gap + above))


def _wilson(successes: int, trials: int, z: Decimal) -> tuple[Decimal, Decimal]:
    n, x, square = Decimal(trials), Decimal(successes), z * z
    middle = DIGITS.divide(2 * x + square, 2 * (n + square))
    spread = DIGITS.sqrt(DIGITS.divide(x * (n - x), n) * 4 + square)
    half = DIGITS.divide(z * spread, 2 * (n + square))
    zero, one = Decimal(0), Decimal(1)
    return clamp(middle - half, zero, one), clamp(middle + half, zero, one)


def _rate(successes: int, trials: int) -> Decimal:
    return millionths(_exact(successes, trials))


def _exact(successes: int, trials: int) -> Decimal:
    return DIGITS.divide(Decimal(successes), Decimal(trials))


def _hypotenuse(number: Decimal, other: Decimal) -> Decimal:
    return DIGITS.sqrt(number * number + other * other)
