"""Variable amounts (32-5 to 32-14): what is estimated, what counts of it, and from when on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dealgate.kinds.recognize.claims import Claims
from dealgate.model.days import day_number
from dealgate.model.money import from_minor, to_minor
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable amount in minor units; `line` is set if it goes to that line alone.

    It counts from `known` on, 0: from the start; `revises` is the number of the one it replaces.
    """

    id: str
    estimate: int
    included: int
    code: str
    line: str
    known: int
    revises: int | None


def variables_of(facts: pb.RecognizeFacts, claims: Claims) -> Sequence[Variable]:
    """Return every variable amount, constrained or not as the rules say."""
    constrained = claims.about("constrain", "variable")
    assigned = claims.about("assign", "variable")
    numbers = {amount.id: number for number, amount in enumerate(facts.variable)}
    return [
        Variable(
            id=amount.id,
            estimate=estimate(amount),
            included=cautious(amount) if number in constrained else estimate(amount),
            code=constrained.get(number, ""),
            line=amount.line_id if number in assigned else "",
            known=day_number(amount.known_on) if amount.HasField("known_on") else 0,
            revises=numbers.get(amount.revises) if amount.revises else None,
        )
        for number, amount in enumerate(facts.variable)
    ]


def estimate(amount: pb.VariableConsideration) -> int:
    """Return the expected value or the most likely amount, rounded half to even."""
    chances = [(to_minor(case.amount), fraction(case.probability)) for case in amount.scenarios]
    if amount.method == pb.ESTIMATE_METHOD_EXPECTED_VALUE:
        # Thirds are given as 0.333333: the difference to 1 belongs to none of them.
        whole = sum(chance for _, chance in chances)
        return round(sum((value * chance for value, chance in chances), Ratio(0)) / whole)
    likely, _ = min(chances, key=lambda case: (-case[1], case[0]))
    return likely


def cautious(amount: pb.VariableConsideration) -> int:
    """Return what counts of an amount of which any more might have to be reversed (32-11).

    That is the least that may come, so nothing of a bonus, and all of the largest rebate; what is
    certain of a bonus counts, and what is certain beyond the largest rebate.
    """
    possible = [to_minor(case.amount) for case in amount.scenarios if fraction(case.probability)]
    least = min([0, *possible])
    if not amount.HasField("certain"):
        return least
    certain = to_minor(amount.certain)
    return min(certain, least) if least < 0 else certain


def answers(variables: Sequence[Variable], currency: str) -> Iterator[pb.VariableEstimate]:
    """Yield how each variable amount counts."""
    for variable in variables:
        yield pb.VariableEstimate(
            id=variable.id,
            estimate=from_minor(variable.estimate, currency),
            included=from_minor(variable.included, currency),
            constraint_code=variable.code,
            line_alone=bool(variable.line),
        )
