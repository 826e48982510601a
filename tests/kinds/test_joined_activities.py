"""Activities that a system joined into one with a count say what single ones say (L-15)."""

import datetime as dt
from typing import Any

from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.v1 import score_pb2 as pb
from dealgate.v1.activity_pb2 import ActivityType
from tests.kinds import build
from tests.shipped import ENGINE, catalog

TYPES = [name for name, number in ActivityType.items() if number]
NOW = dt.datetime.fromtimestamp(build.AS_OF // 10**9, dt.UTC)
JOINED = st.tuples(
    st.sampled_from(TYPES), st.integers(1, 4), st.integers(0, 100), st.integers(1, 1000)
)


def scored(activities: list[dict[str, Any]]) -> tuple[int, int, int]:
    """Return what score@4 makes of them: engagement and its bounds."""
    facts = json_format.ParseDict({"lead": {"id": "L1"}, "activities": activities}, pb.ScoreFacts())
    program = ENGINE.prepare(catalog().version("score", 4))
    outcome = judged(KINDS["score"], program, facts, build.AS_OF).answer.outcome
    assert isinstance(outcome, pb.ScoreOutcome)
    return outcome.engagement, outcome.engagement_at_least, outcome.engagement_at_most


@settings(max_examples=60)
@given(st.lists(JOINED, max_size=5))
def test_a_count_says_what_as_many_activities_say(drawn: list[tuple[str, int, int, int]]) -> None:
    """Three white papers were 40 points one by one and 15 in one (findings, leads L-15).

    `duration` is that of all of them together.
    """
    joined, single = [], []
    for number, (type_, count, days, seconds) in enumerate(drawn):
        at = (NOW - dt.timedelta(days=days)).isoformat()
        each = {"type": type_, "at": at, "duration": f"{seconds}s"}
        together = {**each, "id": f"e{number}", "count": count, "duration": f"{seconds * count}s"}
        joined.append(together)
        single += [{**each, "id": f"e{number}-{index}"} for index in range(count)]
    assert scored(joined) == scored(single)


def test_machines_do_not_end_a_silence() -> None:
    """A mail program, a look at open positions, a call for help: none is worth a point (L-16)."""
    old = [
        {"id": f"w{days}", "type": "ACTIVITY_TYPE_WEBINAR_ATTENDED", "at": at}
        for days in (95, 96, 97)
        for at in [(NOW - dt.timedelta(days=days)).isoformat()]
    ]
    silent = scored(old)
    for type_ in ("EMAIL_OPEN", "CAREERS_PAGE", "SUPPORT_REQUEST", "HARD_BOUNCE"):
        act = {"id": "m", "type": f"ACTIVITY_TYPE_{type_}", "at": NOW.isoformat()}
        assert scored([*old, act])[0] <= silent[0], type_
