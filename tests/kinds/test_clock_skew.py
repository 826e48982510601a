"""Clocks of trackers differ from the server's: a little ahead is now (findings, leads L-27)."""

from typing import Any

import pytest
from google.protobuf import json_format

from dealgate.engine.native import NativeEngine
from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.model.days import date_message
from dealgate.model.errors import BadQuestion
from dealgate.model.instants import SECOND, SKEW, timestamp
from dealgate.model.zones import UTC, day_in
from dealgate.v1 import health_pb2, recognize_pb2
from tests.kinds import build
from tests.shipped import catalog, rulesets


def answer(kind: str, late: int) -> bytes:
    """Return what the newest version makes of an act that happened so late (ns) after as_of."""
    facts: Any = KINDS[kind].facts()
    json_format.ParseDict({"lead": {"id": "L1"}, "activities": [{"id": "a"}]}, facts)
    facts.activities[0].type = 1
    facts.activities[0].at.FromNanoseconds(build.AS_OF + late)
    ruleset = [one for one in catalog().all() if one.kind == kind][-1]
    verdict = judged(KINDS[kind], NativeEngine().prepare(ruleset), facts, build.AS_OF)
    return verdict.answer.outcome.SerializeToString(deterministic=True)


@pytest.mark.parametrize("kind", ["score", "qualify"])
@pytest.mark.parametrize("late", [1, 2 * SECOND, SKEW])
def test_an_act_of_a_clock_that_is_ahead_happens_now(kind: str, late: int) -> None:
    """It says what the same act says at as_of: bulk scoring loses no lead to two seconds."""
    assert answer(kind, late) == answer(kind, 0)


@pytest.mark.parametrize("kind", ["score", "qualify"])
def test_an_act_that_is_further_ahead_is_refused(kind: str) -> None:
    """Whatever clock says so is wrong, and the answer would be."""
    with pytest.raises(BadQuestion):
        answer(kind, SKEW + 1)


# Every instant that facts tell of the past, and every day.
INSTANTS = [
    ("advance", "opportunity.created_at"),
    ("advance", "opportunity.closed_at"),
    ("advance", "opportunity.history[0].at"),
    ("advance", "approvals[0].approved_at"),
    ("attribute", "opportunity.closed_at"),
    ("attribute", "touches[0].at"),
    ("close", "opportunity.created_at"),
    ("close", "approvals[0].approved_at"),
    ("convert", "first_contact.made_at"),
    ("forecast", "opportunities[0].created_at"),
    ("forecast", "opportunities[0].closed_at"),
    ("forecast", "submitted[0].submitted_at"),
    ("handoff", "submitted_at"),
    ("handoff", "reply.replied_at"),
    ("health", "usage.last_login_at"),
    ("health", "relationship.last_meeting_at"),
    ("health", "earlier.assessed_at"),
    ("inspect", "deals[0].last_activity_at"),
    ("qualify", "history.engagement_reset_at"),
    ("route", "previous.contacted_at"),
    ("score", "lead.created_at"),
    ("verify", "consents[0].captured_at"),
]
DAYS = [
    ("close", "contract.customer_signed_date"),
    ("quota", "credits[0].booked_on"),
    ("recognize", "credits[0].on"),
    ("recognize", "bad_debts[0].on"),
    ("recognize", "variable[0].known_on"),
    ("recognize", "lines[0].progress[0].on"),
]


def told(kind: str, path: str, value: Any) -> bool:
    """Tell whether facts that hold nothing but the value at `path` have it refused."""
    facts: Any = KINDS[kind].facts()
    *above, name = path.split(".")
    holder = facts
    for part in above:
        is_list = part.endswith("[0]")
        holder = getattr(holder, part.removesuffix("[0]"))
        holder = holder.add() if is_list else holder
    getattr(holder, name).CopyFrom(value)
    if kind == "recognize" and path.startswith("lines"):
        facts.lines[0].pattern = recognize_pb2.RECOGNITION_PATTERN_PROGRESS
    parameters = rulesets(kind)[-1].parameters
    found = KINDS[kind].check(facts, parameters, build.AS_OF)
    return any(one.field == path and "after as_of" in one.description for one in found)


@pytest.mark.parametrize(("kind", "path"), INSTANTS)
def test_every_instant_of_the_past_may_be_by_a_clock_that_is_ahead(kind: str, path: str) -> None:
    """L-27's kind: one clock refuses no deal, forecast or customer, whatever it stamped."""
    assert not told(kind, path, timestamp(build.AS_OF + SKEW))
    assert told(kind, path, timestamp(build.AS_OF + SKEW + 1))


@pytest.mark.parametrize(("kind", "path"), DAYS)
def test_what_was_done_today_in_auckland_is_no_future(kind: str, path: str) -> None:
    """L-14's kind: it is tomorrow there already; the day after has begun nowhere."""
    today = day_in(UTC, build.AS_OF)
    assert not told(kind, path, date_message(today + 1))
    assert told(kind, path, date_message(today + 2))


def test_no_age_is_negative() -> None:
    """L-27: a login of a clock that is ahead was today."""
    facts = health_pb2.HealthFacts()
    facts.usage.last_login_at.FromNanoseconds(build.AS_OF + SECOND)
    parameters = rulesets("health")[-1].parameters
    assert KINDS["health"].known(facts, parameters, build.AS_OF).ages.login_days == 0
