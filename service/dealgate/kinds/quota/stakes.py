"""What rules of quota compete for: the first to fire says why a credit counts nowhere."""

from collections.abc import Sequence

from dealgate.kinds.quota.terms import QuotaEffect, QuotaParameters
from dealgate.model.proofs import KindProofs, Stake


def stakes(effect: QuotaEffect, _: QuotaParameters) -> Sequence[Stake]:
    """Return the reason to exclude."""
    return [] if effect.exclude is None else [Stake("exclude")]


def adds(effect: QuotaEffect) -> bool:
    """Tell whether two such claims are more than one: every bonus is paid."""
    return effect.bonus is not None


PROOFS = KindProofs(stakes=stakes, adds=adds)
