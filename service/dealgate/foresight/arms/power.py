"""How many units it takes to see a difference of rates."""

import math
from statistics import NormalDist

NORMAL = NormalDist()


def units_an_arm(rate: float, other: float, power: float, alpha: float = 0.05) -> float:
    """Return the units of each arm for a test that looks once (arcsine; Cohen 1988)."""
    effect = 2 * (math.asin(math.sqrt(other)) - math.asin(math.sqrt(rate)))
    z = NORMAL.inv_cdf(1 - alpha / 2) + NORMAL.inv_cdf(power)
    return 2 * (z / effect) ** 2
