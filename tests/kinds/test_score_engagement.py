"""Claims about how engagement fades and is capped."""

import pytest

from dealgate.kinds.score import SCORE, conclude
from dealgate.model.decision import Evidence, Fired
from dealgate.model.errors import RuleSetUnusable
from tests.kinds import build
from tests.kinds.scoring import HOUR, PARAMETERS, did, engaged, scored

DEMO = engaged("demo", 30, category="high_intent", floor="0.25")
PRICING = engaged("pricing", 25, category="high_intent", cap={"points": 25, "days": 7})


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
    """GitLab: pricing pages score weekly. Two on one Monday count 25, one on Sunday too."""
    monday = 2 * build.DAY + HOUR
    both = Evidence(fired=[Fired(PRICING, (0, 1))])
    same_week = scored(did(monday, monday + HOUR), [PRICING], both)
    next_week = scored(did(monday, monday + 12 * HOUR), [PRICING], both)
    assert same_week.engagement_points.value == "25"
    assert next_week.engagement_points.value == "40"
    assert [one.capped for one in same_week.contributions] == [False, True]


def test_a_category_counts_up_to_its_cap() -> None:
    """Demo 30 and pricing 25 of today are both high intent, which counts 40 at most."""
    outcome = scored(did(0, 0), [DEMO, PRICING], build.fired((DEMO, 0), (PRICING, 1)))
    assert outcome.engagement == 40
    assert [one.counted.value for one in outcome.contributions] == ["30", "10"]


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


def test_engagement_over_a_list_without_instants_is_refused() -> None:
    """Technologies have no age, so their points could not fade."""
    odd = build.rule(
        SCORE, "odd", {"axis": "engagement", "points": 5}, over="lead.company.technologies"
    )
    ruleset = build.ruleset(SCORE, [odd], PARAMETERS)
    with pytest.raises(RuleSetUnusable, match="no age"):
        conclude(did(), ruleset, build.fired((odd, 0)), build.AS_OF)
