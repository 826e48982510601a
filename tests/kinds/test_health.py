"""Claims about customer health: weights, bands, signs, plays, and what is not known."""

from fractions import Fraction
from typing import Any

import pytest
from google.protobuf import text_format
from google.type.decimal_pb2 import Decimal
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.health import HEALTH
from dealgate.kinds.health.terms import HealthEffect, HealthParameters
from dealgate.model.business_time import workday_after
from dealgate.model.decision import AnyEvidence, Evidence, Failed
from dealgate.model.errors import RulesFailed
from dealgate.model.parts import decimal_message
from dealgate.model.rules import AnyRule
from dealgate.v1 import health_pb2 as pb
from dealgate.v1.customer_pb2 import Customer
from tests.kinds import build

WEIGHTS = {"product": 50, "risk": 25, "outcomes": 10, "voice_of_customer": 5, "engagement": 10}
PARAMETERS: dict[str, Any] = {"weights": WEIGHTS}
# GitLab's example of PROVE.
PROVE = {"product": 80, "risk": 60, "outcomes": 100, "voice_of_customer": 50, "engagement": 90}


def customer(more: str = "") -> pb.HealthFacts:
    """Return the facts; `more` in protobuf's text format."""
    return text_format.Merge(more, pb.HealthFacts(customer=Customer(id="C")))


def rule(name: str, **effect: Any) -> AnyRule:
    """Return a rule that makes this claim."""
    return build.rule(HEALTH, name, effect)


def assessed(
    facts: pb.HealthFacts, evidence: AnyEvidence | None = None, **parameters: Any
) -> pb.HealthOutcome:
    """Check the facts, derive, conclude, and return the outcome."""
    ruleset = build.ruleset(HEALTH, [], {**PARAMETERS, **parameters})
    assert HEALTH.check(facts, ruleset.parameters, build.AS_OF) == []
    known = HEALTH.known(facts, ruleset.parameters, build.AS_OF)
    outcome = HEALTH.conclude(known, ruleset, evidence or Evidence(), build.AS_OF).outcome
    assert isinstance(outcome, pb.HealthOutcome)
    return outcome


def scored(scores: dict[str, int], facts: pb.HealthFacts | None = None) -> pb.HealthOutcome:
    """Return the outcome if rules score these measures."""
    rules = [rule(name, measure=name, score=score) for name, score in scores.items()]
    return assessed(facts or customer(), build.fired(*rules))


def test_prove_weighs_as_gitlab_does() -> None:
    """Vector cs-prove (GitLab handbook, customer-health-scoring): 76.5, green."""
    outcome = scored(PROVE)
    assert (outcome.score.value, outcome.band) == ("76.5", pb.HEALTH_BAND_GREEN)
    assert outcome.coverage.value == "1"
    parts = [Fraction(each.contribution.value) for each in outcome.drivers]
    assert sum(parts) == Fraction("76.5")


@given(st.dictionaries(st.sampled_from(sorted(WEIGHTS)), st.integers(0, 100)))
def test_the_weight_of_what_is_not_known_is_shared(scores: dict[str, int]) -> None:
    """The score is the weighted mean of what is known, and coverage says how much that is."""
    outcome = scored(scores)
    known = sum(WEIGHTS[name] for name in scores)
    assert Fraction(outcome.coverage.value) == Fraction(known, 100)
    if not scores:
        assert (outcome.HasField("score"), outcome.band) == (False, pb.HEALTH_BAND_UNKNOWN)
        return
    mean = Fraction(sum(WEIGHTS[name] * score for name, score in scores.items()), known)
    assert outcome.score == decimal_message(mean, 2)
    unknown = [each for each in outcome.drivers if not each.HasField("score")]
    assert len(unknown) == len(WEIGHTS) - len(scores)


def test_the_first_rule_that_fires_scores_a_measure() -> None:
    """Others of the same measure are evidence, and change nothing."""
    first, second = rule("a", measure="risk", score=40), rule("b", measure="risk", score=90)
    outcome = assessed(customer(), build.fired(first, second))
    assert (outcome.score.value, outcome.drivers[1].rule_id) == ("40", "a")


