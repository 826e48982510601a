"""Claims about what is refused in the facts and the rules of an advance."""

from typing import Any

import pytest

from dealgate.kinds.advance import ADVANCE
from dealgate.kinds.advance.terms import AdvanceEffect, AdvanceParameters
from dealgate.v1 import advance_pb2 as pb
from tests.kinds import build
from tests.kinds.advancing import PARAMETERS, deal

LATE = "{ seconds: 99999999999 }"


def broken(facts: pb.AdvanceFacts) -> list[str]:
    """Return the fields that are refused."""
    parameters = AdvanceParameters.model_validate(PARAMETERS)
    return [violation.field for violation in ADVANCE.check(facts, parameters, build.AS_OF)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("opportunity { id: '' }", ["opportunity.id"]),
        ("opportunity { stage_name: 'Nowhere' }", ["opportunity.stage_name"]),
        ("target_stage: ''", ["target_stage"]),
        (
            "opportunity { amount { currency_code: 'EUR' nanos: -10000000 } }",
            ["opportunity.amount"],
        ),
        ("opportunity { probability: -0.1 }", ["opportunity.probability"]),
        ("opportunity { probability: 100.1 }", ["opportunity.probability"]),
        ("opportunity { discount { value: '1.01' } }", ["opportunity.discount"]),
        ("opportunity { discount { value: '-10.01' } }", ["opportunity.discount"]),
        ("opportunity { discount { value: 'ten' } }", ["opportunity.discount"]),
        ("opportunity { contract_term_months: -1 }", ["opportunity.contract_term_months"]),
        ("opportunity { version: -1 }", ["opportunity.version"]),
        ("opportunity { close_date { year: 2026 month: 2 } }", ["opportunity.close_date"]),
        ("opportunity { contacts { } }", ["opportunity.contacts[0].id"]),
        (
            "opportunity { contacts { id: 'a' } contacts { id: 'a' } }",
            ["opportunity.contacts[1].id"],
        ),
        ("opportunity { meddppicc { champion: 4 } }", ["opportunity.meddppicc.champion"]),
        ("opportunity { meddppicc { metrics: -1 } }", ["opportunity.meddppicc.metrics"]),
        (f"opportunity {{ created_at {LATE} }}", ["opportunity.created_at"]),
        (f"opportunity {{ closed_at {LATE} }}", ["opportunity.closed_at"]),
        (
            f"opportunity {{ history {{ at {LATE} }} }}",
            ["opportunity.history[0].stage_name", "opportunity.history[0].at"],
        ),
        (
            "opportunity { history { stage_name: 'Long gone' } }",
            ["opportunity.history[0].at"],
        ),
        ("approvals { }", ["approvals[0].role", "approvals[0].approver_id"]),
        (
            f"approvals {{ role: SALES_ROLE_VP approver_id: 'V' approved_at {LATE} }}",
            ["approvals[0].approved_at"],
        ),
        (
            "approvals { role: SALES_ROLE_VP approver_id: 'V' max_discount { value: '2' } }",
            ["approvals[0].max_discount"],
        ),
        ("checklist { fit_score: 101 }", ["checklist.fit_score"]),
        ("expected_version: -1", ["expected_version"]),
        ("closure { survivor_id: 'O-1' }", ["closure.survivor_id"]),
        (f"actor {{ id: '{'x' * 257}' }}", ["actor.id"]),
    ],
)
def test_every_bad_fact_is_refused_where_it_stands(more: str, expected: list[str]) -> None:
    """Each fault is named by its path, and nothing else is."""
    assert broken(deal("Talk", "Offer")) == []
    assert broken(deal("Talk", "Offer", more)) == expected


def test_all_faults_are_found_at_once() -> None:
    """A caller mends everything in one go."""
    assert broken(pb.AdvanceFacts()) == ["opportunity.stage_name", "target_stage", "opportunity.id"]


def test_an_unknown_stage_is_told_the_known_ones() -> None:
    """The cure is in the message, and the caller's word is not."""
    parameters = AdvanceParameters.model_validate(PARAMETERS)
    (found,) = ADVANCE.check(deal("Talk", "Offerr"), parameters, build.AS_OF)
    assert found.description.endswith("the stages are: New, Talk, Trial, Offer, Won, Lost")
    assert "Offerr" not in found.description


@pytest.mark.parametrize(
    "effect",
    [
        {},
        {"block": "A", "warn": "B"},
        {"block": "not a code"},
        {"require": "A"},
        {"block": "A", "roles": ["vp"]},
        {"require": "A", "roles": ["king"]},
        {"waive": []},
        {"waive": ["VERSION_CONFLICT"]},
        {"waive": ["CLOSED_IS_FINAL"]},
        {"waive": ["RULE_FAILED"]},
        {"waive": ["VERSION_UNKNOWN"]},
        {"waive": ["A"], "when_unknown": "claim"},
        {"block": "A", "when_unknown": "perhaps"},
        {"nonsense": 1},
    ],
)
def test_an_effect_makes_exactly_one_claim(effect: dict[str, Any]) -> None:
    """What authors may write is one claim, and no override of what nobody may override."""
    with pytest.raises(ValueError, match="validation error"):
        AdvanceEffect.model_validate(effect)


def stage(name: str, **more: object) -> dict[str, object]:
    """Return a stage as an author writes it."""
    return {"name": name, "probability": 10, "forecast_category": "pipeline", **more}


OPEN, WON, LOST = stage("Open"), stage("Won", closed="won"), stage("Lost", closed="lost")


@pytest.mark.parametrize(
    "stages",
    [
        [],
        [WON, LOST, OPEN],
        [OPEN, OPEN, WON, LOST],
        [OPEN, stage("More"), WON],
        [OPEN, stage("More"), LOST],
        [OPEN, WON, stage("Won again", closed="won"), LOST],
        [stage("Done", closed="won"), stage("Gone", closed="lost"), LOST],
        [OPEN, WON, stage("Lost", closed="lost", pre_qualified=True)],
        [OPEN, WON, stage("Lost", closed="lost", probability=101)],
        [OPEN, WON, stage("Lost", closed="lost", forecast_category="maybe")],
    ],
)
def test_a_pipeline_that_leads_nowhere_does_not_load(stages: list[dict[str, object]]) -> None:
    """It needs distinct names, an open stage first, one that is won, and one that is lost."""
    with pytest.raises(ValueError, match="validation error"):
        AdvanceParameters.model_validate({"stages": stages})


def test_the_smallest_pipeline_has_three_stages() -> None:
    """Open, won and lost are enough."""
    parameters = AdvanceParameters.model_validate({"stages": [OPEN, WON, LOST]})
    assert parameters.ways.all[""].by_name["Won"].closed == "won"
