"""How many units it takes to see a difference of rates."""

from statistics import NormalDist

NORMAL = NormalDist()


# What looking at any time costs: an interval of 3.035 standard errors where one look has 1.96.
ANY_TIME = 1.9


def units_to_see(
    rate: float, matters: float, share: float, power: float = 0.8, alpha: float = 0.05
) -> float:
    """Return the units of both arms, `share` of them in the second, to see what matters.

    That many are needed to look at any time; a test that looks only once needs half of them.
    """
    other = min(rate + matters, 1.0)
    z = NORMAL.inv_cdf(1 - alpha / 2) + NORMAL.inv_cdf(power)
    variance = rate * (1 - rate) / (1 - share) + other * (1 - other) / share
    return ANY_TIME * variance * (z / matters) ** 2