def test_a_measure_that_waits_names_its_facts() -> None:
    """Unknown is not red: it has no score, and says what is missing."""
    waits = build.undecided(rule("a", measure="product", score=1), "usage.change", "usage.x")
    outcome = assessed(customer(), Evidence(undecided=[waits]))
    assert list(outcome.drivers[0].missing_facts) == ["usage.change", "usage.x"]
    assert outcome.band == pb.HEALTH_BAND_UNKNOWN


def test_the_worst_forced_band_holds() -> None:
    """Whatever the score, and whichever rule comes first."""
    evidence = build.fired(rule("a", force="yellow"), rule("b", force="red"))
    outcome = assessed(customer(), evidence)
    assert (outcome.band, outcome.forced_by_rule_id) == (pb.HEALTH_BAND_RED, "b")
    assert outcome.band_by_score == pb.HEALTH_BAND_UNKNOWN


def test_a_person_s_band_wins_for_a_time() -> None:
    """Over a forced one too; what it would have been stays in the answer."""
    override = "override { band: HEALTH_BAND_GREEN set_by: 'ann' because: 'Called them.'"
    holds = customer(f"{override} until {{ year: 2026 month: 7 day: 15 }} }}")
    over = customer(f"{override} until {{ year: 2026 month: 7 day: 14 }} }}")
    evidence = build.fired(rule("a", force="red"))
    assert assessed(holds, evidence).band == pb.HEALTH_BAND_GREEN
    assert assessed(holds, evidence).forced_by_rule_id == "a"
    assert assessed(over, evidence).band == pb.HEALTH_BAND_RED


def test_signals_come_by_gravity_and_plays_by_date() -> None:
    """The gravest sign decides the risk; equal ones stay in the order of the rules."""
    late = {"code": "LATER", "action": "Later.", "owner": "billing", "within_days": 3}
    soon = {"code": "NOW", "action": "Now.", "within_days": 0}
    evidence = build.fired(
        rule("a", signal="A", severity="medium", play=late),
        rule("b", signal="B", severity="high"),
        rule("c", signal="C", severity="high", play=soon),
    )
    outcome = assessed(customer("customer { success_manager_id: 'eve' }"), evidence)
    assert [each.code for each in outcome.signals] == ["B", "C", "A"]
    assert outcome.churn_risk == pb.CHURN_RISK_HIGH
    assert [(each.code, each.owner_id, each.due_on.day) for each in outcome.plays] == [
        ("NOW", "eve", 15),
        ("LATER", "", 20),
    ]


@pytest.mark.parametrize(("earlier", "trend"), [("35", "UP"), ("35.01", "FLAT"), ("45", "DOWN")])
def test_a_trend_takes_five_points(earlier: str, trend: str) -> None:
    """Less than that is noise."""
    facts = customer(f"earlier {{ score {{ value: '{earlier}' }} assessed_at {{ seconds: 1 }} }}")
    assert scored({"risk": 40}, facts).trend == pb.HealthTrend.Value(f"HEALTH_TREND_{trend}")


def test_without_an_earlier_score_there_is_no_trend() -> None:
    """Nor without one today."""
    assert scored({"risk": 40}).trend == pb.HEALTH_TREND_UNSPECIFIED
    facts = customer("earlier { score { value: '3' } assessed_at { seconds: 1 } }")
    assert assessed(facts).trend == pb.HEALTH_TREND_UNSPECIFIED


def test_a_new_customer_is_not_red_for_being_new() -> None:
    """While they are brought on board only what is listed counts."""
    facts = customer("customer { started_on { year: 2026 month: 7 day: 1 } }")
    outcome = scored({"product": 0, "risk": 80}, facts)
    assert (outcome.onboarding, outcome.score.value) == (True, "80")


def test_a_rule_that_went_wrong_leaves_no_score() -> None:
    """A score without one of its measures is another score."""
    with pytest.raises(RulesFailed, match="ratio"):
        assessed(customer(), Evidence(failed=[Failed(rule("ratio", force="red"), "overflow")]))


