"""Chances by age: what became of earlier deals says what may become of an open one.

Each day a deal is open it may be won or lost; the rates of both at every age come from the deals
that reached that age, those still open included (competing risks in discrete time). Old deals that
nobody closes then weigh what they are worth, which is little.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from dealgate.model.ratio import Ratio

WHOLE = 10**12  # chances have 12 decimals
NONE = Ratio(0)


# A deal's age in days when it closed, or today; and whether it was won: None while it is open.
Life: TypeAlias = tuple[int, bool | None]


class LifeTable:
    """Rates of winning and losing by age in days."""

    def __init__(self, lives: Iterable[Life]) -> None:
        """No age is negative."""
        known = list(lives)
        self.deals = len(known)
        reached = Counter([age for age, _ in known])
        won = Counter([age for age, is_won in known if is_won])
        lost = Counter([age for age, is_won in known if is_won is False])
        at_risk = self.deals
        # Between the ages that deals ended at nothing changes. Index 0 is before the first of
        # them, index i + 1 after the i-th.
        self._ages = sorted(reached)
        self._open, self._won = [1.0], [0.0]
        before, taken = 1.0, 0.0
        for age in self._ages:
            gained, gone = won.get(age, 0), lost.get(age, 0)
            taken += before * (gained / at_risk)
            before *= 1 - (gained + gone) / at_risk
            self._won.append(taken)
            self._open.append(before)
            at_risk -= reached[age]

    def chance(self, age: int, first: int, last: int) -> Fraction:
        """Return the chance that a deal open at `age` is won `first` to `last` days later.

        1 <= first; a window that ends before it begins has none. To 12 decimals.
        """
        ages, won = self._ages, self._won
        still_open = self._open[bisect_right(ages, age)]
        if last < first or still_open <= 0:
            return NONE
        gained = won[bisect_right(ages, age + last)] - won[bisect_right(ages, age + first - 1)]
        return _share(round(gained / still_open * WHOLE))


@lru_cache(maxsize=4096)
def _share(parts: int) -> Fraction:
    """Return a share in lowest terms: deals of one age have the same."""
    share: Fraction = Ratio(parts, WHOLE)
    return share
