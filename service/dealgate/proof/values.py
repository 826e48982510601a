"""Values that conditions name and that no facts can have: an invalid country, "DE" in lower."""

from collections.abc import Iterator

from dealgate.model.codes import Code, Severity
from dealgate.model.rules import Expression
from dealgate.proof.dimensions import MONEY, Dimension
from dealgate.proof.findings import Finding
from dealgate.proof.formulas import Formula, atoms
from dealgate.proof.places import places_called
from dealgate.proof.prover import Prover
from dealgate.proof.samples import Value, amount, number


def impossible_values(prover: Prover) -> Iterator[Finding]:
    """Yield a finding for each, at the first condition that names it.

    An invalid word is a fault, and so is an amount in a currency that does not exist. A
    number beyond a bound may be the author's way to write one.
    """
    for dimension, value, why in _impossible(prover):
        named = next(_naming(prover, dimension, value), None)
        if named is None:
            continue
        subject, expression = named
        is_meant = not isinstance(value, str) and not _is_strange(prover, dimension, value)
        yield Finding(
            expression.location,
            subject,
            Code.VALUE_IMPOSSIBLE,
            Severity.WARNING if is_meant else Severity.FAULT,
            f"compares {dimension.key} with {dimension.shown(value)}, which it can never be: {why}",
            _near(prover, dimension, value),
        )


def _near(prover: Prover, dimension: Dimension, value: Value) -> str:
    """Return the word that was meant, if facts can be it: "DE" for "de", "GB" for "UK"."""
    if not isinstance(value, str):
        return ""
    meant = [value.upper(), value.lower(), value.title(), *places_called(value)]
    fitting = [word for word in meant if word != value and prover.takes(dimension, word)]
    return f"did you mean {dimension.shown(fitting[0])}?" if fitting else ""


def _impossible(prover: Prover) -> Iterator[tuple[Dimension, Value, str]]:
    yield from prover.refused
    refused = {(dimension.key, value) for dimension, value, _ in prover.refused}
    currency = _currency(prover)
    for dimension in prover.conditions.dimensions.values():
        for value in sorted(dimension.named, key=number) if dimension.type == MONEY else ():
            if _is_strange(prover, dimension, value) and (dimension.key, value) not in refused:
                yield dimension, value, f"amounts are in {currency} here, by parameters.currency"


def _currency(prover: Prover) -> str:
    """Return the one currency of a rule set's amounts; empty if it has none."""
    return str(getattr(prover.ruleset.parameters, "currency", None) or "")


def _is_strange(prover: Prover, dimension: Dimension, value: Value) -> bool:
    """Whether an amount is in another currency than all those that it is compared with."""
    is_amount = dimension.type == MONEY and _currency(prover)
    return bool(is_amount) and amount(value)[0] != _currency(prover)


def _naming(prover: Prover, dimension: Dimension, value: Value) -> Iterator[tuple[str, Expression]]:
    for name, formula in prover.facts.items():
        if _names(formula, dimension, value):
            yield f"fact {name}", prover.ruleset.facts[name]
    for rule in prover.ruleset.rules:
        if rule.when is not None and _names(prover.rules[rule.id], dimension, value):
            yield f"rule {rule.id}", rule.when


def _names(formula: Formula, dimension: Dimension, value: Value) -> bool:
    return any(atom.dimension == dimension.key and value in atom.values for atom in atoms(formula))
