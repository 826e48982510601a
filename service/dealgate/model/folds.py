"""Folds: how many claims of fired rules become one outcome (DMN calls them hit policies).

Claims come in file order, and every fold here is pure and exact.
"""

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import gcd
from typing import TypeVar

from dealgate.model.ratio import Ratio

Claim = TypeVar("Claim")
Key = TypeVar("Key")
Number = TypeVar("Number", Decimal, Fraction, int)

# 28 digits half-even, whatever context the process runs in: the same bytes on every platform.
DIGITS = Context(prec=28, rounding=ROUND_HALF_EVEN)
GUARDED = Context(prec=34, rounding=ROUND_HALF_EVEN)
LN_2 = GUARDED.ln(Decimal(2))
# 2^-200 is less than 1e-60: beside any weight that matters it is nothing.
NEGLIGIBLE_HALVINGS = 200
# Larger denominators are reduced on the way.
REDUCED_FROM = 2**256


def first(items: Iterable[Claim]) -> Claim | None:
    """Return the first claim in file order, or None (DMN: first)."""
    return next(iter(items), None)


def clamp(number: Number, low: Number, high: Number) -> Number:
    """Return `number`, or the bound that it oversteps."""
    return max(low, min(high, number))


def grouped(items: Iterable[Claim], key: Callable[[Claim], Key]) -> dict[Key, list[Claim]]:
    """Return the claims by `key`, groups and members in the order they came (collect)."""
    groups: dict[Key, list[Claim]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def summed(fractions: Iterable[Fraction]) -> Fraction:
    """Return the exact sum, reduced once at the end: Fractions reduce after each addition."""
    above, below = 0, 1
    for fraction in fractions:
        denominator = fraction.denominator
        if denominator == below:
            above += fraction.numerator
        else:
            above = above * denominator + fraction.numerator * below
            below *= denominator
            if below > REDUCED_FROM:
                shared = gcd(above, below)
                above, below = above // shared, below // shared
    return Ratio(above, below)


def summed_products(pairs: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    """Return the exact sum of each two multiplied, as `summed` does it."""
    above, below = 0, 1
    for factor, other in pairs:
        numerator = factor.numerator * other.numerator
        denominator = factor.denominator * other.denominator
        if denominator == below:
            above += numerator
        else:
            above = above * denominator + numerator * below
            below *= denominator
            if below > REDUCED_FROM:
                shared = gcd(above, below)
                above, below = above // shared, below // shared
    return Ratio(above, below)


def half_life_weight(age_ns: int, half_life_ns: int) -> Decimal:
    """Return 2^(-age / half_life) to 28 digits: 1 at age 0, exactly 0.5 after one half-life.

    After 200 half-lives the weight is 0. Raises ValueError unless age >= 0 and half_life > 0.
    Source: Google Ads AttributionModelEnum TIME_DECAY (half-life of a week).
    """
    if age_ns < 0 or half_life_ns <= 0:
        raise ValueError("age must be at least 0 and the half-life more than 0")
    halvings, rest = divmod(age_ns, half_life_ns)
    if halvings >= NEGLIGIBLE_HALVINGS:
        return Decimal(0)
    exponent = GUARDED.multiply(GUARDED.divide(Decimal(-rest), Decimal(half_life_ns)), LN_2)
    return DIGITS.divide(GUARDED.exp(exponent), Decimal(1 << halvings))
