"""Claims about what score rules may say, and which facts may be scored."""

from typing import Any

import pytest
from google.protobuf import json_format
from pydantic import ValidationError

from dealgate.kinds.score import SCORE, check
from dealgate.v1 import score_pb2
from tests.kinds import build
from tests.kinds.scoring import PARAMETERS

TERMS = SCORE.parameters.model_validate(PARAMETERS)
FIT = {"axis": "fit", "points": 10, "dimension": "size"}
ENGAGEMENT = {"axis": "engagement", "points": 10, "category": "low"}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({**FIT, "points": 0}, "0 says nothing"),
        ({**FIT, "points": 1001}, "less than or equal to 1000"),
        ({**FIT, "points": "1.001"}, "2 decimal places"),
        ({**FIT, "dimension": None}, "points for fit need one"),
        ({**FIT, "points": -5}, "nothing else has one"),
        ({**FIT, "category": "low"}, "only points for engagement"),
        ({**ENGAGEMENT, "points": -5}, "only points for engagement"),
        ({**ENGAGEMENT, "dimension": "size"}, "nothing else has one"),
        ({**ENGAGEMENT, "category": "lukewarm"}, "high_intent"),
        ({**ENGAGEMENT, "floor": "1.5"}, "less than or equal to 1"),
        ({**ENGAGEMENT, "cap": {"points": 5, "days": 0}}, "greater than or equal to 1"),
        ({**ENGAGEMENT, "colour": "red"}, "not permitted"),
    ],
)
def test_an_effect_that_means_nothing_is_refused(wrong: dict[str, Any], says: str) -> None:
    """At load, with the key and the cure."""
    with pytest.raises(ValidationError, match=says):
        SCORE.effect.model_validate(wrong)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"weights": {"fit": 50, "engagement": 51}}, "add up to 100"),
        ({"threshold": 101}, "less than or equal to 100"),
        ({"fit_letters": [40, 60, 80]}, "highest first"),
        ({"engagement_numbers": [75, 75, 25]}, "highest first"),
        ({"priorities": {"p1": ["A1"], "p2": ["A1"], "p3": []}}, "one priority"),
        ({"priorities": {"p1": ["E1"], "p2": [], "p3": []}}, "pattern"),
        (
            {
                "categories": {
                    **PARAMETERS["categories"],
                    "low": {"cap": 1, "half_life_days": 1, "loses": {"points": 1, "days": 1}},
                }
            },
            "choose one",
        ),
    ],
)
def test_parameters_that_contradict_themselves_are_refused(wrong: Any, says: str) -> None:
    """At load, with the key and the cure."""
    with pytest.raises(ValidationError, match=says):
        SCORE.parameters.model_validate({**PARAMETERS, **wrong})


LATE = "2026-07-15T12:05:00.000000001Z"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lead": {"id": ""}}, "lead.id"),
        ({"lead": {"id": "x" * 257}}, "lead.id"),
        ({"lead": {"country": "Germany"}}, "lead.country"),
        ({"lead": {"country": "ZZ"}}, "lead.country"),
        ({"lead": {"country": "de"}}, "lead.country"),
        ({"lead": {"created_at": "2026-07-15T12:05:00.000000001Z"}}, "lead.created_at"),
        ({"lead": {"seniority": 99}}, "lead.seniority"),
        ({"lead": {"company": {"country": "EU"}}}, "lead.company.country"),
        ({"lead": {"company": {"employees": -1}}}, "lead.company.employees"),
        (
            {"lead": {"company": {"annual_revenue": {"currency_code": "EUR", "units": -1}}}},
            "lead.company.annual_revenue",
        ),
        (
            {"lead": {"company": {"annual_revenue": {"currency_code": "EUR", "nanos": 1}}}},
            "lead.company.annual_revenue",
        ),
        ({"activities": [{"at": LATE}]}, "activities[0].at"),
        ({"activities": [{}, {"count": 0}]}, "activities[1].count"),
        ({"activities": [{"count": -3}]}, "activities[0].count"),
        ({"activities": [{"duration": "-1s"}]}, "activities[0].duration"),
        ({"activities": [{"type": 99}]}, "activities[0].type"),
        ({"activities": [{"id": "e"}, {"id": "f"}, {"id": "e"}]}, "activities[2].id"),
        ({"history": {"recycle_count": -1}}, "history.recycle_count"),
        ({"history": {"attempts_without_response": -1}}, "history.attempts_without_response"),
        ({"history": {"engagement_reset_at": LATE}}, "history.engagement_reset_at"),
        (
            {"history": {"recycle_until": {"year": 2026, "month": 2, "day": 30}}},
            "history.recycle_until",
        ),
    ],
)
def test_each_wrong_fact_is_named(wrong: dict[str, Any], field: str) -> None:
    """One violation, of that field, and nothing else is complained about."""
    facts = json_format.ParseDict({"lead": {"id": "L1"}}, score_pb2.ScoreFacts())
    facts.MergeFrom(json_format.ParseDict(wrong, score_pb2.ScoreFacts()))
    assert [violation.field for violation in check(facts, TERMS, build.AS_OF)] == [field]


def test_all_wrong_facts_are_named_at_once() -> None:
    """A caller repairs a question in one round."""
    wrong = {
        "lead": {"company": {"employees": -1}, "country": "??"},
        "activities": [{"id": "a", "at": LATE}, {"id": "a", "count": 0}],
    }
    facts = json_format.ParseDict(wrong, score_pb2.ScoreFacts())
    assert {violation.field for violation in check(facts, TERMS, build.AS_OF)} == {
        "lead.id",
        "lead.country",
        "lead.company.employees",
        "activities[0].at",
        "activities[1].count",
        "activities[1].id",
    }


def test_an_absent_instant_is_in_nobodys_future() -> None:
    """Before 1970 neither: what is not given is not the epoch."""
    facts = json_format.ParseDict(
        {"lead": {"id": "L1"}, "activities": [{}]}, score_pb2.ScoreFacts()
    )
    assert check(facts, TERMS, -build.AS_OF) == []


def test_facts_at_the_edge_of_what_is_right_pass() -> None:
    """An activity at as_of itself, a count of 1, no employees at all."""
    right = {
        "lead": {"id": "L1", "country": "XK", "company": {"employees": 0, "country": "NO"}},
        "activities": [{"id": "a", "at": "2026-07-15T12:00:00Z", "count": 1}, {}, {}],
    }
    facts = json_format.ParseDict(right, score_pb2.ScoreFacts())
    assert check(facts, TERMS, build.AS_OF) == []
