"""Chances by age: what became of earlier deals says what may become of an open one.

Each day a deal is open it may be won or lost; the rates of both at every age come from the deals
that reached that age, those still open included (competing risks in discrete time). Old deals that
nobody closes then weigh what they are worth, which is little.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from dealgate.model.ratio import Ratio

DIGITS = 12


@dataclass(frozen=True, slots=True)
class Life:
    """A deal's age in days when it closed, or today; `won` is None while it is open."""

    age: int
    won: bool | None


class LifeTable:
    """Rates of winning and losing by age in days."""

    def __init__(self, lives: Iterable[Life]) -> None:
        """No age is negative."""
        known = list(lives)
        self.deals = len(known)
        reached = Counter(life.age for life in known)
        won = Counter(life.age for life in known if life.won)
        lost = Counter(life.age for life in known if life.won is False)
        at_risk = self.deals
        # Between the ages that deals ended at nothing changes. Index 0 is before the first of
        # them, index i + 1 after the i-th.
        self._ages = sorted(reached)
        self._open, self._won = [1.0], [0.0]
        for age in self._ages:
            before = self._open[-1]
            self._won.append(self._won[-1] + before * (won[age] / at_risk))
            self._open.append(before * (1 - (won[age] + lost[age]) / at_risk))
            at_risk -= reached[age]

    def chance(self, age: int, first: int, last: int) -> Fraction:
        """Return the chance that a deal open at `age` is won `first` to `last` days later.

        1 <= first; a window that ends before it begins has none. To 12 decimals.
        """
        still_open = self._at(self._open, age)
        if last < first or still_open <= 0:
            return Ratio(0)
        won = self._at(self._won, age + last) - self._at(self._won, age + first - 1)
        return Ratio(round(won / still_open * 10**DIGITS), 10**DIGITS)

    def _at(self, values: list[float], age: int) -> float:
        return values[bisect_right(self._ages, age)]
