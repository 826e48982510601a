"""What may still come: rates by the end of a window when some have not been watched that long.

Times are those of successes, or until when it is known that there was none; at a tie, successes
come before censoring, as in the product limit of Kaplan and Meier (JASA 1958, 53, 457).
"""

from collections.abc import Iterable
from itertools import groupby
from typing import TypeAlias

# How long it was watched, and whether a success ended that.
Watched: TypeAlias = tuple[float, bool]


def happened_by(watched: Iterable[Watched], window: float) -> float:
    """Return the share that succeeds by the end of the window: 1 less the product limit."""
    left, alive = sorted(watched), 1.0
    at_risk = len(left)
    for time, tied in groupby(left, key=lambda item: item[0]):
        if time > window:
            break
        ends = [over for _, over in tied]
        alive *= (at_risk - sum(ends)) / at_risk
        at_risk -= len(ends)
    return 1 - alive


def weighted(watched: Iterable[Watched], window: float) -> float:
    """Return the same by weights: each success counts for those that were lost before it."""
    known = sorted(watched, key=lambda item: (item[0], not item[1]))
    at_risk, uncensored, total = len(known), 1.0, 0.0
    for time, is_success in known:
        if is_success and time <= window:
            total += 1 / uncensored
        elif not is_success:
            uncensored *= (at_risk - 1) / at_risk
        at_risk -= 1
    return total / len(known) if known else 0.0
