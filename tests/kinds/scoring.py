"""A mid-market rule set to score by, and leads to score."""

from collections.abc import Mapping, Sequence
from typing import Any

from dealgate.kinds.score import SCORE, conclude
from dealgate.model.decision import AnyEvidence
from dealgate.model.rules import AnyRule
from dealgate.v1 import activity_pb2, lead_pb2, score_pb2
from tests.kinds import build

HOUR = build.DAY // 24

PARAMETERS: Mapping[str, Any] = {
    "currency": "EUR",
    "weights": {"fit": 50, "engagement": 50},
    "threshold": 65,
    "categories": {
        "high_intent": {"half_life_days": 14, "cap": 40},
        "medium": {"half_life_days": 45, "cap": 40},
        "low": {"half_life_days": 14, "cap": 40},
        "product_usage": {"half_life_days": 30, "cap": 40},
    },
    "fit_letters": [80, 60, 40],
    "engagement_numbers": [75, 50, 25],
    "priorities": {
        "p1": ["A1", "A2", "B1"],
        "p2": ["A3", "B2", "C1"],
        "p3": ["A4", "B3", "C2", "D1"],
    },
}


def fit(name: str, points: int, dimension: str = "company_size", **more: object) -> AnyRule:
    """Return a rule that gives points for fit."""
    then = {"axis": "fit", "points": points, "dimension": dimension, **more}
    return build.rule(SCORE, name, then)


def engaged(name: str, points: str | int, **more: object) -> AnyRule:
    """Return a rule that gives points for each activity it applies to."""
    then = {"axis": "engagement", "points": points, **more}
    return build.rule(SCORE, name, then, over="activities")


def penalty(name: str, points: int, axis: str = "engagement") -> AnyRule:
    """Return a rule that takes points away from the lead."""
    return build.rule(SCORE, name, {"axis": axis, "points": points})


def did(*ages: int, **more: Any) -> score_pb2.ScoreFacts:
    """Return a lead with one activity of each age in nanoseconds."""
    activities = [
        activity_pb2.Activity(id=f"e{number}", at=build.instant(build.AS_OF - age), **more)
        for number, age in enumerate(ages)
    ]
    return score_pb2.ScoreFacts(lead=lead_pb2.Lead(id="L1"), activities=activities)


def scored(
    facts: score_pb2.ScoreFacts,
    rules: Sequence[AnyRule],
    evidence: AnyEvidence,
    parameters: Mapping[str, Any] = PARAMETERS,
    as_of: int = build.AS_OF,
) -> score_pb2.ScoreOutcome:
    """Return the outcome of those rules."""
    ruleset = build.ruleset(SCORE, list(rules), parameters)
    known = SCORE.known(facts, ruleset.parameters, as_of)
    outcome = conclude(known, ruleset, evidence, as_of).outcome
    assert isinstance(outcome, score_pb2.ScoreOutcome)
    return outcome
