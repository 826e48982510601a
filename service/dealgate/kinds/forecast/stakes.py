"""What rules of forecast compete for: of each sort the first to fire counts for a deal."""

from collections.abc import Sequence

from dealgate.kinds.forecast.terms import ForecastEffect, ForecastParameters
from dealgate.model.proofs import KindProofs, Stake


def stakes(effect: ForecastEffect, _: ForecastParameters) -> Sequence[Stake]:
    """Return the one thing that it claims of a deal; every warning counts."""
    sorts = ("exclude", "category", "probability")
    return [Stake(sort) for sort in sorts if getattr(effect, sort) is not None]


PROOFS = KindProofs(stakes=stakes)
