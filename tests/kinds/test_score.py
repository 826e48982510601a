"""Claims about how points become a score."""

from decimal import Decimal, getcontext, localcontext

import pytest

from dealgate.kinds.score import SCORE, conclude
from dealgate.model.decision import Evidence, Fired
from dealgate.model.errors import RuleSetUnusable, RulesFailed
from dealgate.v1 import score_pb2
from tests.kinds import build
from tests.kinds.scoring import HOUR, PARAMETERS, did, engaged, fit, penalty, scored

LEAD = did()
SMALL, LARGE = fit("small", 10), fit("large", 100)
DEMO = engaged("demo", 30, category="high_intent", floor="0.25")
PRICING = engaged("pricing", 25, category="high_intent", cap={"points": 25, "days": 7})


def test_the_published_points_of_gitlab_add_up_to_its_published_scores() -> None:
    """GitLab handbook, Marketo scoring: demographic 70, behaviour 65, person 135, over 100."""
    who = [fit("business-email", 35, "email"), fit("senior", 15, "seniority")]
    who.append(fit("function", 20, "function"))
    did_what = [engaged("pricing", 25), engaged("webcast", 40)]
    evidence = build.fired(*who, (did_what[0], 0), (did_what[1], 1))
    outcome = scored(did(HOUR, HOUR), [*who, *did_what], evidence)
    assert (outcome.fit_points.value, outcome.engagement_points.value) == ("70", "65")
    person = Decimal(outcome.fit_points.value) + Decimal(outcome.engagement_points.value)
    assert person == 135
    assert person >= 100


@pytest.mark.parametrize(
    ("points", "letter"),
    [(100, "A"), (80, "A"), (79, "B"), (60, "B"), (59, "C"), (40, "C"), (39, "D"), (1, "D")],
)
def test_the_letter_changes_exactly_at_its_bound(points: int, letter: str) -> None:
    """Fit 80 is an A and fit 79 a B, and so on down."""
    one = fit("so-much", points)
    outcome = scored(LEAD, [one, LARGE], build.fired(one))
    assert (outcome.fit, outcome.grade) == (points, f"{letter}4")


@pytest.mark.parametrize(
    ("points", "number"), [(100, 1), (75, 1), (74, 2), (50, 2), (49, 3), (25, 3), (24, 4)]
)
def test_the_number_changes_exactly_at_its_bound(points: int, number: int) -> None:
    """Engagement 75 is a 1 and 74 a 2, and so on down."""
    one = engaged("so-much", points)
    outcome = scored(did(0), [one], build.fired((one, 0)))
    assert (outcome.engagement, outcome.engagement_number) == (points, number)


@pytest.mark.parametrize(
    ("priority", "grades"),
    [("P1", "A1 A2 B1"), ("P2", "A3 B2 C1"), ("P3", "A4 B3 C2 D1"), ("P4", "B4 C3 C4 D2 D3 D4")],
)
def test_every_grade_has_the_priority_of_the_matrix(priority: str, grades: str) -> None:
    """All sixteen grades, by the table of the rule set."""
    for grade in grades.split():
        letter, number = grade[0], grade[1]
        who = fit("who", {"A": 80, "B": 60, "C": 40, "D": 1}[letter])
        what = engaged("what", {"1": 75, "2": 50, "3": 25, "4": 1}[number])
        outcome = scored(did(0), [who, LARGE, what], build.fired(who, (what, 0)))
        assert outcome.grade == grade
        assert outcome.priority == score_pb2.Priority.Value(f"PRIORITY_{priority}")


@pytest.mark.parametrize(
    ("engagement", "composite", "reaches"), [(59, 65, True), (58, 65, True), (57, 64, False)]
)
def test_the_composite_weighs_the_scores_as_shown_and_rounds_half_up(
    engagement: int, composite: int, reaches: object
) -> None:
    """(71 + 58) / 2 is 64.5, shown as 65, which reaches a threshold of 65."""
    who, what = fit("who", 71), engaged("what", engagement)
    outcome = scored(did(0), [who, LARGE, what], build.fired(who, (what, 0)))
    assert (outcome.composite, outcome.reaches_threshold) == (composite, reaches)


@pytest.mark.parametrize(
    ("age", "decayed"),
    [(0, "30"), (14 * build.DAY, "15"), (28 * build.DAY, "7.5"), (7 * build.DAY, "21.213203")],
)
def test_points_halve_every_half_life(age: int, decayed: str) -> None:
    """30 points of high intent are 15 after 14 days and 7.5 after 28."""
    outcome = scored(did(age), [DEMO], build.fired((DEMO, 0)))
    assert outcome.contributions[0].decayed.value == decayed


