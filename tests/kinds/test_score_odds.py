"""Claims about calibrated scores: points that double the odds, and what is not known."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.score.odds import probability
from dealgate.kinds.score.terms import ScoreEffect
from dealgate.model.decision import Evidence
from dealgate.v1 import score_pb2 as pb
from tests.kinds import build
from tests.kinds.scoring import PARAMETERS, fit, scored

CALIBRATION = {"id": "2026-q3", "base_points": -20, "double_odds": 20}


def calibrated(
    fired: list[Any], undecided: list[Any] | None = None, **more: Any
) -> pb.CalibratedScore:
    """Return what is said about the odds."""
    evidence = Evidence(
        fired=build.fired(*fired).fired,
        undecided=[build.undecided(rule, "lead.title") for rule in undecided or ()],
    )
    facts = pb.ScoreFacts()
    facts.lead.id = "L"
    rules = [*fired, *(undecided or ())]
    parameters = {**PARAMETERS, "calibration": {**CALIBRATION, **more}}
    return scored(facts, rules, evidence, parameters).calibrated


def test_so_many_points_double_the_odds() -> None:
    """From odds of 1 to 2 to 1 to 1, and to 2 to 1."""
    one, two = fit("a", 5, odds_points=20), fit("b", 5, dimension="c", odds_points=20)
    assert [calibrated(rules).probability.value for rules in ([], [one], [one, two])] == [
        "0.333333",
        "0.5",
        "0.666667",
    ]
    assert calibrated([one]).points == 0
    assert calibrated([one]).calibration_id == "2026-q3"


def test_rules_that_wait_bound_the_probability() -> None:
    """The best and the worst that missing facts may turn out to be."""
    waits = [fit("a", 5, odds_points=20), fit("b", 5, dimension="c", odds_points=-20)]
    found = calibrated([], waits)
    assert [each.value for each in (found.at_least, found.probability, found.at_most)] == [
        "0.2",
        "0.333333",
        "0.5",
    ]


def test_it_changes_no_score() -> None:
    """Grades and scores by hand are the same with and without it."""
    facts = pb.ScoreFacts()
    facts.lead.id = "L"
    rule = fit("a", 5, odds_points=40)
    parameters = {**PARAMETERS, "calibration": CALIBRATION}
    with_odds = scored(facts, [rule], build.fired(rule), parameters)
    without = scored(facts, [rule], build.fired(rule))
    assert not without.HasField("calibrated")
    with_odds.ClearField("calibrated")
    assert with_odds == without


@given(st.integers(-5000, 5000), st.integers(1, 1000))
def test_probabilities_are_those_of_the_formula(points: int, double_odds: int) -> None:
    """2^x to 1 as a probability, and its complement for the opposite."""
    found, opposite = probability(points, double_odds), probability(-points, double_odds)
    assert 0 <= found <= 1
    assert found + opposite == pytest.approx(Decimal(1))
    if abs(points / double_odds) < 60:
        odds = 2.0 ** (points / double_odds)
        assert float(found) == pytest.approx(odds / (1 + odds), rel=1e-9)


def test_a_rule_may_speak_of_the_odds_alone() -> None:
    """No points by hand are allowed only where something was, or is to be, learnt."""
    silent = {"axis": "fit", "dimension": "a", "points": 0, "odds_points": 0}
    assert ScoreEffect.model_validate(silent).points == 0
    with pytest.raises(ValueError, match="says nothing"):
        ScoreEffect.model_validate({"axis": "fit", "dimension": "a", "points": 0})
