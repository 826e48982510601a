"""The contract (steps 1 to 3): its obligations, their conventions, and the transaction price."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import get_args

from dealgate.kinds.recognize.calendar import Calendar, calendar_of
from dealgate.kinds.recognize.claims import Claims
from dealgate.kinds.recognize.patterns import Conventions
from dealgate.kinds.recognize.terms import ProrationName, RecognizeParameters
from dealgate.model import words
from dealgate.model.money import from_minor, to_minor
from dealgate.model.parts import fraction
from dealgate.v1 import recognize_pb2 as pb

PRORATIONS: Mapping[int, ProrationName] = {
    words.number_of(pb.Proration, name): name for name in get_args(ProrationName)
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable amount in minor units; `line` is set if it goes to that line alone."""

    id: str
    estimate: int
    included: int
    code: str
    line: str


@dataclass(frozen=True, slots=True)
class Contract:
    """What the rules made of the facts; amounts are minor units of `currency`."""

    facts: pb.RecognizeFacts
    claims: Claims
    parameters: RecognizeParameters
    calendar: Calendar
    currency: str
    obligations: Sequence[int]
    combined: dict[int, list[int]]
    fixed: int
    variable: Sequence[Variable]

    def conventions(self, place: int) -> Conventions:
        """Return how the line at `place` is prorated, and what rules say about it."""
        line, claims = self.facts.lines[place], self.claims
        return Conventions(
            proration=PRORATIONS.get(line.proration, self.parameters.proration),
            as_priced=place in claims.about("as_priced"),
            breakage=place in claims.about("breakage"),
        )

    def places(self, ids: Sequence[str]) -> list[int]:
        """Return the obligations with these ids, a combined line as what it is part of."""
        wanted = set(ids)
        return [
            place
            for place in self.obligations
            if wanted & {self.facts.lines[one].id for one in (place, *self.combined[place])}
        ]


def contract_of(
    facts: pb.RecognizeFacts, claims: Claims, parameters: RecognizeParameters
) -> Contract:
    """Return the contract as the rules see it."""
    added = {line for one in facts.modifications for line in one.added_line_ids}
    kept = [
        place
        for place, line in enumerate(facts.lines)
        if place not in claims.about("combine") and not is_discount(line)
    ]
    return Contract(
        facts=facts,
        claims=claims,
        parameters=parameters,
        calendar=calendar_of(facts.periods),
        currency=currency_of(facts),
        obligations=kept,
        combined={place: [*_parts(facts, claims, place)] for place in kept},
        fixed=_fixed(facts, claims, added),
        variable=[*_variable(facts, claims)],
    )


def is_discount(line: pb.RevenueLine) -> bool:
    """Return whether the line promises nothing: a negative price for nothing that sells alone."""
    negative = min(line.price.units, line.price.nanos) < 0
    return negative and not line.HasField("standalone_price") and not line.pattern


def currency_of(facts: pb.RecognizeFacts) -> str:
    """Return the currency of the contract; the check saw to it that there is one."""
    priced = [facts.contract.price, *(line.price for line in facts.lines)]
    codes: list[str] = [price.currency_code for price in priced]
    return next(code for code in codes if code)


def _parts(facts: pb.RecognizeFacts, claims: Claims, place: int) -> Iterator[int]:
    for other in claims.about("combine"):
        if facts.lines[other].part_of == facts.lines[place].id:
            yield other


def _fixed(facts: pb.RecognizeFacts, claims: Claims, added: set[str]) -> int:
    """Return the fixed price, without what suppliers get of lines that we only arrange."""
    lines = [(place, line) for place, line in enumerate(facts.lines) if line.id not in added]
    price = sum(to_minor(line.price) for _, line in lines if line.HasField("price"))
    if facts.contract.HasField("price"):
        price = to_minor(facts.contract.price)
    theirs = (line for place, line in lines if place in claims.about("net"))
    return price - sum(
        to_minor(line.supplier_cost) for line in theirs if line.HasField("supplier_cost")
    )


def _variable(facts: pb.RecognizeFacts, claims: Claims) -> Iterator[Variable]:
    constrained = claims.about("constrain", "variable")
    assigned = claims.about("assign", "variable")
    for place, one in enumerate(facts.variable):
        estimate = round(_estimate(one))
        certain = to_minor(one.certain) if one.HasField("certain") else 0
        included = certain if place in constrained else estimate
        alone = one.line_id if place in assigned else ""
        yield Variable(one.id, estimate, included, constrained.get(place, ""), alone)


def _estimate(one: pb.VariableConsideration) -> Fraction:
    chances = [(to_minor(case.amount), fraction(case.probability)) for case in one.scenarios]
    if one.method == pb.ESTIMATE_METHOD_EXPECTED_VALUE:
        return sum((amount * chance for amount, chance in chances), Fraction(0))
    amount, _ = min(chances, key=lambda case: (-case[1], case[0]))
    return Fraction(amount)


def estimates(contract: Contract) -> Iterator[pb.VariableEstimate]:
    """Yield how each variable amount counts."""
    for one in contract.variable:
        yield pb.VariableEstimate(
            id=one.id,
            estimate=from_minor(one.estimate, contract.currency),
            included=from_minor(one.included, contract.currency),
            constraint_code=one.code,
            line_alone=bool(one.line),
        )
