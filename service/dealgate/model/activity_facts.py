"""Activities as rules see them: joined into one with a count they say what single ones say."""

from collections.abc import Sequence

from dealgate.model.checks import computed
from dealgate.model.errors import Violation
from dealgate.model.instants import SECOND, nanoseconds
from dealgate.v1.activity_pb2 import Activity


def measured_violations(activities: Sequence[Activity]) -> list[Violation]:
    """Return the activities that bring measures, which are ours to compute."""
    return [
        violation
        for index, activity in enumerate(activities)
        if activity.HasField("measures")
        for violation in computed(f"activities[{index}].measures", given=True)
    ]


def times(activity: Activity) -> int:
    """Return how often it happened: `count`, or once."""
    return max(activity.count, 1)


def read_activities(activities: Sequence[Activity], as_of: int) -> None:
    """Add, in place, how often activities of each type happened, and how long each lasted.

    What happened a little after `as_of` (ns), by a clock that is ahead, happened at it.
    """
    if not activities:
        return
    last_second = as_of // SECOND
    held, totals = [*activities], dict[int, int]()
    for activity in held:
        type_, count = activity.type, activity.count
        count = count if count > 1 else 1  # noqa: FURB136  # half of max's time
        totals[type_] = totals.get(type_, 0) + count
    for activity in held:
        activity.measures.of_its_type = totals[activity.type]
        if activity.at.seconds >= last_second and nanoseconds(activity.at) > as_of:
            activity.at.FromNanoseconds(as_of)
        if activity.HasField("duration"):
            nanos = activity.duration.ToNanoseconds() // times(activity)
            activity.measures.duration_each.FromNanoseconds(nanos)
