"""What follows from a disposition: dates, deadlines and next actions."""

from collections.abc import Sequence

from google.type.date_pb2 import Date

from dealgate.kinds.qualify.ladder import Verdict
from dealgate.kinds.qualify.terms import Promise, QualifyParameters, Rest, Sla
from dealgate.model import words
from dealgate.model.business_time import LAST_ORDINAL, Office
from dealgate.model.days import date_message, day_number
from dealgate.model.instants import HOUR, deadline
from dealgate.model.office_hours import office_of
from dealgate.v1 import lead_pb2
from dealgate.v1 import qualify_pb2 as pb

# The dispositions that promises come with.
PROMISED = frozenset(Sla.model_fields)
ACTIONS = {
    "ineligible": pb.NEXT_ACTION_ARCHIVE,
    "disqualified": pb.NEXT_ACTION_ARCHIVE,
    "customer_route": pb.NEXT_ACTION_ROUTE_TO_ACCOUNT_OWNER,
    "sql": pb.NEXT_ACTION_DISCOVER,
    "mql": pb.NEXT_ACTION_CONTACT,
    "recycle": pb.NEXT_ACTION_RECYCLE,
    "nurture": pb.NEXT_ACTION_NURTURE,
}
# How far a lead has come; refusals and recycling are decisions of people, not moves back.
STANDING = {
    lead_pb2.LEAD_STATUS_MQL: 2,
    lead_pb2.LEAD_STATUS_ACCEPTED: 3,
    lead_pb2.LEAD_STATUS_QUALIFYING: 3,
    lead_pb2.LEAD_STATUS_QUALIFIED: 4,
}
REACHED = {"nurture": 1, "mql": 2, "sql": 4}


def moves_backward(verdict: Verdict, facts: pb.QualifyFacts) -> bool:
    """Tell whether the lead already stands further than the verdict."""
    standing = STANDING.get(facts.lead.status, 0)
    return REACHED.get(verdict.disposition, standing) < standing


def is_resting(facts: pb.QualifyFacts) -> bool:
    """Tell whether the lead already rests: asking again must neither prolong it nor count."""
    until = facts.history.recycle_until
    return bool(until.year) and day_number(until) > day_number(facts.today)


def recycle_until(verdict: Verdict, facts: pb.QualifyFacts, parameters: QualifyParameters) -> Date:
    """Return the latest day that any of the reasons asks for, and none in the past."""
    rests = [parameters.recycle.get(code) for code in verdict.codes]
    today = day_number(facts.today)
    days = [
        today + parameters.recycle_days
        if rest is None
        else _rested(rest, facts.history.competitor_contract_ends_on, today)
        for rest in rests
    ]
    return date_message(min(max(days), LAST_ORDINAL))


def archive_on(facts: pb.QualifyFacts, parameters: QualifyParameters) -> Date:
    """Return the day on which a lead that stayed quiet is put away."""
    return date_message(min(day_number(facts.today) + parameters.nurture_days, LAST_ORDINAL))


def sla_due(
    verdict: Verdict, facts: pb.QualifyFacts, parameters: QualifyParameters, as_of: int
) -> Sequence[pb.SlaDeadline]:
    """Return what we owe the lead, soonest first."""
    if verdict.disposition not in PROMISED:
        return []
    promises: list[Promise] = getattr(parameters.sla, verdict.disposition)
    office = office_of(parameters.office_hours, facts.working_hours)
    dues = [(_due(promise, office, as_of), promise.milestone) for promise in promises]
    return [
        pb.SlaDeadline(
            milestone=words.number_of(pb.SlaMilestone, milestone),
            due_at=deadline(due),
        )
        for due, milestone in sorted(dues, key=lambda pair: pair[0])
    ]


def next_actions(verdict: Verdict, *, backward: bool) -> list[pb.NextAction.ValueType]:
    """Return what to do now; a person reviews whatever no rule can settle."""
    if verdict.disposition != "hold":
        action = ACTIONS[verdict.disposition]
        return [pb.NEXT_ACTION_REVIEW] if backward else [action]
    wanted = {
        pb.NEXT_ACTION_PROVIDE_FACTS: bool(verdict.missing),
        pb.NEXT_ACTION_REPAIR_RULES: pb.HOLD_REASON_FAILED_RULE in verdict.reasons,
    }
    return [action for action, is_ in wanted.items() if is_] or [pb.NEXT_ACTION_REVIEW]


def _rested(rest: Rest, contract_end: Date, today: int) -> int:
    if rest.before_contract_end is None or not contract_end.year:
        return today + rest.days
    return max(day_number(contract_end) - rest.before_contract_end, today)


def _due(promise: Promise, office: Office, as_of: int) -> int:
    if promise.business_hours is not None:
        return office.after_hours(as_of, promise.business_hours)
    if promise.business_days is not None:
        return office.after_days(as_of, promise.business_days)
    return as_of + (promise.hours or 0) * HOUR
