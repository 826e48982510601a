"""A lead's way: verify → score → qualify → route → convert."""

from dealgate.flows.step import Fed, Filled, Flow, Step
from dealgate.v1.convert_pb2 import ConvertFacts
from dealgate.v1.flow_pb2 import FlowStop
from dealgate.v1.lead_flow_pb2 import LeadFlowFacts, ProcessLeadResponse
from dealgate.v1.lead_pb2 import Disposition, Lead, VerificationStatus
from dealgate.v1.qualify_pb2 import QualifyFacts, SlaMilestone
from dealgate.v1.route_pb2 import RouteDuty, RouteFacts
from dealgate.v1.score_pb2 import ScoreFacts
from dealgate.v1.verify_pb2 import VerifyFacts

# Whom sales gets: everybody else's way ends at qualify.
FOR_SALES = {
    Disposition.DISPOSITION_SQL,
    Disposition.DISPOSITION_MQL,
    Disposition.DISPOSITION_CUSTOMER_ROUTE,
}


def _verify(known: LeadFlowFacts, _: ProcessLeadResponse, __: int) -> Filled:
    facts = VerifyFacts()
    facts.CopyFrom(known.verify)
    facts.lead.CopyFrom(known.lead)
    return Filled(facts)


def _score(known: LeadFlowFacts, told: ProcessLeadResponse, _: int) -> Filled:
    facts = ScoreFacts()
    facts.CopyFrom(known.score)
    _history(facts, known)
    return Filled(facts, _lead("score", facts.lead, known, told))


def _qualify(known: LeadFlowFacts, told: ProcessLeadResponse, _: int) -> Filled:
    facts = QualifyFacts()
    facts.CopyFrom(known.qualify)
    _history(facts, known)
    if known.HasField("annual_contract_value"):
        facts.annual_contract_value.CopyFrom(known.annual_contract_value)
    fed = _lead("qualify", facts.lead, known, told)
    if told.HasField("score"):
        fed += _scores(facts, told)
    if told.HasField("verify"):
        facts.verification.CopyFrom(told.verify.outcome.verification)
        fed.append(Fed("verify.outcome.verification", "qualify.facts.verification"))
        fed += _survivor(facts, told)
    return Filled(facts, fed)


def _scores(facts: QualifyFacts, told: ProcessLeadResponse) -> list[Fed]:
    """An unknown score stays unknown: 0 would be a score."""
    outcome, names = told.score.outcome, ["engagement"]
    facts.scores.engagement = outcome.engagement
    if outcome.HasField("fit"):
        facts.scores.fit = outcome.fit
        names.append("fit")
    if outcome.HasField("composite"):
        facts.scores.composite = outcome.composite
        names.append("composite")
    return [Fed(f"score.outcome.{name}", f"qualify.facts.scores.{name}") for name in names]


def _survivor(facts: QualifyFacts, told: ProcessLeadResponse) -> list[Fed]:
    """The lead that goes on instead, unless the caller says which, or it is this one."""
    survivor = told.verify.outcome.survivor_id
    if not survivor or survivor == facts.lead.id or facts.relationship.duplicate_of:
        return []
    facts.relationship.duplicate_of = survivor
    return [Fed("verify.outcome.survivor_id", "qualify.facts.relationship.duplicate_of")]


def _route(known: LeadFlowFacts, told: ProcessLeadResponse, _: int) -> Filled:
    facts = RouteFacts()
    facts.CopyFrom(known.route)
    _rates(facts, known)
    if known.HasField("annual_contract_value"):
        facts.annual_contract_value.CopyFrom(known.annual_contract_value)
    fed = _lead("route", facts.lead, known, told)
    if told.verify.outcome.account_id and not facts.account.id:
        facts.account.id = told.verify.outcome.account_id
        fed.append(Fed("verify.outcome.account_id", "route.facts.account.id"))
    return Filled(facts, fed)


def _convert(known: LeadFlowFacts, told: ProcessLeadResponse, _: int) -> Filled:
    facts = ConvertFacts()
    facts.CopyFrom(known.convert)
    _rates(facts, known)
    fed = _lead("convert", facts.lead, known, told)
    if told.HasField("qualify"):
        facts.disposition = told.qualify.outcome.disposition
        fed.append(Fed("qualify.outcome.disposition", "convert.facts.disposition"))
    return Filled(facts, [*fed, *_deal(facts, known, told), *_contact(facts, told)])