@pytest.mark.parametrize(("late", "counted"), [(0, "7.5"), (1, "0.34828")])
def test_a_floor_holds_for_ninety_days_and_not_a_nanosecond_longer(late: int, counted: str) -> None:
    """A demo request keeps a quarter of its 30 points until it is 90 days old."""
    outcome = scored(did(90 * build.DAY + late), [DEMO], build.fired((DEMO, 0)))
    assert outcome.contributions[0].counted.value == counted


@pytest.mark.parametrize(
    ("age", "decayed"),
    [
        (7 * build.DAY - 1, "20"),
        (7 * build.DAY, "15"),
        (28 * build.DAY, "0"),
        (99 * build.DAY, "0"),
    ],
)
def test_points_may_be_lost_in_steps_instead(age: int, decayed: str) -> None:
    """RevOps: 20 points that lose 5 a week are gone after four weeks, and never below 0."""
    steps = {"cap": 40, "loses": {"points": 5, "days": 7}}
    parameters = {**PARAMETERS, "categories": {**PARAMETERS["categories"], "medium": steps}}
    visit = engaged("visit", 20, category="medium")
    outcome = scored(did(age), [visit], build.fired((visit, 0)), parameters)
    assert outcome.contributions[0].decayed.value == decayed


def test_a_capped_rule_counts_once_a_calendar_week() -> None:
    """GitLab: pricing pages score weekly. Two visits on Monday count as one, one on Sunday too."""
    monday = 2 * build.DAY + HOUR
    both = Evidence(fired=[Fired(PRICING, (0, 1))])
    same_week = scored(did(monday, monday + HOUR), [PRICING], both)
    next_week = scored(did(monday, monday + 12 * HOUR), [PRICING], both)
    assert float(same_week.engagement_points.value) <= 25
    assert float(next_week.engagement_points.value) > 40 - 1
    assert [one.capped for one in same_week.contributions] == [False, True]


def test_a_category_counts_up_to_its_cap() -> None:
    """Demo 30 and pricing 25 of today are both high intent, which counts 40 at most."""
    outcome = scored(did(0, 0), [DEMO, PRICING], build.fired((DEMO, 0), (PRICING, 1)))
    assert outcome.engagement == 40
    assert [one.counted.value for one in outcome.contributions] == ["30", "10"]


def test_in_one_dimension_the_best_rule_counts() -> None:
    """Two rules about company size do not add up; the weaker is shown as capped."""
    outcome = scored(LEAD, [SMALL, LARGE], build.fired(SMALL, LARGE))
    assert (outcome.fit, outcome.fit_points.value) == (100, "100")
    assert [one.capped for one in outcome.contributions] == [True, False]


def test_a_penalty_takes_points_of_the_finished_scale() -> None:
    """-30 leaves 70 of 100 whatever points are attainable, and nothing falls below 0."""
    student, competitor = penalty("student", -30, "fit"), penalty("competitor", -50, "fit")
    best = fit("best", 250)
    assert scored(LEAD, [best, student], build.fired(best, student)).fit == 70
    both = build.fired(SMALL, student, competitor)
    assert scored(LEAD, [SMALL, student, competitor], both).fit == 20
    three = [SMALL, LARGE, student, competitor]
    assert scored(LEAD, three, build.fired(SMALL, student, competitor)).fit == 0


def test_fit_of_which_nothing_is_known_is_unknown_and_not_zero() -> None:
    """Every firmographic missing: no fit, no composite, no priority, and the bounds say why."""
    evidence = Evidence(undecided=[build.undecided(SMALL, "lead.company.employees")])
    outcome = scored(LEAD, [SMALL], evidence)
    assert not outcome.HasField("fit")
    assert not outcome.HasField("composite")
    assert not outcome.HasField("reaches_threshold")
    assert (outcome.fit_is_known, outcome.grade) == (False, "?4")
    assert (outcome.fit_dimensions_known, outcome.fit_dimensions) == (0, 1)
    assert (outcome.fit_at_least, outcome.fit_at_most) == (0, 100)
    assert outcome.missing_facts == ["lead.company.employees"]


def test_fit_of_which_something_is_known_is_known() -> None:
    """A company too small to score has fit 0; a missing title only widens the bounds."""
    title = fit("senior", 30, "seniority")
    evidence = Evidence(undecided=[build.undecided(title, "lead.seniority")])
    outcome = scored(LEAD, [fit("size", 70), title], evidence)
    assert (outcome.fit_is_known, outcome.fit, outcome.grade) == (True, 0, "D4")
    assert (outcome.fit_dimensions_known, outcome.fit_dimensions) == (1, 2)
    assert (outcome.fit_at_least, outcome.fit_at_most) == (0, 30)


