"""Medians of durations, some of which have not ended yet."""

from collections.abc import Iterable
from itertools import groupby

QUARTILES = (0.25, 0.5, 0.75)
ROUNDING = 1e-9  # what a product of factors may be off by: exactly a half is half


def quartiles(durations: Iterable[tuple[int, bool]]) -> tuple[int | None, ...]:
    """Return when a quarter, a half and three quarters are over; None: that is not known yet.

    Each duration comes with whether it is over; one that is not is censored there. The product
    limit of Kaplan and Meier (JASA 1958, 53, 457); at a tie, ends come before censoring.
    """
    ordered = sorted(durations)
    at_risk, alive = len(ordered), 1.0
    days: list[int | None] = []
    for duration, tied in groupby(ordered, key=lambda item: item[0]):
        ends = [over for _, over in tied]
        alive *= (at_risk - sum(ends)) / at_risk
        at_risk -= len(ends)
        while len(days) < len(QUARTILES) and 1 - alive >= QUARTILES[len(days)] - ROUNDING:
            days.append(duration)
    return (*days, *[None] * (len(QUARTILES) - len(days)))
