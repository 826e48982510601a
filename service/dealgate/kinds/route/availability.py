"""Whether somebody can take a lead now, and if not, why not: unknown is not yes."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from dealgate.kinds.route.terms import RouteParameters
from dealgate.model.business_time import Office
from dealgate.model.instants import nanoseconds
from dealgate.v1 import route_pb2 as pb

Reason: TypeAlias = pb.RejectionReason.ValueType


@dataclass(frozen=True, slots=True)
class Availability:
    """A rep of the question with what speaks against them; no reasons: can take the lead."""

    rep: pb.Rep
    reasons: Sequence[Reason] = ()
    missing: Sequence[str] = ()

    def rejection(self, team: str, *more: Reason) -> pb.RejectedRep:
        """Return the rejection, for these reasons too."""
        return pb.RejectedRep(
            rep_id=self.rep.id,
            reasons=[*self.reasons, *more],
            team=team,
            missing_facts=self.missing,
        )


def presence(index: int, rep: pb.Rep, as_of: int) -> Availability:
    """Tell whether the rep takes leads and is there, as the owner of an account must be."""
    reasons: list[Reason] = []
    missing: list[str] = []
    if not rep.HasField("is_active"):
        missing.append(f"reps[{index}].is_active")
        reasons.append(pb.REJECTION_REASON_UNKNOWN)
    elif not rep.is_active:
        reasons.append(pb.REJECTION_REASON_INACTIVE)
    if any(nanoseconds(one.start) <= as_of < nanoseconds(one.end) for one in rep.time_off):
        reasons.append(pb.REJECTION_REASON_TIME_OFF)
    return Availability(rep, reasons, missing)


def readiness(
    index: int, rep: pb.Rep, as_of: int, language: str, skills: AbstractSet[str]
) -> Availability:
    """Tell whether the rep can take a lead of a team: there, with room, skills and language."""
    there = presence(index, rep, as_of)
    reasons, missing = [*there.reasons], [*there.missing]
    unknown = [name for name in ("capacity", "open_leads") if not rep.HasField(name)]
    missing += [f"reps[{index}].{name}" for name in unknown]
    if unknown and pb.REJECTION_REASON_UNKNOWN not in reasons:
        reasons.append(pb.REJECTION_REASON_UNKNOWN)
    if not unknown and rep.open_leads >= rep.capacity:
        reasons.append(pb.REJECTION_REASON_AT_CAPACITY)
    if not skills <= set(rep.skills):
        reasons.append(pb.REJECTION_REASON_LACKS_SKILL)
    if language and language not in rep.languages:
        reasons.append(pb.REJECTION_REASON_LACKS_LANGUAGE)
    return Availability(rep, reasons, missing)


def office(rep: pb.Rep, parameters: RouteParameters) -> Office:
    """Return when the rep works; what they do not tell is as the rule set says."""
    usual, own = parameters.office_hours, rep.working_hours
    return Office(
        own.opens if own.HasField("opens") else usual.opens,
        own.closes if own.HasField("closes") else usual.closes,
        own.time_zone if own.HasField("time_zone") else usual.zone,
        own.region if own.HasField("region") else usual.region,
    )
