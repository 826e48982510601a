"""The recognize kind: how much of a contract is revenue, and in which period?

The five steps of ASC 606 and IFRS 15: `contract` finds obligations and price, `standalone` and
`allocation` divide it, `patterns` and `tracks` say when it is earned, `settling` makes whole
minor units of it, `balances` the books. Rules judge (is it distinct, is it constrained, how is a
change accounted for); the arithmetic is the same whatever they say. What nobody knows is never
scheduled: a contract that may be none is held, and a price without weights is not divided.
"""

from collections.abc import Mapping
from typing import get_args

from dealgate.kinds.recognize import answers
from dealgate.kinds.recognize.allocation import Allocated, NotAllocated, allocate_price
from dealgate.kinds.recognize.balances import ledger
from dealgate.kinds.recognize.claims import claimed, missing
from dealgate.kinds.recognize.contract import Contract, contract_of, estimates
from dealgate.kinds.recognize.settling import Settled, settled
from dealgate.kinds.recognize.terms import RecognizeEffect, RecognizeParameters
from dealgate.kinds.recognize.tracks import Tracks, begun, by_day, modified
from dealgate.kinds.recognize.violations import violations
from dealgate.model.business_time import ordinal
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.kind import Kind
from dealgate.model.rounding import Rounding
from dealgate.model.rules import RuleSet
from dealgate.v1 import recognize_pb2 as pb
from dealgate.v1.attribute_pb2 import ROUNDING_METHOD_LARGEST_REMAINDER, RoundingMethod

WORDS = {
    pb.RECOGNITION_STATUS_SCHEDULED: "scheduled",
    pb.RECOGNITION_STATUS_HELD: "held",
    pb.RECOGNITION_STATUS_INCOMPLETE: "incomplete",
}
ROUNDING = "ROUNDING_METHOD_"
METHODS: Mapping[int, Rounding] = {
    RoundingMethod.Value(ROUNDING + method.upper()): method for method in get_args(Rounding)
}


def conclude(
    facts: pb.RecognizeFacts,
    ruleset: RuleSet[RecognizeEffect, RecognizeParameters],
    evidence: Evidence[RecognizeEffect],
    as_of: int,
) -> Conclusion:
    """Return the RecognizeOutcome; its word is scheduled, held or incomplete.

    Raises RulesFailed if a rule went wrong: a schedule by half the rules is a wrong schedule.
    """
    claims = claimed(ruleset, evidence)
    contract = contract_of(facts, claims, ruleset.parameters)
    outcome = pb.RecognizeOutcome(reasons=claims.reasons, provisional=claims.provisional)
    outcome.variable.extend(estimates(contract))
    if claims.held:
        outcome.status = pb.RECOGNITION_STATUS_HELD
        _book(outcome, contract, [], as_of)
    else:
        _schedule(outcome, contract, as_of)
    return Conclusion(outcome, WORDS[outcome.status])


def _schedule(outcome: pb.RecognizeOutcome, contract: Contract, as_of: int) -> None:
    try:
        allocated, tracks = _tracked(contract)
    except NotAllocated as error:
        outcome.status = pb.RECOGNITION_STATUS_INCOMPLETE
        outcome.missing.extend(missing(field, error.code) for field in error.fields)
        outcome.missing.extend(contract.claims.open)
        return
    method = _method(contract)
    obligations = settled(contract, tracks, method)
    outcome.status = pb.RECOGNITION_STATUS_SCHEDULED
    outcome.rounding = RoundingMethod.Value(ROUNDING + method.upper())
    outcome.allocation_rounding = ROUNDING_METHOD_LARGEST_REMAINDER
    outcome.obligations.extend(
        answers.obligation(contract, one, allocated.get(one.place)) for one in obligations
    )
    outcome.modifications.extend(_treated(contract))
    outcome.transaction_price.CopyFrom(answers.transaction_price(contract, obligations))
    _book(outcome, contract, obligations, as_of)
    outcome.reconciliation.CopyFrom(answers.reconciliation(contract, obligations, outcome))


def _tracked(contract: Contract) -> tuple[dict[int, Allocated], Tracks]:
    """Return what each obligation got at the start, and its track after all modifications."""
    facts = contract.facts
    for place in contract.claims.about("net"):
        if not facts.lines[place].HasField("supplier_cost"):
            raise NotAllocated("SUPPLIER_COST_UNKNOWN", [f"lines[{place}].supplier_cost"])
    added = {line for one in facts.modifications for line in one.added_line_ids}
    places = [place for place in contract.obligations if facts.lines[place].id not in added]
    if not places:
        raise NotAllocated("NO_OBLIGATION", ["lines"])
    _require_patterns(contract)
    allocated = allocate_price(contract, places)
    tracks = begun(contract, allocated)
    for number in by_day(facts.modifications):
        if number not in contract.claims.treatments:
            raise NotAllocated("TREATMENT_UNKNOWN", [f"modifications[{number}]"])
        tracks = modified(contract, tracks, number)
    return allocated, tracks


def _require_patterns(contract: Contract) -> None:
    """A line that is not distinct may do without a pattern, unless no rule combined it."""
    unknown = [place for place in contract.obligations if not contract.facts.lines[place].pattern]
    if unknown:
        fields = [f"lines[{place}].pattern" for place in unknown]
        raise NotAllocated("PATTERN_UNKNOWN", fields)


def _method(contract: Contract) -> Rounding:
    if not contract.facts.contract.rounding:
        return contract.parameters.rounding
    return METHODS[contract.facts.contract.rounding]


def _book(
    outcome: pb.RecognizeOutcome, contract: Contract, obligations: list[Settled], as_of: int
) -> None:
    books = ledger(contract, obligations)
    outcome.periods.extend(books.periods())
    outcome.balances.CopyFrom(books.at(ordinal(as_of)))
    outcome.journal.extend(books.journal())


def _treated(contract: Contract) -> list[pb.ModificationResult]:
    found = []
    for number, change in enumerate(contract.facts.modifications):
        treatment = contract.claims.treatments[number]
        if treatment is not None:
            name = f"MODIFICATION_TREATMENT_{treatment[0].upper()}"
            value = pb.ModificationTreatment.Value(name)
            found.append(pb.ModificationResult(id=change.id, treatment=value, rule_id=treatment[1]))
    return found


RECOGNIZE = Kind(
    name="recognize",
    request=pb.RecognizeRevenueRequest,
    response=pb.RecognizeRevenueResponse,
    facts=pb.RecognizeFacts,
    effect=RecognizeEffect,
    parameters=RecognizeParameters,
    entity="contract/contract.id",
    check=violations,
    conclude=conclude,
)
