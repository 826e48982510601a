"""What rules of attribute compete for: the first to fire says why an amount is withheld."""

from collections.abc import Sequence

from dealgate.kinds.attribute.terms import AttributeEffect, AttributeParameters
from dealgate.model.proofs import KindProofs, Stake


def stakes(effect: AttributeEffect, _: AttributeParameters) -> Sequence[Stake]:
    """Return the reason to withhold; what rules say of touches counts beside each other."""
    return [] if effect.withhold is None else [Stake("withhold")]


def adds(effect: AttributeEffect) -> bool:
    """Tell whether two such claims are more than one: weights multiply."""
    return effect.weight is not None


PROOFS = KindProofs(stakes=stakes, adds=adds)