def _deal(facts: ConvertFacts, known: LeadFlowFacts, told: ProcessLeadResponse) -> list[Fed]:
    """Owner, budget and account, unless the caller tells them."""
    fed: list[Fed] = []
    if told.route.outcome.owner_id and not facts.deal.owner_id:
        facts.deal.owner_id = told.route.outcome.owner_id
        fed.append(Fed("route.outcome.owner_id", "convert.facts.deal.owner_id"))
    budget = known.qualify.bant.budget
    if budget.HasField("amount") and not facts.deal.HasField("budget"):
        facts.deal.budget.CopyFrom(budget.amount)
        fed.append(Fed("facts.qualify.bant.budget.amount", "convert.facts.deal.budget"))
    if facts.account.id or facts.account.is_new:
        return fed
    accounts = (
        ("facts.route.account.id", known.route.account.id),
        ("verify.outcome.account_id", told.verify.outcome.account_id),
    )
    for source, account in accounts:
        if account:
            facts.account.id = account
            return [*fed, Fed(source, "convert.facts.account.id")]
    return fed


def _contact(facts: ConvertFacts, told: ProcessLeadResponse) -> list[Fed]:
    """By when the person had to be contacted: as route says, or else as qualify does."""
    if facts.first_contact.HasField("due_at"):
        return []
    target = "convert.facts.first_contact.due_at"
    for deadline in told.route.outcome.deadlines:
        if deadline.duty == RouteDuty.ROUTE_DUTY_FIRST_CONTACT:
            facts.first_contact.due_at.CopyFrom(deadline.due_at)
            return [Fed("route.outcome.deadlines", target)]
    for due in told.qualify.outcome.sla_due:
        if due.milestone == SlaMilestone.SLA_MILESTONE_FIRST_CONTACT:
            facts.first_contact.due_at.CopyFrom(due.due_at)
            return [Fed("qualify.outcome.sla_due", target)]
    return []


def _lead(kind: str, lead: Lead, known: LeadFlowFacts, told: ProcessLeadResponse) -> list[Fed]:
    """Fill in the lead: as verify corrected it, if it did."""
    if told.HasField("verify"):
        lead.CopyFrom(told.verify.outcome.lead)
        return [Fed("verify.outcome.lead", f"{kind}.facts.lead")]
    lead.CopyFrom(known.lead)
    return []


def _history(facts: ScoreFacts | QualifyFacts, known: LeadFlowFacts) -> None:
    facts.activities.extend(known.activities)
    if known.HasField("relationship"):
        facts.relationship.CopyFrom(known.relationship)
    if known.HasField("history"):
        facts.history.CopyFrom(known.history)
    _rates(facts, known)


def _rates(
    facts: ScoreFacts | QualifyFacts | RouteFacts | ConvertFacts, known: LeadFlowFacts
) -> None:
    if known.HasField("exchange_rates"):
        facts.exchange_rates.CopyFrom(known.exchange_rates)


def _verified(told: ProcessLeadResponse) -> FlowStop.ValueType | None:
    status = told.verify.outcome.verification.status
    invalid = status == VerificationStatus.VERIFICATION_STATUS_INVALID
    return FlowStop.FLOW_STOP_INVALID_LEAD if invalid else None


def _qualified(told: ProcessLeadResponse) -> FlowStop.ValueType | None:
    disposition = told.qualify.outcome.disposition
    if disposition == Disposition.DISPOSITION_HOLD:
        return FlowStop.FLOW_STOP_ON_HOLD
    return None if disposition in FOR_SALES else FlowStop.FLOW_STOP_NOT_FOR_SALES


def _routed(told: ProcessLeadResponse) -> FlowStop.ValueType | None:
    """Only what sales has accepted becomes an opportunity; without qualify, the caller says so."""
    if not told.HasField("qualify"):
        return None
    accepted = told.qualify.outcome.disposition == Disposition.DISPOSITION_SQL
    return None if accepted else FlowStop.FLOW_STOP_NOT_SALES_QUALIFIED


SHARED = {"lead": "lead"}
RATED = {**SHARED, "exchange_rates": "exchange_rates"}
HISTORY = {
    **RATED,
    "activities": "activities",
    "relationship": "relationship",
    "history": "history",
}
VALUED = {"annual_contract_value": "annual_contract_value"}

LEAD: Flow[LeadFlowFacts, ProcessLeadResponse] = Flow(
    "process_lead",
    ProcessLeadResponse,
    (
        Step("verify", _verify, SHARED, stop=_verified),
        Step("score", _score, HISTORY),
        Step(
            "qualify",
            _qualify,
            {**HISTORY, **VALUED},
            told_by={"verification": "verify", "scores": "score"},
            stop=_qualified,
        ),
        Step("route", _route, {**RATED, **VALUED}, stop=_routed),
        Step("convert", _convert, RATED, told_by={"disposition": "qualify"}),
    ),
)
