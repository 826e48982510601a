"""What rules of qualify compete for: the gravest disposition alone decides.

`ladder` folds them; the codes of all rules with the same disposition are reported.
"""

from collections.abc import Sequence

from dealgate.kinds.qualify.ladder import ORDER, REFUSALS
from dealgate.kinds.qualify.terms import QualifyEffect, QualifyParameters
from dealgate.model.proofs import KindProofs, Stake


def stakes(effect: QualifyEffect, _: QualifyParameters) -> Sequence[Stake]:
    """Return the disposition: a graver one that is undecided puts all but a refusal on hold."""
    name = effect.disposition
    unmoved = {ORDER.index("sql")} if name == "mql" else set[int]()
    return [
        Stake(
            "disposition",
            ORDER.index(name),
            first=False,
            waits=name not in REFUSALS,
            unmoved_by=frozenset(unmoved),
        )
    ]


PROOFS = KindProofs(stakes=stakes)
