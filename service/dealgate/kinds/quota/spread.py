"""Spread: how attainment is distributed among sellers."""

from collections.abc import Sequence
from fractions import Fraction

from dealgate.model.ratio import Ratio


def quantile(values: Sequence[Fraction], share: Fraction) -> Fraction:
    """Return the value that `share` of the sorted values do not exceed, between two in proportion.

    Hyndman and Fan's type 7, as in Excel's QUARTILE.INC. `values` are not empty.
    """
    ranked = sorted(values)
    at = (len(ranked) - 1) * share
    low = at.numerator // at.denominator
    if low == len(ranked) - 1:
        return ranked[-1]
    return ranked[low] + (at - low) * (ranked[low + 1] - ranked[low])


def gini(values: Sequence[Fraction]) -> Fraction | None:
    """Return 0 if all are the same, toward 1 if one has all; None for negative values or all 0."""
    whole = sum(values)
    if min(values) < 0 or not whole:
        return None
    ranked = sorted(values)
    weighted = sum(index * value for index, value in enumerate(ranked, 1))
    return Ratio(2 * weighted, len(ranked) * whole) - Ratio(len(ranked) + 1, len(ranked))
