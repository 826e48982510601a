"""Claims about inspections: what is computed of a deal, scores, worklists, and what is put off."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.inspect import INSPECT
from dealgate.kinds.inspect.terms import InspectParameters
from dealgate.model.decision import Evidence, Failed, Fired
from dealgate.model.errors import RulesFailed
from dealgate.v1 import inspect_pb2 as pb
from tests.kinds import build
from tests.kinds.inspecting import (
    PARAMETERS,
    day,
    deal,
    inspected,
    measured,
    pipeline,
    rule,
    seconds,
)


def only(facts: pb.InspectFacts) -> pb.DealMeasures:
    """Return what is computed of the one deal."""
    (measures,) = measured(facts)
    return measures


def moved(stage: str, days_ago: float) -> str:
    """Return a move into `stage`, in protobuf's text format."""
    return f"opportunity {{ history {{ stage_name: '{stage}' at {seconds(days_ago)} }} }}"


def test_a_deal_is_as_old_in_its_stage_as_its_last_entry() -> None:
    """It may have been there before, and moves may be sent in any order."""
    more = moved("New", 3) + moved("Offer", 20) + moved("New", 90)
    found = only(pipeline(deal("a", "New", more=more)))
    assert (found.days_in_stage, found.moved_backward) == (3, True)


def test_whole_days_count() -> None:
    """A deal that came into its stage 47 hours ago has been there for one day."""
    assert only(pipeline(deal("a", more=moved("New", 47 / 24)))).days_in_stage == 1


def test_what_cannot_be_computed_is_left_open() -> None:
    """No history, no dates, no changes: nothing is 0 that nobody counted."""
    found = only(pipeline(deal("a")))
    assert found == pb.DealMeasures(
        pipeline="", people=0, close_date_is_unexplained=False, amount_is_unexplained=False
    )
    assert only(pipeline(deal("a", more="changes_are_complete: true"))).times_pushed == 0


def test_the_last_move_must_lead_to_the_stage_it_is_in() -> None:
    """A history that ends elsewhere says nothing about how long it has been here."""
    assert not only(pipeline(deal("a", "New", more=moved("Offer", 3)))).HasField("days_in_stage")


def test_an_import_hides_how_long_a_deal_has_been_in_its_stage() -> None:
    """Up to the import, stage dates are the import's."""
    imported = f"imported_at {seconds(5)}"
    hidden = only(pipeline(deal("a", more=moved("New", 90) + imported)))
    assert not hidden.HasField("days_in_stage")
    assert only(pipeline(deal("a", more=moved("New", 4) + imported))).days_in_stage == 4


def test_anything_that_was_done_is_an_activity() -> None:
    """The latest of calls, moves and changes counts (GitLab's handbook)."""
    more = moved("New", 40) + f"last_activity_at {seconds(30)}"
    more += f"close_date_changes {{ from {{ year: 2026 month: 8 day: 1 }}\
 to {{ year: 2026 month: 9 day: 1 }} at {seconds(9)} }}"
    found = only(pipeline(deal("a", more=more)))
    assert (found.days_since_activity, found.times_pushed) == (9, 1)


def test_a_change_from_nothing_is_no_share_of_it() -> None:
    """An amount that was 0 before has no share that it changed by."""
    change = "amount_changes { from { currency_code: 'EUR' } to { currency_code: 'EUR' units: 9 } }"
    assert not only(pipeline(deal("a", more=change))).HasField("amount_change")


@pytest.mark.parametrize(
    ("closes", "expected"),
    [((2026, 9, 30), True), ((2026, 12, 31), True), ((2026, 9, 29), False), ((2026, 8, 31), False)],
)
def test_quarters_end_four_times_a_year(closes: tuple[int, int, int], expected: bool) -> None:  # noqa: FBT001  # drawn
    """The last day of March, June, September and December."""
    year, month, of = closes
    more = f"opportunity {{ close_date {{ year: {year} month: {month} day: {of} }} }}"
    assert only(pipeline(deal("a", more=more))).closes_at_quarter_end is expected


