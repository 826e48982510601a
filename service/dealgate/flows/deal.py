"""A deal's end: inspect → advance → close → attribute → recognize → hand over."""

from google.type.date_pb2 import Date

from dealgate.flows.step import Fed, Filled, Flow, Step
from dealgate.model.days import day_number, is_day
from dealgate.model.instants import timestamp
from dealgate.v1.advance_pb2 import AdvanceDecision, AdvanceFacts, AdvanceOutcome, StageMove
from dealgate.v1.attribute_pb2 import AttributeFacts
from dealgate.v1.close_pb2 import CloseDecision, CloseFacts, ContractStatus, DealEnding
from dealgate.v1.deal_flow_pb2 import DealFlowFacts, ProcessDealResponse
from dealgate.v1.flow_pb2 import FlowStop
from dealgate.v1.handoff_pb2 import HandoffFacts
from dealgate.v1.inspect_pb2 import InspectFacts
from dealgate.v1.opportunity_pb2 import ForecastCategory, Opportunity
from dealgate.v1.recognize_pb2 import RecognizeFacts

CLOSED = "opportunity.closed"  # the event of a move that ends a deal
SIGNED = {ContractStatus.CONTRACT_STATUS_SIGNED, ContractStatus.CONTRACT_STATUS_ACTIVATED}


def _inspect(known: DealFlowFacts, _: ProcessDealResponse, __: int) -> Filled:
    facts = InspectFacts()
    facts.CopyFrom(known.inspect)
    if not facts.HasField("id"):
        facts.id = known.opportunity.id
    if not facts.deals:
        facts.deals.add()
    facts.deals[0].opportunity.CopyFrom(known.opportunity)
    _place(facts, known)
    return Filled(facts)


def _advance(known: DealFlowFacts, _: ProcessDealResponse, __: int) -> Filled:
    facts = AdvanceFacts()
    facts.CopyFrom(known.advance)
    facts.opportunity.CopyFrom(known.opportunity)
    _gate(facts, known)
    _place(facts, known)
    return Filled(facts)


def _close(known: DealFlowFacts, told: ProcessDealResponse, as_of: int) -> Filled:
    facts = CloseFacts()
    facts.CopyFrom(known.close)
    _gate(facts, known)
    _place(facts, known)
    fed = _moved("close", facts.opportunity, known, told, as_of)
    if told.HasField("advance"):
        lost = _ending(told.advance.outcome) == FlowStop.FLOW_STOP_LOST
        facts.ending = DealEnding.DEAL_ENDING_LOST if lost else DealEnding.DEAL_ENDING_WON
        fed.append(Fed("advance.outcome.move", "close.facts.ending"))
    return Filled(facts, fed)


def _attribute(known: DealFlowFacts, told: ProcessDealResponse, as_of: int) -> Filled:
    facts = AttributeFacts()
    facts.CopyFrom(known.attribute)
    return Filled(facts, _moved("attribute", facts.opportunity, known, told, as_of))


def _recognize(known: DealFlowFacts, _: ProcessDealResponse, __: int) -> Filled:
    """The contract's id, price and day of signing are those of the closing, unless given here."""
    facts = RecognizeFacts()
    facts.CopyFrom(known.recognize)
    contract, asked, fed = known.close.contract, facts.contract, list[Fed]()
    if contract.HasField("id") and not asked.HasField("id"):
        asked.id = contract.id
        fed.append(_of_contract("recognize", "id", "id"))
    if contract.HasField("total") and not asked.HasField("price"):
        asked.price.CopyFrom(contract.total)
        fed.append(_of_contract("recognize", "total", "price"))
    signed = {"customer": contract.customer_signed_date, "company": contract.company_signed_date}
    later = max(signed, key=lambda party: _day(signed[party]))  # both have signed
    if _day(signed[later]) and not asked.HasField("signed_on"):
        asked.signed_on.CopyFrom(signed[later])
        fed.append(_of_contract("recognize", f"{later}_signed_date", "signed_on"))
    return Filled(facts, fed)


def _handoff(known: DealFlowFacts, told: ProcessDealResponse, as_of: int) -> Filled:
    facts = HandoffFacts()
    facts.CopyFrom(known.handoff)
    _place(facts, known)
    fed = _moved("handoff", facts.opportunity, known, told, as_of)
    contract, asked = known.close.contract, facts.contract
    if contract.HasField("status") and not asked.HasField("is_signed"):
        asked.is_signed = contract.status in SIGNED
        fed.append(_of_contract("handoff", "status", "is_signed"))
    if contract.HasField("custom_terms") and not asked.HasField("has_special_terms"):
        asked.has_special_terms = contract.custom_terms
        fed.append(_of_contract("handoff", "custom_terms", "has_special_terms"))
    return Filled(facts, [*fed, *_term(facts, known, told)])


def _term(facts: HandoffFacts, known: DealFlowFacts, told: ProcessDealResponse) -> list[Fed]:
    """The days that the contract covers: its end as close computed it, if it did."""
    contract, asked, fed = known.close.contract, facts.contract, list[Fed]()
    if contract.HasField("start_date") and not asked.HasField("starts_on"):
        asked.starts_on.CopyFrom(contract.start_date)
        fed.append(_of_contract("handoff", "start_date", "starts_on"))
    if asked.HasField("ends_on"):
        return fed
    if told.close.outcome.HasField("term_end_date"):
        asked.ends_on.CopyFrom(told.close.outcome.term_end_date)
        return [*fed, Fed("close.outcome.term_end_date", "handoff.facts.contract.ends_on")]
    if contract.HasField("end_date"):
        asked.ends_on.CopyFrom(contract.end_date)
        return [*fed, _of_contract("handoff", "end_date", "ends_on")]
    return fed


