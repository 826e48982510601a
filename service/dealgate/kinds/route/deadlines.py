"""By when the owner must act, and who follows if they do not: in the owner's business time."""

from collections.abc import Iterator, Mapping

from dealgate.kinds.route.availability import office
from dealgate.kinds.route.terms import RouteEffect, RouteParameters, Sla
from dealgate.model.business_time import Office
from dealgate.model.decision import Evidence
from dealgate.model.instants import SECOND, deadline
from dealgate.v1 import route_pb2 as pb

MINUTE = 60 * SECOND


def promised(
    evidence: Evidence[RouteEffect], parameters: RouteParameters, owner: pb.Rep | None, as_of: int
) -> tuple[str, list[pb.RouteDeadline]]:
    """Return the code of the strictest promise, and what follows from it, soonest first.

    Nobody's lead (`owner` None) has the fallback's promise beside those that rules make.
    """
    calendar = parameters.office_hours.office if owner is None else office(owner, parameters)
    promises = {
        hit.rule.then.code: parameters.slas[hit.rule.then.sla]
        for hit in evidence.fired
        if hit.rule.then.sla is not None and hit.rule.then.sla in parameters.slas
    }
    if owner is None:
        promises["FALLBACK"] = parameters.slas[parameters.fallback_sla]
    if not promises:
        return "", []
    dues = {code: _due(sla, calendar, as_of) for code, sla in promises.items()}
    code = min(dues, key=lambda one: (dues[one], one))
    found = [_deadline(pb.ROUTE_DUTY_FIRST_CONTACT, dues[code], _people(owner, parameters))]
    if any(sla.escalates for sla in promises.values()):
        found += _ladder(parameters, calendar, owner, as_of)
    return code, sorted(found, key=lambda one: (one.due_at.ToNanoseconds(), one.duty))


def _ladder(
    parameters: RouteParameters, calendar: Office, owner: pb.Rep | None, as_of: int
) -> Iterator[pb.RouteDeadline]:
    for rung in parameters.ladder:
        due = calendar.after(as_of, rung.after_minutes * MINUTE)
        duty = pb.RouteDuty.Value(f"ROUTE_DUTY_{rung.duty.upper()}")
        yield _deadline(duty, due, _people(owner, parameters))


def _people(
    owner: pb.Rep | None, parameters: RouteParameters
) -> Mapping[pb.RouteDuty.ValueType, str]:
    first = parameters.fallback_owner if owner is None else owner.id
    rep = pb.Rep() if owner is None else owner
    return {
        pb.ROUTE_DUTY_FIRST_CONTACT: first,
        pb.ROUTE_DUTY_OWNER: first,
        pb.ROUTE_DUTY_BACKUP: rep.backup_id,
        pb.ROUTE_DUTY_MANAGER: rep.manager_id,
        pb.ROUTE_DUTY_REASSIGN: "",
    }


def _due(sla: Sla, calendar: Office, as_of: int) -> int:
    if sla.minutes is not None:
        return calendar.after(as_of, sla.minutes * MINUTE)
    return calendar.after_days(as_of, sla.business_days or 0)


def _deadline(
    duty: pb.RouteDuty.ValueType, due: int, people: Mapping[pb.RouteDuty.ValueType, str]
) -> pb.RouteDeadline:
    return pb.RouteDeadline(duty=duty, due_at=deadline(due), person_id=people[duty])