def test_the_pipeline_score_is_weighted_by_amount() -> None:
    """A large deal in good order outweighs a small one that is not."""
    facts = pipeline(deal("a", units=100), deal("b", units=900), deal("c"))
    bad = rule("bad", penalty=50)
    assert inspected(facts, build.fired((bad, 0))).score == 95
    assert inspected(facts, build.fired((bad, 1))).score == 55
    assert inspected(facts, build.fired((bad, 2))).score == 100


def test_a_score_is_never_below_0() -> None:
    """However much is wrong."""
    claims = [(rule(name, penalty=60), 0) for name in ("x", "y")]
    outcome = inspected(pipeline(deal("a", units=1)), build.fired(*claims))
    assert (outcome.deals[0].score, outcome.health) == (0, pb.PIPELINE_HEALTH_RED)


def test_an_issue_that_is_put_off_is_shown_and_counts_for_nothing() -> None:
    """Until its day, included; then it is back."""
    for until, quiet in ((0, True), (-1, False)):
        facts = pipeline(deal("a", units=10))
        facts.snoozes.add(opportunity_id="a", code="BAD", until=day(until))
        outcome = inspected(facts, build.fired((rule("bad"), 0)))
        assert [issue.code for issue in outcome.deals[0].issues] == ["BAD"]
        assert (outcome.score == 100, outcome.worklist == []) == (quiet, quiet)
        assert (len(outcome.money_at_risk) == 0) is quiet


def test_a_check_that_waits_names_its_own_deal_s_facts() -> None:
    """Of the facts that a rule lacks over the whole list, each deal is told its own."""
    missing = ("deals[0].owner_is_active", "deals[1].owner_is_active")
    open_ = build.undecided(rule("left"), *missing, elements=(0, 1))
    outcome = inspected(pipeline(deal("a"), deal("b")), Evidence(undecided=[open_]))
    assert [list(each.open_checks[0].missing_facts) for each in outcome.deals] == [
        ["deals[0].owner_is_active"],
        ["deals[1].owner_is_active"],
    ]
    assert [each.score for each in outcome.deals] == [100, 100]


def test_a_rule_that_went_wrong_or_judged_another_list_leaves_no_answer() -> None:
    """A score without one of its checks is another score."""
    with pytest.raises(RulesFailed, match="bad"):
        inspected(pipeline(), Evidence(failed=[Failed(rule("bad"), "divide by zero")]))
    with pytest.raises(RulesFailed, match="not judged over deals"):
        inspected(pipeline(deal("a")), Evidence(fired=[Fired(rule("bad", over="snoozes"), (0,))]))


def test_an_empty_pipeline_is_unknown() -> None:
    """There is nothing to weigh, and no share of nothing."""
    outcome = inspected(pipeline())
    assert outcome == pb.InspectOutcome(health=pb.PIPELINE_HEALTH_UNKNOWN, time_zone="UTC")


@given(st.lists(st.tuples(st.integers(0, 10**6), st.booleans(), st.integers(0, 100)), max_size=8))
def test_scores_and_worklists_follow_from_the_deals(drawn: Sequence[tuple[int, bool, int]]) -> None:
    """Against a plain computation: the weighted mean, the sum at risk, the order."""
    deals = [deal(f"d{index}", units=units) for index, (units, _, _) in enumerate(drawn)]
    hits = [
        (rule(f"r{index}", penalty=penalty), index)
        for index, (_, bad, penalty) in enumerate(drawn)
        if bad
    ]
    outcome = inspected(pipeline(*deals), build.fired(*hits))
    whole = sum(units for units, _, _ in drawn)
    kept = sum(units * (100 - penalty * bad) for units, bad, penalty in drawn)
    if whole:
        assert outcome.score == int(Fraction(kept, whole) + Fraction(1, 2))
    assert sum(each.units for each in outcome.money_at_risk) == sum(
        units for units, bad, _ in drawn if bad
    )
    order = sorted(
        (-units, 100 - penalty, f"d{index}")
        for index, (units, bad, penalty) in enumerate(drawn)
        if bad
    )
    assert list(outcome.worklist) == [name for _, _, name in order]


