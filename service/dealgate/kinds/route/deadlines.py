"""By when the owner must act, and who follows if they do not: in the owner's business time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dealgate.kinds.route import answers
from dealgate.kinds.route.terms import RouteEffect, RouteParameters, Sla
from dealgate.model import words
from dealgate.model.business_time import Office
from dealgate.model.decision import Evidence
from dealgate.model.instants import LAST_SECOND, SECOND
from dealgate.model.office_hours import office_of
from dealgate.model.quick import quick
from dealgate.v1 import route_pb2 as pb

MINUTE = 60 * SECOND
LAST = LAST_SECOND * SECOND


@quick
@dataclass(frozen=True, slots=True)
class Duty:
    """What the new owner owes the lead: the promises that rules make, from `as_of` on."""

    promises: Mapping[str, Sla]
    parameters: RouteParameters
    as_of: int

    @property
    def attention(self) -> int:
        """How long somebody must be at work to keep them, in nanoseconds."""
        return self.parameters.attention_minutes * MINUTE

    def due(self, calendar: Office) -> int:
        """Return when the strictest one is due; without any, once somebody could have acted."""
        dues = [_due(sla, calendar, self.as_of) for sla in self.promises.values()]
        return min(dues, default=calendar.after(self.as_of, self.attention))


def duty_of(evidence: Evidence[RouteEffect], parameters: RouteParameters, as_of: int) -> Duty:
    """Return what the rules that fired promise."""
    promises = {
        hit.rule.then.code: parameters.slas[hit.rule.then.sla]
        for hit in evidence.fired
        if hit.rule.then.sla is not None and hit.rule.then.sla in parameters.slas
    }
    return Duty(promises, parameters, as_of)


def office(rep: pb.Rep, parameters: RouteParameters) -> Office:
    """Return when the rep works; what they do not tell is as the rule set says."""
    return office_of(parameters.office_hours, rep.working_hours)


def promised(duty: Duty, owner: pb.Rep | None) -> tuple[str, list[bytes]]:
    """Return the code of the strictest promise, and what follows from it, soonest first.

    Nobody's lead (`owner` None) has the fallback's promise beside those that rules make.
    """
    parameters, promises = duty.parameters, {**duty.promises}
    calendar = parameters.office_hours.office if owner is None else office(owner, parameters)
    if owner is None:
        promises["FALLBACK"] = parameters.slas[parameters.fallback_sla]
    if not promises:
        return "", []
    dues = {code: _due(sla, calendar, duty.as_of) for code, sla in promises.items()}
    code = min(dues, key=lambda due: (dues[due], due))
    # Behind the last instant there is no other.
    deadlines = [(min(dues[code], LAST), pb.ROUTE_DUTY_FIRST_CONTACT)]
    if any(sla.escalates for sla in promises.values()):
        deadlines += _ladder(parameters, calendar, duty.as_of)
    people = _people(owner, parameters)
    return code, [answers.deadline(duty, due, people[duty]) for due, duty in sorted(deadlines)]


def _ladder(
    parameters: RouteParameters, calendar: Office, as_of: int
) -> Iterator[tuple[int, pb.RouteDuty.ValueType]]:
    for rung in parameters.ladder:
        due = calendar.after(as_of, rung.after_minutes * MINUTE)
        yield min(due, LAST), words.number_of(pb.RouteDuty, rung.duty)


def _people(
    owner: pb.Rep | None, parameters: RouteParameters
) -> Mapping[pb.RouteDuty.ValueType, str]:
    first = parameters.fallback_owner if owner is None else owner.id
    return {
        pb.ROUTE_DUTY_FIRST_CONTACT: first,
        pb.ROUTE_DUTY_OWNER: first,
        pb.ROUTE_DUTY_BACKUP: "" if owner is None else owner.backup_id,
        pb.ROUTE_DUTY_MANAGER: "" if owner is None else owner.manager_id,
        pb.ROUTE_DUTY_REASSIGN: "",
    }


def _due(sla: Sla, calendar: Office, as_of: int) -> int:
    if sla.minutes is not None:
        return calendar.after(as_of, sla.minutes * MINUTE)
    return calendar.after_days(as_of, sla.business_days or 0)
