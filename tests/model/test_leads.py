"""Claims about what is refused in the facts about leads."""

from google.protobuf.duration_pb2 import Duration

from dealgate.model.leads import activity_violations
from dealgate.v1.activity_pb2 import Activity


def test_activities_are_few_enough_to_judge() -> None:
    """One question must not keep all others waiting; too many get one violation, not thousands."""
    activities = [Activity(duration=Duration(seconds=-1))] * 1001
    assert len(activity_violations(activities[:1000], 0)) == 1000
    assert [one.field for one in activity_violations(activities, 0)] == ["activities"]
