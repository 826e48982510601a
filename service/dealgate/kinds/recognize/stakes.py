"""What rules of recognize compete for: the first one treats a modification."""

from collections.abc import Sequence

from dealgate.kinds.recognize.terms import RecognizeEffect, RecognizeParameters
from dealgate.model.proofs import KindProofs, Stake


def stakes(effect: RecognizeEffect, _: RecognizeParameters) -> Sequence[Stake]:
    """Return the treatment, which stays open while a rule before it is undecided."""
    return [Stake("treat", waits=True)] if effect.treat else []


PROOFS = KindProofs(stakes=stakes)
