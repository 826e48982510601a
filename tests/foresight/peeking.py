"""Many experiments at once, each looked at after every unit: the test's own betting, in columns.

`tests/foresight/test_peeking.py` holds it to `arms/betting.py`, which takes one unit after another.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Columns = NDArray[np.float64]
ALPHA = 0.05
LIMIT = float(np.log(2 / ALPHA))


@dataclass(frozen=True)
class Seen:
    """What whoever peeks saw in the end: shares of experiments, and the median stop of those."""

    stopped: float
    missed: float
    median: float
    evidence: tuple[float, float]


def simulated(
    outcomes: Callable[[np.random.Generator, Columns], Columns],
    effect: float,
    *,
    units: int,
    planned: int,
    share: Callable[[int], float],
    experiments: int = 2000,
    seed: int,
) -> Seen:
    """Run experiments; `outcomes` draws from arms (0 or 1), `share` says that of arm 1 then."""
    drawn = np.random.default_rng(seed)
    state = _State(experiments, planned)
    against, truth = np.zeros((2, experiments)), np.zeros((2, experiments))
    stop, missed = np.full(experiments, np.inf), np.zeros(experiments, dtype=bool)
    for number in range(1, units + 1):
        portion = share(number)
        arm = (drawn.random(experiments) < portion).astype(float)
        pseudo, stake = state.told(number, arm, outcomes(drawn, arm), portion)
        against += np.log1p(np.stack((stake * pseudo, -stake * pseudo)))
        off = stake * (pseudo - effect)
        truth += np.log1p(np.stack((off, -off)))
        stop = np.where(against.max(0) >= LIMIT, np.minimum(stop, number), stop)
        missed |= truth.max(0) >= LIMIT
    over = np.isfinite(stop)
    median = float(np.median(stop[over])) if over.any() else float("inf")
    first = float(against[0, 0]), float(against[1, 0])
    return Seen(float(over.mean()), float(missed.mean()), median, first)


class _State:
    """What bets may rest on: the past alone."""

    def __init__(self, experiments: int, planned: int) -> None:
        self.sums, self.counts = np.zeros((2, experiments)), np.zeros((2, experiments))
        self.total, self.squares = np.zeros(experiments), np.zeros(experiments)
        self.bound, self.planned = 2.0, planned

    def told(
        self, number: int, arm: Columns, outcome: Columns, share: float
    ) -> tuple[Columns, Columns]:
        """Return pseudo-outcomes and stakes."""
        self.bound = max(self.bound, 1 / min(share, 1 - share))
        guesses = (self.sums + 0.1) / (self.counts + 1)
        of_its_own = np.where(arm == 1, guesses[1], guesses[0])
        weight = np.where(arm == 1, 1 / share, -1 / (1 - share))
        pseudo = guesses[1] - guesses[0] + weight * (outcome - of_its_own)
        floor = self.bound**2 / 100
        spread = (self.squares + floor) / number - (self.total / number) ** 2
        variance = np.maximum(spread, floor / number)
        stake = np.minimum(np.sqrt(2 * LIMIT / (variance * self.planned)), 0.5 / (self.bound + 1))
        self.total += pseudo
        self.squares += pseudo * pseudo
        for which, met in enumerate((1 - arm, arm)):
            self.sums[which] += met * outcome
            self.counts[which] += met
        return pseudo, stake


def rates(champion: float, challenger: float) -> Callable[[np.random.Generator, Columns], Columns]:
    """Draw successes by each arm's rate."""

    def draw(drawn: np.random.Generator, arm: Columns) -> Columns:
        chance = np.where(arm == 1, challenger, champion)
        return (drawn.random(arm.shape) < chance).astype(float)

    return draw


def money(
    buyers: float, location: tuple[float, float], cap: float
) -> Callable[[np.random.Generator, Columns], Columns]:
    """Draw a lognormal amount from the few who buy, as a share of the cap."""

    def draw(drawn: np.random.Generator, arm: Columns) -> Columns:
        spent = drawn.lognormal(np.where(arm == 1, location[1], location[0]), 1.0)
        buys = drawn.random(arm.shape) < buyers
        found: Columns = np.where(buys, np.minimum(spent, cap) / cap, 0.0)
        return found

    return draw
