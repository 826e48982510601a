"""What rules of handoff compete for: the first to fire says how complete an item is."""

from collections.abc import Sequence

from dealgate.kinds.handoff.terms import HandoffEffect, HandoffParameters
from dealgate.model.proofs import KindProofs, Stake


def stakes(effect: HandoffEffect, _: HandoffParameters) -> Sequence[Stake]:
    """Return the item; every blocker counts."""
    return [] if effect.item is None else [Stake(("item", effect.item))]


PROOFS = KindProofs(stakes=stakes)