def _moved(
    kind: str, deal: Opportunity, known: DealFlowFacts, told: ProcessDealResponse, as_of: int
) -> list[Fed]:
    """Fill in the deal: in its new stage if it moved there, and closed now if nobody says when."""
    deal.CopyFrom(known.opportunity)
    if not told.HasField("advance"):
        return []
    outcome, target = told.advance.outcome, f"{kind}.facts.opportunity"
    deal.stage_name = known.advance.target_stage
    deal.probability = outcome.probability
    deal.forecast_category = outcome.forecast_category
    fed = [
        Fed("facts.advance.target_stage", f"{target}.stage_name"),
        Fed("advance.outcome.probability", f"{target}.probability"),
        Fed("advance.outcome.forecast_category", f"{target}.forecast_category"),
    ]
    if not deal.HasField("closed_at"):
        deal.closed_at.CopyFrom(timestamp(as_of))
        fed.append(Fed("advance.header.as_of", f"{target}.closed_at"))
    return fed


def _gate(facts: AdvanceFacts | CloseFacts, known: DealFlowFacts) -> None:
    facts.opportunity.CopyFrom(known.opportunity)
    facts.approvals.extend(known.approvals)
    if known.HasField("checklist"):
        facts.checklist.CopyFrom(known.checklist)
    if known.HasField("closure"):
        facts.closure.CopyFrom(known.closure)


def _place(
    facts: InspectFacts | AdvanceFacts | CloseFacts | HandoffFacts, known: DealFlowFacts
) -> None:
    if known.HasField("exchange_rates") and not isinstance(facts, HandoffFacts):
        facts.exchange_rates.CopyFrom(known.exchange_rates)
    if known.HasField("time_zone") and not isinstance(facts, CloseFacts):
        facts.time_zone = known.time_zone


def _of_contract(kind: str, source: str, target: str) -> Fed:
    return Fed(f"facts.close.contract.{source}", f"{kind}.facts.contract.{target}")


def _day(date: Date) -> int:
    """Return the day's number; 0 for an incomplete one, which the kind refuses."""
    return day_number(date) if is_day(date) else 0


def _ending(outcome: AdvanceOutcome) -> FlowStop.ValueType | None:
    """Return why the deal goes no further than its move; None: it is won."""
    if outcome.decision == AdvanceDecision.ADVANCE_DECISION_NO_CHANGE:
        won = outcome.forecast_category == ForecastCategory.FORECAST_CATEGORY_CLOSED
        return None if won else FlowStop.FLOW_STOP_NO_CHANGE
    if outcome.move == StageMove.STAGE_MOVE_LOSE:
        return FlowStop.FLOW_STOP_LOST
    return None if CLOSED in outcome.events else FlowStop.FLOW_STOP_STILL_OPEN


GATES: dict[int, FlowStop.ValueType] = {
    AdvanceDecision.ADVANCE_DECISION_BLOCK: FlowStop.FLOW_STOP_BLOCKED,
    AdvanceDecision.ADVANCE_DECISION_REQUIRES_APPROVAL: FlowStop.FLOW_STOP_REQUIRES_APPROVAL,
}
CLOSINGS: dict[int, FlowStop.ValueType] = {
    CloseDecision.CLOSE_DECISION_BLOCK: FlowStop.FLOW_STOP_BLOCKED,
    CloseDecision.CLOSE_DECISION_REQUIRES_APPROVAL: FlowStop.FLOW_STOP_REQUIRES_APPROVAL,
}


def _advanced(told: ProcessDealResponse) -> FlowStop.ValueType | None:
    """A deal that is lost is still to be closed."""
    outcome = told.advance.outcome
    stop = GATES.get(outcome.decision) or _ending(outcome)
    return None if stop == FlowStop.FLOW_STOP_LOST else stop


def _closed(told: ProcessDealResponse) -> FlowStop.ValueType | None:
    shut = CLOSINGS.get(told.close.outcome.decision)
    lost = told.HasField("advance") and _ending(told.advance.outcome) == FlowStop.FLOW_STOP_LOST
    return shut or (FlowStop.FLOW_STOP_LOST if lost else None)


DEAL_ALONE = {"opportunity": "opportunity"}
RATES = {"exchange_rates": "exchange_rates"}
ZONE = {"time_zone": "time_zone"}
PLACE = {**RATES, **ZONE}
GATE = {
    **DEAL_ALONE,
    "approvals": "approvals",
    "checklist": "checklist",
    "closure": "closure",
}

DEAL: Flow[DealFlowFacts, ProcessDealResponse] = Flow(
    "process_deal",
    ProcessDealResponse,
    (
        Step("inspect", _inspect, {"deals[0].opportunity": "opportunity", **PLACE}),
        Step("advance", _advance, {**GATE, **PLACE}, stop=_advanced),
        Step("close", _close, {**GATE, **RATES}, told_by={"ending": "advance"}, stop=_closed),
        Step("attribute", _attribute, DEAL_ALONE),
        Step("recognize", _recognize, {}),
        Step("handoff", _handoff, {**DEAL_ALONE, **ZONE}),
    ),
)
