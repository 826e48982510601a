"""Claims about how points become a score."""

from decimal import Decimal, getcontext, localcontext

import pytest

from dealgate.kinds.score import SCORE, conclude
from dealgate.model.decision import Evidence, Fired
from dealgate.model.errors import RulesFailed
from dealgate.v1 import score_pb2
from tests.kinds import build
from tests.kinds.scoring import HOUR, PARAMETERS, did, engaged, fit, penalty, scored

LEAD = did()
SMALL, LARGE = fit("small", 10), fit("large", 100)
DEMO = engaged("demo", 30, category="high_intent", floor="0.25")


def test_the_published_points_of_gitlab_add_up_to_its_published_scores() -> None:
    """Vector score-gitlab (GitLab handbook, Marketo): demographic 70, behaviour 65, person 135."""
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


def test_a_rule_that_went_wrong_leaves_no_score() -> None:
    """A score with a rule left out is another score: RulesFailed names rule set and rule."""
    ruleset = build.ruleset(SCORE, [SMALL], PARAMETERS)
    evidence = Evidence(failed=[build.failed(SMALL)])
    with pytest.raises(RulesFailed, match=r"score@1: .*small"):
        conclude(LEAD, ruleset, evidence, build.AS_OF)


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
