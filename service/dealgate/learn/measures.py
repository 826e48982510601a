"""How well a score ranks what happened, and how true its probabilities are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from dealgate.model import statistics

BINS = 10
LEAST = 1e-15


@dataclass(frozen=True, slots=True)
class Band:
    """Samples of similar probability: how many, the mean told, the share that converted.

    `low` and `high` bound that share with 95 % confidence (Wilson).
    """

    count: int
    told: float
    converted: float
    low: float
    high: float


def auc(scores: Sequence[float], outcomes: Sequence[bool]) -> float:
    """Return the chance that a converted sample scores above another; equal scores count half."""
    converted = sum(outcomes)
    above, rank = 0.0, 0
    for _, group in groupby(sorted(zip(scores, outcomes, strict=True)), key=lambda pair: pair[0]):
        alike = [outcome for _, outcome in group]
        above += sum(alike) * (rank + (len(alike) + 1) / 2)
        rank += len(alike)
    return (above - converted * (converted + 1) / 2) / (converted * (rank - converted))


def kolmogorov_smirnov(scores: Sequence[float], outcomes: Sequence[bool]) -> float:
    """Return the greatest distance between the distributions of those who did and did not."""
    yes, no = sum(outcomes), len(outcomes) - sum(outcomes)
    seen_yes = seen_no = 0
    most = 0.0
    for _, group in groupby(sorted(zip(scores, outcomes, strict=True)), key=lambda pair: pair[0]):
        alike = [outcome for _, outcome in group]
        seen_yes += sum(alike)
        seen_no += len(alike) - sum(alike)
        most = max(most, abs(seen_yes / yes - seen_no / no))
    return most


def lift(scores: Sequence[float], outcomes: Sequence[bool], share: float = 0.1) -> float:
    """Return the rate of the best `share` of scores over that of all; ties count by their part."""
    wanted = len(scores) * share
    taken = converted = 0.0
    ranked = sorted(zip(scores, outcomes, strict=True), key=lambda pair: -pair[0])
    for _, group in groupby(ranked, key=lambda pair: pair[0]):
        alike = [outcome for _, outcome in group]
        part = min(1.0, (wanted - taken) / len(alike))
        converted += part * sum(alike)
        taken += part * len(alike)
        if taken >= wanted:
            break
    return (converted / taken) / (sum(outcomes) / len(outcomes))


def brier(told: Sequence[float], outcomes: Sequence[bool]) -> float:
    """Return the mean squared distance between what was told and what happened."""
    pairs = zip(told, outcomes, strict=True)
    return sum((probability - outcome) ** 2 for probability, outcome in pairs) / len(told)


def log_loss(told: Sequence[float], outcomes: Sequence[bool]) -> float:
    """Return the mean surprise, in nats."""
    return sum(
        -math.log(max(probability if outcome else 1 - probability, LEAST))
        for probability, outcome in zip(told, outcomes, strict=True)
    ) / len(told)


def bands(told: Sequence[float], outcomes: Sequence[bool]) -> list[Band]:
    """Return samples by deciles of probability, the lowest first; equal ones stay together."""
    ranked = sorted(zip(told, outcomes, strict=True), key=lambda pair: pair[0])
    found: list[list[tuple[float, bool]]] = [[]]
    for _, group in groupby(ranked, key=lambda pair: pair[0]):
        if len(found[-1]) >= len(ranked) / BINS and len(found) < BINS:
            found.append([])
        found[-1] += group
    return [_band(pairs) for pairs in found if pairs]


def calibration_error(told: Sequence[float], outcomes: Sequence[bool]) -> float:
    """Return the mean distance between told and happened over the bands (ECE)."""
    return sum(
        band.count * abs(band.told - band.converted) for band in bands(told, outcomes)
    ) / len(told)


def stability(expected: Sequence[float], actual: Sequence[float]) -> float:
    """Return the population stability index: how far scores moved, in deciles of `expected`.

    Below 0.1 little, above 0.25 much; an empty bin counts as a ten-thousandth.
    """
    ordered = sorted(expected)
    edges = sorted({ordered[len(ordered) * cut // BINS] for cut in range(1, BINS)})

    def shares(scores: Sequence[float]) -> list[float]:
        counts = [0] * (len(edges) + 1)
        for score in scores:
            counts[sum(score >= edge for edge in edges)] += 1
        return [max(count / len(scores), 1e-4) for count in counts]

    pairs = zip(shares(expected), shares(actual), strict=True)
    return sum((now - before) * math.log(now / before) for before, now in pairs)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    found = statistics.wilson(hits, count, "0.95")
    return float(found.low), float(found.high)


def _band(pairs: Sequence[tuple[float, bool]]) -> Band:
    hits = sum(outcome for _, outcome in pairs)
    told = sum(probability for probability, _ in pairs) / len(pairs)
    return Band(len(pairs), told, hits / len(pairs), *wilson(hits, len(pairs)))
