"""What can be wrong with the working hours that facts bring."""

from dealgate.model.business_time import is_region
from dealgate.model.checks import at_most, unless_given
from dealgate.model.errors import Violation
from dealgate.model.hours import CURE, DAY_NAMES, overlap, shift_of, week_of
from dealgate.model.zones import zone_violations
from dealgate.v1 import route_pb2 as pb

DAYS_OFF_MAX = 366


def hours_violations(path: str, hours: pb.WorkingHours) -> list[Violation]:
    """Return what is wrong with the working hours at `path`."""
    violations = [
        *unless_given(path, hours, "opens", "closes"),
        *zone_violations(f"{path}.time_zone", hours.time_zone),
        *at_most(f"{path}.days_off", hours.days_off, DAYS_OFF_MAX),
        *(_week(f"{path}.week", hours.week) if hours.HasField("week") else []),
    ]
    if hours.HasField("opens") and hours.opens == hours.closes:
        cure = "is when it opens; for all day give opens 0 and closes 24"
        violations.append(Violation(f"{path}.closes", cure))
    if hours.region and not is_region(hours.region):
        cure = "has no calendar of holidays; write an ISO 3166 code such as DE or US-CA"
        violations.append(Violation(f"{path}.region", cure))
    return violations


def _week(path: str, week: pb.WorkingWeek) -> list[Violation]:
    days = {name: getattr(week, name) for name in DAY_NAMES}
    violations = [
        Violation(f"{path}.{name}[{index}]", CURE)
        for name, texts in days.items()
        for index, text in enumerate(texts)
        if shift_of(text) is None
    ]
    if not any(days.values()):
        violations.append(
            Violation(path, "has no hours at all; a rep who never works is not active")
        )
    late = None if violations else overlap(week_of(days))
    if late is not None:
        violations.append(Violation(f"{path}.{late}", "runs into later hours"))
    return violations
