"""The difference of two arms: a betting confidence sequence, valid at any time and any share.

Source: Waudby-Smith and Ramdas, arXiv 2010.09686; pseudo-outcomes with changing shares:
Waudby-Smith et al., arXiv 2210.10768. Bets and guesses use the past alone: that is the proof.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

ALPHA = 0.05
FIRST_GUESS = 0.1  # of either arm's mean, worth one unit
STEPS = 45  # of bisection: to 13 decimals


@dataclass(frozen=True, slots=True)
class Span:
    """The effects that cannot be excluded."""

    low: float
    high: float


@dataclass(slots=True)
class Betting:
    """Units in the order in which they were assigned; outcomes lie in [0, 1].

    `planned` is the number of units at which the interval is to be narrowest: too many costs
    little, too few never recovers.
    """

    planned: int
    alpha: float = ALPHA
    _bets: list[tuple[float, float]] = field(default_factory=list)
    _sums: list[float] = field(default_factory=lambda: [0.0, 0.0])
    _counts: list[int] = field(default_factory=lambda: [0, 0])
    _total: float = 0.0
    _squares: float = 0.0
    _bound: float = 2.0
    _against: list[float] = field(default_factory=lambda: [0.0, 0.0])
    _most: float = 0.0

    @property
    def units(self) -> int:
        """How many were reported."""
        return len(self._bets)

    @property
    def p(self) -> float:
        """A p-value against no effect that holds however often it is looked at."""
        return min(1.0, 2 / math.exp(min(self._most, 700.0)))

    @property
    def has_stopped(self) -> bool:
        """Whether no effect was excluded at any time."""
        return self._most >= math.log(2 / self.alpha)

    @property
    def evidence(self) -> tuple[float, float]:
        """The logarithms of what bets on a gain and on a loss came to, against no effect."""
        return self._against[0], self._against[1]

    def tell(self, arm: int, outcome: float, share: float) -> None:
        """Take the next unit: its arm (0 or 1), and the share of arm 1 when it was assigned."""
        self._bound = max(self._bound, 1 / min(share, 1 - share))
        guesses = [
            (told + FIRST_GUESS) / (count + 1)
            for told, count in zip(self._sums, self._counts, strict=True)
        ]
        weight = 1 / share if arm else -1 / (1 - share)
        pseudo = guesses[1] - guesses[0] + weight * (outcome - guesses[arm])
        stake = self._stake()
        self._bets.append((pseudo, stake))
        self._total += pseudo
        self._squares += pseudo * pseudo
        self._sums[arm] += outcome
        self._counts[arm] += 1
        self._against[0] += math.log1p(stake * pseudo)
        self._against[1] += math.log1p(-stake * pseudo)
        self._most = max(self._most, *self._against)

    def interval(self) -> Span:
        """Return the effects that cannot be excluded; everything, if there are no units."""
        limit = math.log(2 / self.alpha)
        low = _edge(lambda effect: self._wealth(effect, 1) < limit)
        high = -_edge(lambda effect: self._wealth(-effect, -1) < limit)
        return Span(low, high)

    def _stake(self) -> float:
        number, bound = len(self._bets) + 1, self._bound
        floor = bound * bound / 100
        spread = (self._squares + floor) / number - (self._total / number) ** 2
        variance = max(spread, floor / number)
        wanted = math.sqrt(2 * math.log(2 / self.alpha) / (variance * self.planned))
        return min(wanted, 1 / (2 * (bound + 1)))

    def _wealth(self, effect: float, side: int) -> float:
        return sum(math.log1p(side * stake * (pseudo - effect)) for pseudo, stake in self._bets)


def _edge(holds: Callable[[float], bool]) -> float:
    """Return the least effect in [-1, 1] that holds; all larger ones do."""
    low, high = -1.0, 1.0
    if holds(low):
        return low
    for _ in range(STEPS):
        middle = (low + high) / 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
