"""Claims about what qualify rules may say, and which facts may be qualified."""

from typing import Any

import pytest
from google.protobuf import json_format
from pydantic import ValidationError

from dealgate.kinds.qualify import QUALIFY, check
from dealgate.v1 import qualify_pb2
from tests.kinds import build
from tests.kinds.qualifying import PARAMETERS

TERMS = QUALIFY.parameters.model_validate(PARAMETERS)
LATE = "2026-07-15T12:05:00.000000001Z"


def euros(units: int) -> dict[str, Any]:
    """Return an amount as JSON has it."""
    return {"currency_code": "EUR", "units": units}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"disposition": "maybe", "code": "FIT-01"}, "ineligible"),
        ({"disposition": "mql", "code": "fit-1"}, "pattern"),
        ({"disposition": "mql"}, "required"),
        ({"disposition": "mql", "code": "FIT-01", "days": 9}, "not permitted"),
    ],
)
def test_an_effect_that_means_nothing_is_refused(wrong: dict[str, Any], says: str) -> None:
    """At load: every answer has a disposition we know and a reason code."""
    with pytest.raises(ValidationError, match=says):
        QUALIFY.effect.model_validate(wrong)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"min_completeness": "1.1"}, "less than or equal to 1"),
        ({"recycle": {"later": {"days": 9}}}, "pattern"),
        ({"nurture_days": 0}, "greater than or equal to 1"),
        ({"office_hours": {"opens": 9, "closes": 9}}, "closes"),
        ({"sla": {"mql": [{"milestone": "meeting"}]}}, "give one of"),
        ({"sla": {"mql": [{"milestone": "meeting", "hours": 1, "business_days": 1}]}}, "one of"),
        ({"sla": {"nurture": []}}, "not permitted"),
    ],
)
def test_parameters_that_contradict_themselves_are_refused(wrong: Any, says: str) -> None:
    """At load, with the key and the cure."""
    with pytest.raises(ValidationError, match=says):
        QUALIFY.parameters.model_validate({**PARAMETERS, **wrong})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lead": {"id": ""}}, "lead.id"),
        ({"scores": {"fit": 101}}, "scores.fit"),
        ({"scores": {"engagement": -1}}, "scores.engagement"),
        ({"scores": {"composite": 1000}}, "scores.composite"),
        ({"meddpicc": {"champion": 4}}, "meddpicc.champion"),
        ({"meddpicc": {"metrics": -1}}, "meddpicc.metrics"),
        ({"verification": {"status": 77}}, "verification.status"),
        ({"verification": {"data_quality": 101}}, "verification.data_quality"),
        ({"annual_contract_value": euros(-1)}, "annual_contract_value"),
        ({"bant": {"budget": {"amount": euros(-1)}}}, "bant.budget.amount"),
        ({"bant": {"timeline": {"days": -1}}}, "bant.timeline.days"),
        ({"bant": {"need": {"level": 9}}}, "bant.need.level"),
        ({"activities": [{"at": LATE}]}, "activities[0].at"),
        ({"history": {"recycle_count": -1}}, "history.recycle_count"),
    ],
)
def test_each_wrong_fact_is_named(wrong: dict[str, Any], field: str) -> None:
    """One violation, of that field, and nothing else is complained about."""
    facts = json_format.ParseDict({"lead": {"id": "L1"}}, qualify_pb2.QualifyFacts())
    facts.MergeFrom(json_format.ParseDict(wrong, qualify_pb2.QualifyFacts()))
    assert [violation.field for violation in check(facts, TERMS, build.AS_OF)] == [field]


def test_facts_at_the_edge_of_what_is_right_pass() -> None:
    """Scores of 0 and 100, elements of 0 and 3, no money and no days."""
    right = {
        "lead": {"id": "L1"},
        "scores": {"fit": 0, "engagement": 100},
        "meddpicc": {"metrics": 0, "champion": 3},
        "annual_contract_value": euros(0),
        "bant": {"budget": {"amount": euros(0)}, "timeline": {"days": 0}},
    }
    facts = json_format.ParseDict(right, qualify_pb2.QualifyFacts())
    assert check(facts, TERMS, build.AS_OF) == []
