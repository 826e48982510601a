"""Values that conditions name and that no facts can have: a country that is none, "DE" in lower."""

from collections.abc import Iterator

from dealgate.model.codes import Code, Severity
from dealgate.model.rules import Expression
from dealgate.proof.dimensions import Dimension
from dealgate.proof.findings import Finding
from dealgate.proof.formulas import Formula, atoms
from dealgate.proof.prover import Prover
from dealgate.proof.samples import Value


def impossible_values(prover: Prover) -> Iterator[Finding]:
    """Yield a finding for each, at the first condition that names it.

    A word that is none is a fault. A number beyond a bound may be the author's way to write one.
    """
    for dimension, value, why in prover.refused:
        named = next(_naming(prover, dimension, value), None)
        if named is None:
            continue
        subject, expression = named
        is_word = isinstance(value, str)
        yield Finding(
            expression.location,
            subject,
            Code.VALUE_IMPOSSIBLE,
            Severity.FAULT if is_word else Severity.WARNING,
            f"compares {dimension.key} with {dimension.shown(value)}, which it can never be: {why}",
        )


def _naming(prover: Prover, dimension: Dimension, value: Value) -> Iterator[tuple[str, Expression]]:
    for name, formula in prover.facts.items():
        if _names(formula, dimension, value):
            yield f"fact {name}", prover.ruleset.facts[name]
    for rule in prover.ruleset.rules:
        if rule.when is not None and _names(prover.rules[rule.id], dimension, value):
            yield f"rule {rule.id}", rule.when


def _names(formula: Formula, dimension: Dimension, value: Value) -> bool:
    return any(atom.dimension == dimension.key and value in atom.values for atom in atoms(formula))
