"""Other ways to the same conclusions, which nothing is decided by: they hold what is.

Formulas and values are those of `../shared/reference/foresight.md`, section 1.
"""

import math
from collections.abc import Iterable
from statistics import NormalDist

ALPHA = 0.05


def mixing(planned: float, alpha: float = ALPHA) -> float:
    """Return the rho of an asymptotic confidence sequence that is narrowest at so many units."""
    return math.sqrt((-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / planned)


def asymptotic(
    champion: tuple[int, int], challenger: tuple[int, int], planned: float
) -> tuple[float, float, float]:
    """Return the interval of a difference of rates, and its p; no guarantee while units are few.

    Each arm is its successes and its units. Source: Waudby-Smith et al., arXiv 2103.06476, eq. 9.
    """
    (s0, n0), (s1, n1) = champion, challenger
    p0, p1, units = s0 / n0, s1 / n1, n0 + n1
    variance = p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1
    scaled = units * mixing(planned) ** 2
    bracket = 2 * (scaled + 1) * math.log(math.sqrt(scaled + 1) / ALPHA) / (units * scaled)
    half = math.sqrt(variance * units * bracket)
    evidence = math.exp(scaled * (p1 - p0) ** 2 / variance / (2 * (scaled + 1)))
    return p1 - p0 - half, p1 - p0 + half, min(1.0, math.sqrt(scaled + 1) / evidence)


def normal_mixture(variance: float, best_at: float, alpha: float = ALPHA) -> float:
    """Return the two-sided boundary of a normal mixture that is best at a variance."""
    odds = 2 * math.log(1 / alpha)
    r = best_at / (odds + math.log(1 + odds))
    return math.sqrt((variance + r) * math.log((variance + r) / (alpha**2 * r)))


def independence(units: Iterable[tuple[int, int]], share: float = 0.5) -> float:
    """Return the e-value against "the outcome does not depend on the arm"; exact, and weaker.

    Units are arm and outcome; predictions are Krichevsky and Trofimov's, from the past alone.
    """
    successes, counts, evidence = [0, 0], [0, 0], 0.0
    for arm, outcome in units:
        chances = [(s + 0.5) / (n + 1) for s, n in zip(successes, counts, strict=True)]
        of_it = [chance if outcome else 1 - chance for chance in chances]
        evidence += math.log(of_it[arm] / (share * of_it[1] + (1 - share) * of_it[0]))
        successes[arm] += outcome
        counts[arm] += 1
    return math.exp(evidence)


def chi_squared_p(count: int, total: int, share: float) -> float:
    """Return the p of one count against its share, by a test that may look once."""
    expected = total * share
    statistic = (count - expected) ** 2 / (expected * (1 - share))
    return 2 * (1 - NormalDist().cdf(math.sqrt(statistic)))