FUTURE = "{ seconds: 1900000000 }"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("customer { id: '' priority: 0 }", ["customer.id", "customer.priority"]),
        (
            "customer { annual_recurring_revenue { currency_code: 'EUR' units: -1 } }",
            ["customer.annual_recurring_revenue"],
        ),
        (
            (
                "customer { started_on { year: 2026 month: 2 day: 1 }"
                " renews_on { year: 2026 month: 1 day: 1 } }"
            ),
            ["customer.renews_on"],
        ),
        ("usage { licence_utilization: 0.5 }", ["usage.measured_at"]),
        (
            (
                "usage { measured_at { seconds: 1 } licence_utilization: -1 seats_removed: -1"
                " billing_page_visits: -1 change: -2 }"
            ),
            [
                "usage.licence_utilization",
                "usage.seats_removed",
                "usage.billing_page_visits",
                "usage.change",
            ],
        ),
        (
            (
                f"usage {{ measured_at {FUTURE} last_login_at {FUTURE} }}"
                f" sentiment {{ given_at {FUTURE} }} relationship {{ last_meeting_at {FUTURE} }}"
            ),
            [
                "usage.measured_at",
                "usage.last_login_at",
                "sentiment.given_at",
                "relationship.last_meeting_at",
            ],
        ),
        ("sentiment { band: HEALTH_BAND_RED }", ["sentiment.given_at"]),
        (
            "sentiment { band: HEALTH_BAND_UNKNOWN given_at { seconds: 1 } }",
            ["sentiment.band"],
        ),
        ("support { tickets: -1 }", ["support.tickets", "support.measured_at"]),
        ("support { tickets_before: 1 }", ["support.measured_at"]),
        ("voice { promoter_score: 11 }", ["voice.promoter_score", "voice.given_at"]),
        ("plan { objectives: 1 reached: 2 }", ["plan.reached"]),
        ("plan { objectives: -1 reached: -1 }", ["plan.objectives", "plan.reached"]),
        ("billing { days_overdue: -1 }", ["billing.days_overdue"]),
        ("earlier { }", ["earlier.score", "earlier.assessed_at"]),
        ("earlier { score { value: '101' } assessed_at { seconds: 1 } }", ["earlier.score"]),
        (
            "override { band: HEALTH_BAND_UNKNOWN because: ' ' }",
            ["override.set_by", "override.because", "override.until", "override.band"],
        ),
        ("ages { usage_days: 1 }", ["ages"]),
        ("customer { started_on { year: 2026 month: 13 day: 1 } }", ["customer.started_on"]),
    ],
)
def test_bad_facts_are_refused_field_by_field(more: str, expected: list[str]) -> None:
    """Missing, contradictory, out of range, in the future, computed."""
    parameters = HealthParameters.model_validate(PARAMETERS)
    found = HEALTH.check(customer(more), parameters, build.AS_OF)
    assert sorted(each.field for each in found) == sorted(expected)


@pytest.mark.parametrize(
    "effect",
    [
        {},
        {"measure": "risk"},
        {"score": 1},
        {"signal": "A"},
        {"measure": "risk", "score": 1, "force": "red"},
    ],
)
def test_bad_effects_are_refused(effect: dict[str, object]) -> None:
    """An effect makes one claim, and makes it completely."""
    with pytest.raises(ValueError, match=r"claim|one needs the other"):
        HealthEffect.model_validate(effect)


@pytest.mark.parametrize(
    "wrong",
    [{"weights": {"risk": 99}}, {"bands": {"green": 50, "yellow": 50}}],
)
def test_bad_parameters_are_refused(wrong: dict[str, object]) -> None:
    """Weights are a whole, and bounds in order."""
    with pytest.raises(ValueError, match=r"add up to 100|must be below"):
        HealthParameters.model_validate({**PARAMETERS, **wrong})


@given(st.integers(1, 800_000), st.integers(0, 30))
def test_tasks_are_due_on_workdays(day: int, days: int) -> None:
    """So many Mondays to Fridays later; 0 is the day itself."""
    due = workday_after(day, days)
    between = [each for each in range(day + 1, due + 1) if (each - 1) % 7 < 5]
    assert len(between) == days
    assert days == 0 or (due - 1) % 7 < 5


def test_an_earlier_score_is_told_exactly() -> None:
    """The change is the difference of decimals, not of floats."""
    facts = customer()
    facts.earlier.score.CopyFrom(Decimal(value="39.9"))
    facts.earlier.assessed_at.seconds = 1
    assert scored({"risk": 40}, facts).change.value == "0.1"
