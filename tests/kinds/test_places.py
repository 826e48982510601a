"""Days belong to a place: what is due, over or elapsed is told by the day there, not by UTC's."""

import datetime as dt

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.model.errors import BadQuestion
from dealgate.v1 import handoff_pb2, quota_pb2
from dealgate.v1.opportunity_pb2 import Opportunity
from tests.kinds import tracking
from tests.shipped import ENGINE, catalog

# A Thursday afternoon in San Francisco, and Friday already in UTC.
THURSDAY = dt.datetime(2026, 7, 24, 0, 30, tzinfo=dt.UTC)
AS_OF = int(THURSDAY.timestamp()) * 10**9
ZONE = "America/Los_Angeles"


def handed(zone: str | None) -> handoff_pb2.HandoffOutcome:
    """Return what is said of a deal that was closed and handed over just now."""
    now = Timestamp(seconds=AS_OF // 10**9)
    facts = handoff_pb2.HandoffFacts(
        opportunity=Opportunity(id="O", closed_at=now), submitted_at=now, time_zone=zone
    )
    program = ENGINE.prepare(catalog().version("handoff", 2))
    outcome = judged(KINDS["handoff"], program, facts, AS_OF).answer.outcome
    assert isinstance(outcome, handoff_pb2.HandoffOutcome)
    return outcome


def test_two_business_days_after_thursday_are_monday() -> None:
    """It was Thursday where the deal was handed over; in UTC it was Friday, and so Tuesday."""
    there, utc = handed(ZONE), handed(None)
    assert [day.day for day in (there.reply_due_on, there.kick_off_due_on)] == [27, 27]
    assert [day.day for day in (utc.reply_due_on, utc.kick_off_due_on)] == [28, 28]


def elapsed(zone: str | None) -> int:
    """Return the business days of a quarter that have elapsed."""
    facts = tracking.facts([tracking.seller("S", 100_00)], [])
    if zone is not None:
        facts.time_zone = zone
    program = ENGINE.prepare(catalog().version("quota", 2))
    outcome = judged(KINDS["quota"], program, facts, AS_OF).answer.outcome
    assert isinstance(outcome, quota_pb2.QuotaOutcome)
    return outcome.business_days_elapsed


def test_a_day_of_a_quota_has_not_come_before_it_has_there() -> None:
    """1 to 23 July are 17 business days, and Friday is not one of them in San Francisco yet."""
    assert (elapsed(ZONE), elapsed(None)) == (17, 18)


@pytest.mark.parametrize("ask", [handed, elapsed])
def test_a_place_that_is_none_is_refused(ask: object) -> None:
    """By the name of the field."""
    assert callable(ask)
    with pytest.raises(BadQuestion, match="time_zone"):
        ask("Mars/Olympus")
