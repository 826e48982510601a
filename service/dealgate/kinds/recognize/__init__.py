"""The recognize kind: how much of a contract is revenue, and in which period?

The five steps of ASC 606 and IFRS 15: `contract` finds obligations and price, `standalone` and
`allocation` divide it, `patterns` and `tracks` say when it is earned, `timeline` lets what becomes
known later take effect on its day, `settling` makes whole minor units of it, `balances` and
`journal` the books. Rules judge (is it distinct, is it constrained, how is a
change accounted for); the arithmetic is the same whatever they say. What nobody knows is never
scheduled: a contract that may be none is held, and a price without weights is not divided.
"""

from collections.abc import Mapping
from typing import get_args

from dealgate.kinds.recognize import answers, costs, variables
from dealgate.kinds.recognize.allocation import NotAllocated
from dealgate.kinds.recognize.balances import ledger
from dealgate.kinds.recognize.claims import claimed, missing
from dealgate.kinds.recognize.contract import Contract, contract_of
from dealgate.kinds.recognize.journal import journal
from dealgate.kinds.recognize.lost_parts import lost_parts
from dealgate.kinds.recognize.settling import Settled, settled
from dealgate.kinds.recognize.stakes import PROOFS
from dealgate.kinds.recognize.terms import RecognizeEffect, RecognizeParameters
from dealgate.kinds.recognize.timeline import Timeline, timeline_of
from dealgate.kinds.recognize.violations import sound_violations, violations
from dealgate.model.brief import Brief
from dealgate.model.business_time import ordinal
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.kind import Kind
from dealgate.model.money import to_minor
from dealgate.model.numbers import numbers_of
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
    outcome.variable.extend(variables.answers(contract.variables, contract.currency))
    if claims.held:
        outcome.status = pb.RECOGNITION_STATUS_HELD
        _book(outcome, contract, [], None, as_of)
    else:
        _schedule(outcome, contract, as_of)
    return Conclusion(outcome, WORDS[outcome.status])


def brief(
    facts: pb.RecognizeFacts,
    ruleset: RuleSet[RecognizeEffect, RecognizeParameters],
    evidence: Evidence[RecognizeEffect],
    as_of: int,
) -> Brief:
    """Return the status, the price and the balances as `conclude` does."""
    claims = claimed(ruleset, evidence)
    contract = contract_of(facts, claims, ruleset.parameters)
    if claims.held:
        held = pb.RecognizeOutcome(balances=ledger(contract, [], None).at(ordinal(as_of)))
        return Brief(WORDS[pb.RECOGNITION_STATUS_HELD], numbers_of(held))
    try:
        timeline, obligations, price = _priced(contract)
    except NotAllocated:
        return Brief(WORDS[pb.RECOGNITION_STATUS_INCOMPLETE], {})
    priced = pb.RecognizeOutcome(
        transaction_price=price,
        balances=ledger(contract, obligations, timeline).at(ordinal(as_of)),
    )
    priced.reconciliation.CopyFrom(answers.reconciliation(contract, obligations, priced))
    return Brief(WORDS[pb.RECOGNITION_STATUS_SCHEDULED], numbers_of(priced))


def _priced(contract: Contract) -> tuple[Timeline, list[Settled], pb.TransactionPrice]:
    """Return what is earned when, in whole minor units, and the price; raises NotAllocated."""
    _require_facts(contract)
    timeline = timeline_of(contract)
    obligations = settled(timeline, _method(contract))
    price = answers.transaction_price(timeline, obligations)
    _require_price(price)
    return timeline, obligations, price


