"""Whether somebody can act on a lead by its deadline, and if not, why not: unknown is not yes."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dealgate.kinds.route import answers
from dealgate.kinds.route.deadlines import Duty, office
from dealgate.model.business_time import Office
from dealgate.model.instants import nanoseconds
from dealgate.model.languages import speaks
from dealgate.model.quick import quick
from dealgate.v1 import route_pb2 as pb

LIMITS: Sequence[Literal["capacity", "open_leads"]] = ("capacity", "open_leads")

Reason: TypeAlias = pb.RejectionReason.ValueType


@quick
@dataclass(frozen=True, slots=True)
class Availability:
    """A rep of the question with what speaks against them; no reasons: can take the lead."""

    rep: pb.Rep
    reasons: Sequence[Reason] = ()
    missing: Sequence[str] = ()

    def rejection(self, team: str, *more: Reason) -> bytes:
        """Write the rejection, for these reasons too."""
        return answers.rejection(self.rep.id, [*self.reasons, *more], team, self.missing)


def presence(index: int, rep: pb.Rep, duty: Duty, previous: pb.PreviousRouting) -> Availability:
    """Tell whether the rep takes leads and can act in time, as the owner of an account must."""
    return Availability(rep, *_against(index, rep, duty, previous))


def _against(
    index: int, rep: pb.Rep, duty: Duty, previous: pb.PreviousRouting
) -> tuple[list[Reason], list[str]]:
    """Return what speaks against the rep whatever is asked of them, and what is not known."""
    reasons: list[Reason] = []
    missing: list[str] = []
    if not rep.HasField("is_active"):
        missing.append(f"reps[{index}].is_active")
        reasons.append(pb.REJECTION_REASON_UNKNOWN)
    elif not rep.is_active:
        reasons.append(pb.REJECTION_REASON_INACTIVE)
    if not can_act(rep, duty):
        reasons.append(pb.REJECTION_REASON_TIME_OFF)
    if previous.missed_deadline and previous.owner_id == rep.id:
        reasons.append(pb.REJECTION_REASON_MISSED_DEADLINE)
    return reasons, missing


def readiness(
    index: int,
    rep: pb.Rep,
    duty: Duty,
    facts: pb.RouteFacts,
    skills: AbstractSet[str],
) -> Availability:
    """Tell whether the rep can take a lead of a team: there, with room, skills and language."""
    reasons, missing = _against(index, rep, duty, facts.previous)
    if not rep.has_no_limit:
        unknown = [name for name in LIMITS if not rep.HasField(name)]
        if unknown:
            missing += [f"reps[{index}].{name}" for name in unknown]
            if pb.REJECTION_REASON_UNKNOWN not in reasons:
                reasons.append(pb.REJECTION_REASON_UNKNOWN)
        elif rep.open_leads >= rep.capacity:
            reasons.append(pb.REJECTION_REASON_AT_CAPACITY)
    if skills and not skills <= set(rep.skills):
        reasons.append(pb.REJECTION_REASON_LACKS_SKILL)
    if facts.language.strip() and not speaks(rep.languages, facts.language):
        reasons.append(pb.REJECTION_REASON_LACKS_LANGUAGE)
    return Availability(rep, reasons, missing)


def can_act(rep: pb.Rep, duty: Duty) -> bool:
    """Tell whether the rep is at work long enough before the first contact is due.

    It is the time of duty that counts, not the instant of the question: a leave that starts before
    the office opens again is in the way, and one that ends by then is not.
    """
    if not rep.time_off:
        return True
    calendar = office(rep, duty.parameters)
    spans = [*_until(calendar, duty.as_of, duty.due(calendar))]
    whole = sum(end - begin for begin, end in spans)
    away = sum(_away(rep, begin, end) for begin, end in spans)
    return whole - away >= min(duty.attention, whole)


def is_away(rep: pb.Rep, instant: int) -> bool:
    """Tell whether the rep is on leave then."""
    return any(nanoseconds(one.start) <= instant < nanoseconds(one.end) for one in rep.time_off)


def _until(calendar: Office, start: int, due: int) -> Iterator[tuple[int, int]]:
    for begin, end in calendar.spans(start):
        if begin >= due:
            return
        yield begin, min(end, due)


def _away(rep: pb.Rep, begin: int, end: int) -> int:
    """Return how much of a span of work the rep is on leave; leaves may overlap."""
    away, reached = 0, begin
    for one in sorted(rep.time_off, key=lambda leave: nanoseconds(leave.start)):
        start = max(nanoseconds(one.start), reached)
        stop = min(nanoseconds(one.end), end)
        if stop > start:
            away, reached = away + stop - start, stop
    return away
