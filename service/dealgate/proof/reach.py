"""What no facts can lead to by a kind's own arithmetic: it asks, and the prover answers."""

from collections.abc import Iterator, Sequence

from dealgate.model.proofs import AnyProofs
from dealgate.model.rules import AnyRule
from dealgate.proof.findings import Finding, Unknown
from dealgate.proof.formulas import And
from dealgate.proof.prover import Prover, Unproved
from dealgate.proof.regions import Region


def reach_findings(
    prover: Prover, declared: AnyProofs | None, unknown: list[Unknown]
) -> Iterator[Finding]:
    """Yield what is out of reach of a rule set, by what its kind declares."""
    arithmetic = None if declared is None else declared.arithmetic
    if arithmetic is None:
        return
    location = prover.ruleset.location
    try:
        for unreached in arithmetic.unreached(prover.ruleset, _Oracle(prover)):
            yield Finding(
                location,
                unreached.subject,
                unreached.code,
                unreached.severity,
                unreached.message,
                unreached.hint,
            )
    except Unproved as error:
        unknown.append(Unknown(location, arithmetic.subject, error.reason, error.detail))


class _Oracle:
    """Answers by proof; raises Unproved."""

    def __init__(self, prover: Prover) -> None:
        self._prover = prover

    def can_fire(self, rules: Sequence[AnyRule]) -> bool:
        formulas = tuple(self._prover.rules[rule.id] for rule in rules)
        rows = self._prover.rows(And(formulas) if len(formulas) > 1 else formulas[0], Region.TRUE)
        return self._prover.point(rows, []) is not None