def test_an_undecided_penalty_lowers_the_least_and_not_the_score() -> None:
    """Nobody looked whether it is a competitor: fit stays, but may be 50 less."""
    competitor = penalty("competitor", -50, "fit")
    undecided = [build.undecided(competitor, "relationship.is_competitor")]
    evidence = Evidence(fired=[Fired(LARGE)], undecided=undecided)
    outcome = scored(LEAD, [LARGE, competitor], evidence)
    assert (outcome.fit_at_least, outcome.fit, outcome.fit_at_most) == (50, 100, 100)


def test_an_activity_without_an_instant_is_neither_full_nor_gone() -> None:
    """Its points count nothing yet, are listed as of unknown age, and are in the most."""
    facts = did(0)
    facts.activities[0].ClearField("at")
    outcome = scored(facts, [DEMO], build.fired((DEMO, 0)))
    (one,) = outcome.contributions
    assert (one.age_is_unknown, one.counted.value, one.HasField("decayed")) == (True, "0", False)
    assert (outcome.engagement, outcome.engagement_at_most) == (0, 30)
    assert outcome.missing_facts == ["activities[0].at"]


def test_a_count_multiplies_only_where_the_rule_says_so() -> None:
    """Three clicks reported in one activity are 15 points, three opens 5."""
    clicks = engaged("click", 5, category="low", per_occurrence=True)
    opens = engaged("opens", 5, category="low")
    facts = did(0, count=3)
    assert scored(facts, [clicks], build.fired((clicks, 0))).engagement == 15
    assert scored(facts, [opens], build.fired((opens, 0))).engagement == 5


@pytest.mark.parametrize(("after", "engagement"), [(0, 0), (1, 30)])
def test_what_was_done_before_the_lead_was_recycled_counts_nothing(
    after: int, engagement: int
) -> None:
    """Up to and at the instant of the reset nothing counts, a nanosecond later all."""
    facts = did(HOUR)
    facts.history.engagement_reset_at.CopyFrom(build.instant(build.AS_OF - HOUR - after))
    assert scored(facts, [DEMO], build.fired((DEMO, 0))).engagement == engagement


def test_a_rule_that_went_wrong_leaves_no_score() -> None:
    """A score with a rule left out is another score: RulesFailed names rule set and rule."""
    ruleset = build.ruleset(SCORE, [SMALL], PARAMETERS)
    evidence = Evidence(failed=[build.failed(SMALL)])
    with pytest.raises(RulesFailed, match=r"score@1: .*small"):
        conclude(LEAD, ruleset, evidence, build.AS_OF)


def test_engagement_over_a_list_without_instants_is_refused() -> None:
    """Technologies have no age, so their points could not fade."""
    odd = build.rule(
        SCORE, "odd", {"axis": "engagement", "points": 5}, over="lead.company.technologies"
    )
    ruleset = build.ruleset(SCORE, [odd], PARAMETERS)
    with pytest.raises(RuleSetUnusable, match="no age"):
        conclude(LEAD, ruleset, build.fired((odd, 0)), build.AS_OF)


def test_an_empty_list_is_no_knowledge() -> None:
    """No technologies listed: nobody may have looked, so that dimension stays unknown."""
    then = {"axis": "fit", "points": 15, "dimension": "technology"}
    uses = build.rule(SCORE, "uses", then, over="lead.company.technologies")
    outcome = scored(LEAD, [uses], Evidence())
    assert (outcome.fit_is_known, outcome.fit_dimensions_known) == (False, 0)


def test_fit_over_any_list_counts_its_dimension_once() -> None:
    """Two complementary technologies are one reason to fit."""
    then = {"axis": "fit", "points": 15, "dimension": "technology"}
    uses = build.rule(SCORE, "uses", then, over="lead.company.technologies")
    outcome = scored(LEAD, [uses], Evidence(fired=[Fired(uses, (0, 1))]))
    assert outcome.fit_points.value == "15"


def test_the_ambient_decimal_context_changes_nothing() -> None:
    """A caller that computes with three digits gets the same bytes."""
    facts, evidence = did(HOUR, 5 * HOUR), build.fired((DEMO, 0), (DEMO, 1))
    usual = scored(facts, [DEMO], evidence)
    with localcontext() as context:
        context.prec = 3
        assert scored(facts, [DEMO], evidence) == usual
    assert getcontext().prec == 28
