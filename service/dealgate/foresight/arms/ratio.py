"""Whether units were assigned by the shares that were meant, and one arm's rate: at any time."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from dealgate.foresight.arms.betting import ALPHA, STEPS, Span

_Excess: TypeAlias = Callable[[float], float]

CONCENTRATION = 1000
ALARM = 1000.0  # p of at most .001, whenever it is looked at


def log_imbalance(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Return the logarithm of the e-value against the shares; of periods, add those up.

    Counts are of entities, once each, when they were assigned. Source: Lindon and Malek.
    """
    k, total = CONCENTRATION, sum(counts)
    logarithm = math.lgamma(k) - math.lgamma(k + total)
    for count, share in zip(counts, shares, strict=True):
        logarithm += (
            math.lgamma(k * share + count) - math.lgamma(k * share) - count * math.log(share)
        )
    return logarithm


def is_imbalanced(log_e: float) -> bool:
    """Tell whether assignment is broken."""
    return log_e >= math.log(ALARM)


def imbalance_p(log_e: float) -> float:
    """Return a p-value that holds at any time."""
    return min(1.0, math.exp(-log_e)) if log_e > 0 else 1.0


def rate(successes: int, trials: int, alpha: float = ALPHA) -> Span:
    """Return the rates that cannot be excluded at any time: a mixture by Beta(1/2, 1/2)."""
    if not trials:
        return Span(0.0, 1.0)
    mixed = _log_beta(0.5 + successes, 0.5 + trials - successes) - _log_beta(0.5, 0.5)
    limit = math.log(1 / alpha)

    def excess(share: float) -> float:
        said = _times_log(successes, share) + _times_log(trials - successes, 1 - share)
        return mixed - said - limit

    middle = successes / trials
    low = 0.0 if successes == 0 else _root(excess, middle, 0.0)
    high = 1.0 if successes == trials else _root(excess, middle, 1.0)
    return Span(low, high)


def _root(excess: _Excess, inside: float, outside: float) -> float:
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        if excess(middle) < 0:
            inside = middle
        else:
            outside = middle
    return (inside + outside) / 2


def _times_log(count: int, share: float) -> float:
    if not count:
        return 0.0
    return count * math.log(share) if share > 0 else -math.inf


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
