"""How well a score ranks outcomes, and how well its probabilities are calibrated."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from dealgate.model import statistics

BINS = 10
LEAST = 1e-15
MOVED = 0.1  # below it, what moved is little
# The 99.9th percentile of chi-squared, by degrees of freedom from 1 on.
CHI_SQUARE_999 = (
    *(10.828, 13.816, 16.266, 18.467, 20.515, 22.458),
    *(24.322, 26.124, 27.877, 29.588, 31.264, 32.909),
)


@dataclass(frozen=True, slots=True)
class Band:
    """Samples of similar probability: how many, the mean prediction, the share that converted.

    `low` and `high` bound that share with 95 % confidence (Wilson).
    """

    count: int
    told: float
    converted: float
    low: float
    high: float


def auc(scores: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """Return the chance that a converted sample scores above another; equal scores count half.

    None if all ended alike: there is no pair to rank.
    """
    converted = sum(outcomes)
    if not 0 < converted < len(outcomes):
        return None
    above, rank = 0.0, 0
    for _, group in groupby(sorted(zip(scores, outcomes, strict=True)), key=lambda pair: pair[0]):
        alike = [outcome for _, outcome in group]
        above += sum(alike) * (rank + (len(alike) + 1) / 2)
        rank += len(alike)
    return (above - converted * (converted + 1) / 2) / (converted * (rank - converted))


def auc_error(area: float, converted: int, others: int) -> float:
    """Return the standard error of an AUC. Source: Hanley and McNeil 1982, Radiology 143, 29."""
    both, square = area / (2 - area), area * area
    spread = (converted - 1) * (both - square)
    spread += (others - 1) * (2 * square / (1 + area) - square)
    return math.sqrt((area * (1 - area) + spread) / (converted * others))


def kolmogorov_smirnov(scores: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """Return the greatest distance between the distributions of those who did and did not.

    None if all ended alike.
    """
    yes, no = sum(outcomes), len(outcomes) - sum(outcomes)
    if not yes or not no:
        return None
    seen_yes = seen_no = 0
    most = 0.0
    for _, group in groupby(sorted(zip(scores, outcomes, strict=True)), key=lambda pair: pair[0]):
        alike = [outcome for _, outcome in group]
        seen_yes += sum(alike)
        seen_no += len(alike) - sum(alike)
        most = max(most, abs(seen_yes / yes - seen_no / no))
    return most


def lift(scores: Sequence[float], outcomes: Sequence[bool], share: float = 0.1) -> float | None:
    """Return the rate of the best `share` of scores over that of all; ties count by their part.

    None if nobody converted.
    """
    if not any(outcomes):
        return None
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
    """Return the mean squared distance between predictions and outcomes."""
    pairs = zip(told, outcomes, strict=True)
    return sum((probability - outcome) ** 2 for probability, outcome in pairs) / len(told)


def log_loss(told: Sequence[float], outcomes: Sequence[bool]) -> float:
    """Return the mean surprise, in nats."""
    return sum(
        -math.log(max(probability if outcome else 1 - probability, LEAST))
        for probability, outcome in zip(told, outcomes, strict=True)
    ) / len(told)


def spiegelhalter(told: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """Return how far outcomes are from predictions, in standard errors; near 0: calibrated.

    None if every prediction is 0, 0.5 or 1. Source: Spiegelhalter 1986, Statist. Med. 5, 421.
    """
    away = sum((o - p) * (1 - 2 * p) for p, o in zip(told, outcomes, strict=True))
    spread = sum((1 - 2 * p) ** 2 * p * (1 - p) for p in told)
    return away / math.sqrt(spread) if spread > 0 else None


def bands(told: Sequence[float], outcomes: Sequence[bool]) -> list[Band]:
    """Return samples by deciles of probability, the lowest first; equal ones stay together."""
    ranked = sorted(zip(told, outcomes, strict=True), key=lambda pair: pair[0])
    groups: list[list[tuple[float, bool]]] = [[]]
    for _, group in groupby(ranked, key=lambda pair: pair[0]):
        if len(groups[-1]) >= len(ranked) / BINS and len(groups) < BINS:
            groups.append([])
        groups[-1] += group
    return [_band(pairs) for pairs in groups if pairs]


def calibration_error(told: Sequence[float], outcomes: Sequence[bool]) -> float:
    """Return the mean distance between predictions and outcomes over the bands (ECE)."""
    return sum(
        band.count * abs(band.told - band.converted) for band in bands(told, outcomes)
    ) / len(told)


@dataclass(frozen=True, slots=True)
class Stability:
    """How far scores moved: the population stability index, and what chance alone may bring it to.

    `by_chance` is exceeded by one sample in a thousand that has not moved.
    """

    index: float
    by_chance: float

    @property
    def is_alarming(self) -> bool:
        """Whether scores moved, beyond chance and by more than a little."""
        return self.index > max(self.by_chance, MOVED)


def stability(expected: Sequence[float], actual: Sequence[float]) -> Stability:
    """Return how far scores moved, in deciles of `expected`; both hold scores.

    What lies beyond all that was expected has bins of its own: scores that were all alike move too.
    """
    ordered = sorted(expected)
    edges = sorted({ordered[len(ordered) * cut // BINS] for cut in range(1, BINS)})
    least, most = ordered[0], ordered[-1]

    def counts(scores: Sequence[float]) -> list[int]:
        numbers = [0] * (len(edges) + 3)
        for score in scores:
            inside = 1 + bisect_right(edges, score)
            numbers[0 if score < least else len(edges) + 2 if score > most else inside] += 1
        return numbers

    pairs = zip(counts(expected), counts(actual), strict=True)
    filled = [pair for pair in pairs if any(pair)]
    index = stability_index([before for before, _ in filled], [now for _, now in filled])
    limit = CHI_SQUARE_999[min(max(len(filled) - 1, 1), len(CHI_SQUARE_999)) - 1]
    return Stability(index, limit * (1 / len(expected) + 1 / len(actual)))


def stability_index(expected: Sequence[int], actual: Sequence[int]) -> float:
    """Return the index of counts by bin, each with half a sample more, so that none is empty."""
    before, now = ([count + 0.5 for count in counts] for counts in (expected, actual))
    shares = zip(before, now, strict=True)
    return sum(
        (b / sum(now) - a / sum(before)) * math.log((b / sum(now)) / (a / sum(before)))
        for a, b in shares
    )


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    interval = statistics.wilson(hits, count, "0.95")
    return float(interval.low), float(interval.high)


def _band(pairs: Sequence[tuple[float, bool]]) -> Band:
    hits = sum(outcome for _, outcome in pairs)
    told = sum(probability for probability, _ in pairs) / len(pairs)
    return Band(len(pairs), told, hits / len(pairs), *wilson(hits, len(pairs)))