def _schedule(outcome: pb.RecognizeOutcome, contract: Contract, as_of: int) -> None:
    try:
        timeline, obligations, price = _priced(contract)
    except NotAllocated as error:
        outcome.status = pb.RECOGNITION_STATUS_INCOMPLETE
        outcome.missing.extend(missing(field, error.code) for field in error.fields)
        outcome.missing.extend(contract.claims.open)
        return
    outcome.status = pb.RECOGNITION_STATUS_SCHEDULED
    outcome.rounding = RoundingMethod.Value(ROUNDING + _method(contract).upper())
    outcome.allocation_rounding = ROUNDING_METHOD_LARGEST_REMAINDER
    outcome.transaction_price.CopyFrom(price)
    _describe(outcome, timeline, obligations)
    _book(outcome, contract, obligations, timeline, as_of)
    outcome.reconciliation.CopyFrom(answers.reconciliation(contract, obligations, outcome))


def _describe(outcome: pb.RecognizeOutcome, timeline: Timeline, obligations: list[Settled]) -> None:
    contract = timeline.contract
    outcome.obligations.extend(
        answers.obligation(contract, one, timeline.allocated.get(one.index)) for one in obligations
    )
    outcome.modifications.extend(_treated(contract))
    outcome.reasons.extend(answers.undated(timeline))
    outcome.catch_ups.extend(answers.catch_ups(timeline))
    outcome.late.extend(answers.late(contract, obligations))


def _require_facts(contract: Contract) -> None:
    """A line may do without a pattern only if a rule combined it; a supplier's part is told."""
    facts = contract.facts
    for index in contract.claims.about("net"):
        if not facts.lines[index].HasField("supplier_cost"):
            raise NotAllocated("SUPPLIER_COST_UNKNOWN", [f"lines[{index}].supplier_cost"])
    united = contract.claims.about("unite", "contracts")
    apart = [index for index in range(len(facts.contracts)) if index not in united]
    if apart:
        raise NotAllocated("NOT_COMBINED", [f"contracts[{index}]" for index in apart])
    for path, code in lost_parts(contract):
        raise NotAllocated(code, [path])
    unknown = [i for i in contract.obligations.indices if not facts.lines[i].pattern]
    if unknown and contract.first():
        raise NotAllocated("PATTERN_UNKNOWN", [f"lines[{index}].pattern" for index in unknown])


def _require_price(price: pb.TransactionPrice) -> None:
    """Rebates and suppliers can take more than there is; revenue is never less than nothing."""
    if to_minor(price.total) < 0:
        raise NotAllocated("PRICE_BELOW_ZERO", ["contract.price"])


def _method(contract: Contract) -> Rounding:
    if not contract.facts.contract.rounding:
        return contract.parameters.rounding
    return METHODS[contract.facts.contract.rounding]


def _book(
    outcome: pb.RecognizeOutcome,
    contract: Contract,
    obligations: list[Settled],
    timeline: Timeline | None,
    as_of: int,
) -> None:
    books, today = ledger(contract, obligations, timeline), ordinal(as_of)
    outcome.periods.extend(books.periods())
    outcome.balances.CopyFrom(books.at(today))
    outcome.journal.extend(journal(books))
    outcome.costs.extend(costs.answers(books.costs, contract, books.over(today)))
    outcome.remaining_by_year.extend(books.by_year(today))
    outcome.excluded.extend(answers.excluded(contract))


def _treated(contract: Contract) -> list[pb.ModificationResult]:
    results = []
    for number, change in enumerate(contract.facts.modifications):
        treatment = contract.claims.treatments[number]
        if treatment is not None:
            name = f"MODIFICATION_TREATMENT_{treatment[0].upper()}"
            value = pb.ModificationTreatment.Value(name)
            results.append(
                pb.ModificationResult(id=change.id, treatment=value, rule_id=treatment[1])
            )
    return results


RECOGNIZE = Kind(
    name="recognize",
    request=pb.RecognizeRevenueRequest,
    response=pb.RecognizeRevenueResponse,
    facts=pb.RecognizeFacts,
    effect=RecognizeEffect,
    parameters=RecognizeParameters,
    entity="contract/contract.id",
    check=violations,
    check_sound=sound_violations,
    conclude=conclude,
    brief=brief,
    proofs=PROOFS,
)