MONEY = "currency_code: 'EUR' units"
FUTURE = "{ seconds: 1800000000 }"
ONE = "opportunity { id: 'a' stage_name: 'New' }"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("id: ''", ["id"]),
        ("currency_code: 'EURO'", ["currency_code"]),
        ("deals { }", ["deals[0].opportunity.id", "deals[0].opportunity.stage_name"]),
        (f"deals {{ {ONE} }} deals {{ {ONE} }}", ["deals[1].opportunity.id"]),
        (
            "deals { opportunity { id: 'a' stage_name: 'Won' } }",
            ["deals[0].opportunity.stage_name"],
        ),
        (
            f"deals {{ {ONE} opportunity {{ amount {{ {MONEY}: -1 }} probability: 101 }} }}",
            ["deals[0].opportunity.amount", "deals[0].opportunity.probability"],
        ),
        (
            f"deals {{ {ONE} opportunity {{ amount {{ {MONEY}: 100000000000001 }} }} }}",
            ["deals[0].opportunity.amount"],
        ),
        (
            (
                f"deals {{ {ONE} opportunity {{ created_at {FUTURE} history {{ }} }}"
                f" last_activity_at {FUTURE} imported_at {FUTURE} }}"
            ),
            [
                "deals[0].opportunity.created_at",
                "deals[0].opportunity.history[0].stage_name",
                "deals[0].opportunity.history[0].at",
                "deals[0].last_activity_at",
                "deals[0].imported_at",
            ],
        ),
        (f"deals {{ {ONE} measures {{ }} }}", ["deals[0].measures"]),
        (
            f"deals {{ {ONE} close_date_changes {{ at {FUTURE} }} amount_changes {{ }} }}",
            [
                "deals[0].close_date_changes[0].from",
                "deals[0].close_date_changes[0].to",
                "deals[0].close_date_changes[0].at",
                "deals[0].amount_changes[0].from",
                "deals[0].amount_changes[0].to",
            ],
        ),
        (
            (
                f"deals {{ {ONE} amount_changes {{ from {{ {MONEY}: -1 }}"
                " to { currency_code: 'USD' units: -1 } } }"
            ),
            [
                "deals[0].amount_changes[0].from",
                "deals[0].amount_changes[0].to",
                "deals[0].amount_changes[0].to",
            ],
        ),
        (
            "average_cycle_days: 0 stage_durations { } stage_durations { stage_name: 'New' }",
            [
                "stage_durations[0].stage_name",
                "stage_durations[0].average_days",
                "stage_durations[1].average_days",
                "average_cycle_days",
            ],
        ),
        (
            "snoozes { opportunity_id: 'x' code: 'LATE' }",
            ["snoozes[0].until", "snoozes[0].opportunity_id", "snoozes[0].code"],
        ),
        ("snoozes { }", ["snoozes[0].code", "snoozes[0].until", "snoozes[0].opportunity_id"]),
    ],
)
def test_bad_facts_are_refused_field_by_field(more: str, expected: list[str]) -> None:
    """Missing, contradictory, out of range, in the future, twice, in another currency, computed."""
    parameters = InspectParameters.model_validate(PARAMETERS)
    found = INSPECT.check(pipeline(more=more), parameters, build.AS_OF)
    assert sorted(each.field for each in found) == sorted(expected)


def test_bounds_on_what_one_question_may_hold() -> None:
    """All other callers wait while one question is judged."""
    parameters = InspectParameters.model_validate(PARAMETERS)
    many = pipeline(*(deal(str(number)) for number in range(1001)))
    assert [each.field for each in INSPECT.check(many, parameters, build.AS_OF)] == ["deals"]
    change = pb.AmountChange()
    getattr(change, "from").CopyFrom(deal("a", units=1).opportunity.amount)
    change.to.CopyFrom(deal("a", units=1).opportunity.amount)
    busy = deal("a")
    busy.amount_changes.extend([change] * 1001)
    found = INSPECT.check(pipeline(busy), parameters, build.AS_OF)
    assert [each.field for each in found] == ["deals[0].amount_changes"]


@pytest.mark.parametrize(
    "wrong",
    [{"health": {"green": 60, "yellow": 60}}, {"closed_stages": ["New"]}],
)
def test_bad_parameters_are_refused(wrong: dict[str, object]) -> None:
    """Bounds in order, and no stage twice."""
    with pytest.raises(ValueError, match=r"yellow: must be|stages: two"):
        InspectParameters.model_validate({**PARAMETERS, **wrong})
