"""What rules of health compete for: a measure's score, and the band that is forced."""

from collections.abc import Sequence

from dealgate.kinds.health.terms import WORST, HealthEffect, HealthParameters
from dealgate.model.proofs import KindProofs, Stake


def stakes(effect: HealthEffect, _: HealthParameters) -> Sequence[Stake]:
    """Return what the first rule to fire scores, or the worst one forces; a play always counts."""
    if effect.play is not None:
        return []
    if effect.force is not None:
        return [Stake("band", WORST.index(effect.force))]
    return [] if effect.measure is None else [Stake(("measure", effect.measure))]


PROOFS = KindProofs(stakes=stakes)
