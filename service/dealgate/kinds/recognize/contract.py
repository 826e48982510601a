"""The contract (steps 1 to 3): its obligations, their conventions, and the transaction price."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import get_args

from dealgate.kinds.recognize.calendar import Calendar, calendar_of
from dealgate.kinds.recognize.claims import Claims
from dealgate.kinds.recognize.combining import Obligations, obligations_of
from dealgate.kinds.recognize.financing import Interest, interest_of
from dealgate.kinds.recognize.patterns import Conventions
from dealgate.kinds.recognize.terms import ProrationName, RecognizeParameters
from dealgate.kinds.recognize.uses import Use, known, uses_of
from dealgate.kinds.recognize.variables import Variable, variables_of
from dealgate.model import words
from dealgate.model.days import day_number
from dealgate.model.money import to_minor
from dealgate.model.quick import quick
from dealgate.v1 import recognize_pb2 as pb

PRORATIONS: Mapping[int, ProrationName] = {
    words.number_of(pb.Proration, name): name for name in get_args(ProrationName)
}


@dataclass(frozen=True, slots=True)
class Bills:
    """What was invoiced, by day, and the running totals of it in minor units."""

    days: Sequence[int]
    totals: Sequence[int]

    def until(self, day: int) -> int:
        """Return what was invoiced by the end of the day."""
        return self.totals[bisect_right(self.days, day)]


NO_BILLS = Bills([], [0])


@quick
@dataclass(frozen=True, slots=True)
class Contract:
    """What the rules made of the facts; amounts are minor units of `currency`.

    `born` gives the day before which a line cannot earn: its modification's, or the signature's.
    """

    facts: pb.RecognizeFacts
    claims: Claims
    parameters: RecognizeParameters
    calendar: Calendar
    currency: str
    obligations: Obligations
    fixed: int
    variables: Sequence[Variable]
    uses: Sequence[Sequence[Use]]
    born: Sequence[int]
    interest: Interest | None
    bills: Bills

    @property
    def signed(self) -> int:
        """The day on which both sides had signed; 0: nobody says."""
        return _signed(self.facts.contract)

    def conventions(self, index: int) -> Conventions:
        """Return how the line at `index` is prorated, and what rules say about it."""
        line, claims = self.facts.lines[index], self.claims
        return Conventions(
            path=f"lines[{index}]",
            proration=PRORATIONS.get(line.proration, self.parameters.proration),
            calendar=self.calendar,
            as_priced=index in claims.about("as_priced"),
            breakage=index in claims.about("breakage"),
            uses=self.uses[index],
            sold_until=day_number(line.end) if line.HasField("end") else 0,
        )

    def indices(self, ids: Sequence[str]) -> list[int]:
        """Return the obligations with these ids, a combined line as what it is part of."""
        wanted = {index for index, line in enumerate(self.facts.lines) if line.id in set(ids)}
        return [
            index
            for index in self.obligations.indices
            if wanted & {index, *self.obligations.parts[index], *self.obligations.shared}
        ]

    def first(self) -> list[int]:
        """Return the obligations that no modification added."""
        if not self.facts.modifications:
            return [*self.obligations.indices]
        added = added_ids(self.facts)
        return [
            index for index in self.obligations.indices if self.facts.lines[index].id not in added
        ]


def contract_of(
    facts: pb.RecognizeFacts, claims: Claims, parameters: RecognizeParameters
) -> Contract:
    """Return the contract as the rules see it."""
    calendar = calendar_of(facts.periods)
    interest = interest_of(facts, calendar)
    return Contract(
        facts=facts,
        claims=claims,
        parameters=parameters,
        calendar=calendar,
        interest=interest,
        currency=currency_of(facts),
        obligations=obligations_of(facts, claims.about("combine")),
        fixed=_fixed(facts, claims) - (interest.total if interest else 0),
        variables=variables_of(facts, claims),
        uses=[uses_of(line) for line in facts.lines],
        born=_born(facts),
        bills=_bills(facts),
    )


def _bills(facts: pb.RecognizeFacts) -> Bills:
    if not facts.invoices:
        return NO_BILLS
    bills = sorted((day_number(bill.on), to_minor(bill.amount)) for bill in facts.invoices)
    return Bills([day for day, _ in bills], [0, *accumulate(amount for _, amount in bills)])


def currency_of(facts: pb.RecognizeFacts) -> str:
    """Return the currency of the contract; the check saw to it that there is one."""
    priced = chain([facts.contract.price], (line.price for line in facts.lines))
    code: str = next(price.currency_code for price in priced if price.currency_code)
    return code


def added_ids(facts: pb.RecognizeFacts) -> set[str]:
    """Return the ids of the lines that modifications added."""
    return {line_id for change in facts.modifications for line_id in change.added_line_ids}


def fixed_price(facts: pb.RecognizeFacts) -> int:
    """Return the fixed price at the start, of all contracts that are combined."""
    first = _price(facts, "", facts.contract)
    return first + sum(_price(facts, other.id, other) for other in facts.contracts)


def _price(
    facts: pb.RecognizeFacts, name: str, contract: pb.RevenueContract | pb.CombinedContract
) -> int:
    """Return a contract's price: as it was agreed, or the sum of its lines."""
    if contract.HasField("price"):
        return to_minor(contract.price)
    if not (facts.modifications or facts.contracts):
        return sum([to_minor(line.price) for line in facts.lines if line.HasField("price")])
    added, others = added_ids(facts), {other.id for other in facts.contracts}
    return sum(
        to_minor(line.price)
        for line in facts.lines
        if line.id not in added
        and line.HasField("price")
        and (line.contract_id if line.contract_id in others else "") == name
    )


def _fixed(facts: pb.RecognizeFacts, claims: Claims) -> int:
    """Return the fixed price, without what suppliers get of lines that we only arrange."""
    added = added_ids(facts)
    theirs = [
        facts.lines[index]
        for index in claims.about("net")
        if facts.lines[index].id not in added and facts.lines[index].HasField("supplier_cost")
    ]
    return fixed_price(facts) - sum(to_minor(line.supplier_cost) for line in theirs)


def _born(facts: pb.RecognizeFacts) -> Sequence[int]:
    """Return the day before which each line cannot earn."""
    signed = {contract.id: _signed(contract) for contract in facts.contracts}
    start = _signed(facts.contract)
    if not (signed or facts.modifications):
        return [max(start, 0)] * len(facts.lines)
    added = {
        line_id: known(change, "on")
        for change in facts.modifications
        for line_id in change.added_line_ids
    }
    return [max(signed.get(line.contract_id, start), added.get(line.id, 0)) for line in facts.lines]


def _signed(contract: pb.RevenueContract | pb.CombinedContract) -> int:
    return day_number(contract.signed_on) if contract.HasField("signed_on") else 0
