"""How well a score ranks what then happened."""

from collections.abc import Sequence


def auc(scores: Sequence[float], outcomes: Sequence[bool]) -> float:
    """Return the chance that a converted lead scores above another; equal scores count half.

    Raises ZeroDivisionError unless some converted and some did not.
    """
    ranks = _mean_ranks(scores)
    converted = sum(outcomes)
    above = sum(rank for rank, outcome in zip(ranks, outcomes, strict=True) if outcome)
    below_each_other = converted * (converted + 1) / 2
    return (above - below_each_other) / (converted * (len(outcomes) - converted))


def lift(scores: Sequence[float], outcomes: Sequence[bool], share: float = 0.1) -> float:
    """Return the conversion rate of the best `share` of scores over that of all.

    Where equal scores straddle the edge, each of them counts with the part that is inside, so
    the order of the file does not matter.
    """
    wanted = len(scores) * share
    converted, taken = 0.0, 0.0
    for score in sorted(set(scores), reverse=True):
        hits = [outcome for known, outcome in zip(scores, outcomes, strict=True) if known == score]
        part = min(1.0, (wanted - taken) / len(hits))
        converted += part * sum(hits)
        taken += part * len(hits)
        if taken >= wanted:
            break
    return (converted / taken) / (sum(outcomes) / len(outcomes))


def _mean_ranks(scores: Sequence[float]) -> list[float]:
    """Return the rank of each score from 1, the lowest; equal scores share their mean rank."""
    order = sorted(range(len(scores)), key=scores.__getitem__)
    ranks = [0.0] * len(scores)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and scores[order[end]] == scores[order[start]]:
            end += 1
        for position in order[start:end]:
            ranks[position] = (start + 1 + end) / 2
        start = end
    return ranks
