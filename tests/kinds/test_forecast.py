"""Claims about forecasts: rollups, methods, what is left out, and what nobody knows."""

import pytest
from google.type.decimal_pb2 import Decimal

from dealgate.kinds.forecast import FORECAST
from dealgate.kinds.forecast.terms import ForecastEffect, ForecastParameters
from dealgate.model.decision import Evidence, Failed
from dealgate.model.errors import RulesFailed
from dealgate.v1 import forecast_pb2 as pb
from dealgate.v1.opportunity_pb2 import ForecastCategory
from tests.kinds import build
from tests.kinds.forecasting import (
    AS_OF,
    PARAMETERS,
    deal,
    eur,
    forecast,
    line,
    past,
    quarter,
    rule,
)

NOTHING = ForecastCategory.FORECAST_CATEGORY_UNSPECIFIED


def test_categories_roll_up_as_salesforce_says() -> None:
    """Vector fc-rollup (ForecastingSubmissionItem): open 200; with what is closed 110, 60, 30."""
    deals = [
        deal("p", "New", 100),
        deal("b", "Trial", 50),
        deal("m", "Likely", 30),
        deal("c", "Offer", 20),
        deal("o", "Lost", 999),
    ]
    found = forecast(quarter(deals, booked=eur(10))).categories
    assert found.open_pipeline == eur(200)
    assert found.best_case_forecast == eur(110)
    assert found.most_likely_forecast == eur(60)
    assert found.commit_forecast == eur(30)


def test_omitted_by_hand_counts_in_no_method_by_date() -> None:
    """A seller who omits a deal takes it out of the weighted pipeline and of every category."""
    omitted = deal("a", "Offer", 1000)
    omitted.forecast_category = ForecastCategory.FORECAST_CATEGORY_OMITTED
    outcome = forecast(quarter([omitted], booked=eur(1)))
    assert line(outcome, "stage_weighted").amount == eur(1)
    assert outcome.categories.open_pipeline == eur(0)
    assert outcome.deals[0].left_out == "OMITTED"


def test_without_booked_nothing_is_made_up() -> None:
    """Unknown is not 0: no method, no interval, no coverage, and the reason in words."""
    outcome = forecast(quarter([deal("a", "Offer", 1000)], quota=eur(500)))
    assert not any(each.HasField("amount") for each in outcome.lines)
    assert line(outcome, "commit").unknown_because == "what was booked is not known"
    assert not outcome.HasField("headline")
    assert not outcome.HasField("interval")
    assert not outcome.HasField("coverage")
    assert outcome.verdict == pb.FORECAST_VERDICT_UNKNOWN
    assert outcome.categories.open_pipeline == eur(1000)


def test_without_a_quota_there_is_a_forecast_and_no_verdict() -> None:
    """How it stands beside a quota needs one."""
    outcome = forecast(quarter(booked=eur(5)))
    assert (outcome.verdict, outcome.headline) == (pb.FORECAST_VERDICT_UNKNOWN, eur(5))
    assert not outcome.HasField("gap")


def test_an_empty_question_knows_no_currency_and_says_nothing() -> None:
    """No amount, no currency, no number."""
    outcome = forecast(quarter())
    assert outcome.currency_code == ""
    assert not outcome.HasField("categories")


def test_won_deals_are_what_was_booked() -> None:
    """Deals that were won in the period are summed; those of other periods are not."""
    won, earlier = deal("a", "Won", 700, closes=-10), deal("b", "Won", 90, closes=-40)
    assert forecast(quarter([won, earlier])).headline == eur(700)
    nameless = deal("c", "Won", 0, closes=-1)
    nameless.ClearField("amount")
    assert not forecast(quarter([won, nameless])).HasField("headline")


def test_run_rate_goes_by_business_days() -> None:
    """23 of 66 business days have passed on 31 July."""
    outcome = forecast(quarter(booked=eur(2300)))
    assert line(outcome, "run_rate").amount == eur(6600)
    assert (outcome.business_days, outcome.business_days_left) == (66, 43)


def test_before_the_period_there_is_no_run_rate() -> None:
    """Nothing has passed yet, so nothing can be carried on."""
    facts = quarter(booked=eur(0))
    facts.period_start.month, facts.period_start.day = 8, 3
    outcome = forecast(facts)
    assert line(outcome, "run_rate").unknown_because == "no business day of the period has passed"
    assert outcome.business_days_left == outcome.business_days == 43


def test_other_currencies_are_converted_exactly_and_rounded_once() -> None:
    """Three deals of a third of a cent each are one cent, not none."""
    deals = [deal(name, "Won", 0, closes=-1) for name in "abc"]
    for each in deals:
        each.amount.currency_code, each.amount.units = "JPY", 1
    facts = quarter(deals, currency_code="EUR")
    facts.rates.add(currency_code="JPY", rate=Decimal(value="0.003333333333"))
    headline = forecast(facts).headline
    assert (headline.currency_code, headline.units, headline.nanos) == ("EUR", 0, 10_000_000)


def test_chances_by_age_follow_from_earlier_deals() -> None:
    """Half of those that became 20 days old were won that day: a deal of 10 days is worth half."""
    history = [past(200, 20, won=True, units=10), past(200, 20)]
    outcome = forecast(quarter([deal("a", "New", 1000, opened=10, closes=300)], history=history))
    assert outcome.age_aware.open_component == eur(500)
    assert outcome.deals[0].age_probability.value == "0.5"
    assert outcome.deals[0].left_out == "OUTSIDE_PERIOD"


def test_what_a_period_creates_and_closes_itself_is_the_mean_of_earlier_ones() -> None:
    """Of two whole periods before, one created and won 300 after its 31st day, the other 100."""
    history = [
        past(215, 0),
        past(100, 10, won=True, units=300),
        past(91, 20, won=True, units=300),
        past(180, 5, won=True, units=100),
    ]
    outcome = forecast(quarter(booked=eur(1000), history=history), headline="age_aware")
    assert outcome.age_aware.periods == 2
    assert outcome.age_aware.created_and_closed == eur(200)
    assert outcome.headline == eur(1200)


def test_a_won_deal_without_an_amount_makes_that_line_unknown() -> None:
    """A sum with a part missing would be too low."""
    history = [past(215, 0), past(91, 20, won=True)]
    outcome = forecast(quarter(booked=eur(1), history=history))
    assert not outcome.age_aware.HasField("created_and_closed")
    assert "no whole period" in line(outcome, "age_aware").unknown_because


def test_a_rule_may_leave_a_deal_out_by_date_or_everywhere() -> None:
    """A stale close date says nothing about age; a dead deal counts for nothing at all."""
    history = [past(200, 20, won=True, units=10), past(200, 20)]
    deals = [deal("a", "Offer", 1000), deal("b", "Offer", 1000)]
    dated, dead = rule("dated", exclude="PAST"), rule("dead", exclude="STALE", everywhere=True)
    evidence = build.fired((dated, 0), (dead, 1))
    outcome = forecast(quarter(deals, booked=eur(0), history=history), evidence)
    assert [each.left_out for each in outcome.deals] == ["PAST", "STALE"]
    assert outcome.age_aware.open_component == eur(500)
    assert line(outcome, "stage_weighted").amount == eur(0)


def test_rules_set_category_and_probability_and_warn() -> None:
    """The first rule of each sort holds, and every rule that spoke is named with the deal."""
    claims = [
        (rule("likely", category="most_likely"), 0),
        (rule("commit", category="commit"), 0),
        (rule("sure", probability="90"), 0),
        (rule("look", warn="LOOK"), 0),
    ]
    found = forecast(quarter([deal("a", "New", 1000)], booked=eur(0)), build.fired(*claims))
    assert found.categories.most_likely == eur(1000)
    assert line(found, "stage_weighted").amount == eur(900)
    assert found.deals[0].rule_ids == ["likely", "commit", "sure", "look"]
    assert [(w.code, list(w.opportunity_ids)) for w in found.warnings] == [("LOOK", ["a"])]


def test_an_undecided_claim_about_deals_makes_it_provisional() -> None:
    """Until the fact is there the deal counts; a warning that waits changes no number."""
    facts = quarter([deal("a", "New", 1000)], booked=eur(0))
    waits = build.undecided(rule("a", exclude="X"), "opportunities[0].type", elements=(0,))
    assert forecast(facts, Evidence(undecided=[waits])).provisional
    warns = build.undecided(rule("b", warn="X"), "opportunities[0].type", elements=(0,))
    assert not forecast(facts, Evidence(undecided=[warns])).provisional


def test_a_rule_that_went_wrong_leaves_no_forecast() -> None:
    """Nor does one that claims about deals but judged another list."""
    failed = Evidence(failed=[Failed(rule("ratio", exclude="X"), "divide by zero")])
    with pytest.raises(RulesFailed, match="ratio"):
        forecast(quarter(), failed)
    with pytest.raises(RulesFailed, match="not judged over opportunities"):
        forecast(quarter(), build.fired(rule("all", over="", exclude="X")))


def test_submitted_forecasts_are_shown_and_change_nothing() -> None:
    """What people say stands beside what is computed."""
    plain = forecast(quarter(booked=eur(5)))
    said = forecast(
        quarter(
            booked=eur(5),
            submitted=[pb.SubmittedForecast(submitted_by="ann", amount=eur(9), adjustment=eur(-1))],
        )
    )
    assert said.submitted[0].amount == eur(9)
    assert said.lines == plain.lines


def broken(more: str, **fields: object) -> list[str]:
    """Return the fields that are refused."""
    facts = quarter([], more, **fields)
    parameters = ForecastParameters.model_validate(PARAMETERS)
    return [each.field for each in FORECAST.check(facts, parameters, AS_OF)]


MONEY = "currency_code: 'EUR' units"
FUTURE = "{ seconds: 1800000000 }"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("id: ''", ["id"]),
        ("period_end { month: 6 }", ["period_end"]),
        ("period_end { year: 2030 }", ["period_end"]),
        (f"quota {{ {MONEY}: 0 }}", ["quota"]),
        (f"quota {{ {MONEY}: -1 }}", ["quota"]),
        (f"booked {{ {MONEY}: 100000000000001 }}", ["booked"]),
        ("currency_code: 'EURO'", ["currency_code"]),
        ("opportunities { }", ["opportunities[0].id"]),
        ("opportunities { id: 'a' } opportunities { id: 'a' }", ["opportunities[1].id"]),
        (f"opportunities {{ id: 'a' amount {{ {MONEY}: -1 }} }}", ["opportunities[0].amount"]),
        ("opportunities { id: 'a' stage_name: 'Nowhere' }", ["opportunities[0].stage_name"]),
        ("opportunities { id: 'a' probability: 101 }", ["opportunities[0].probability"]),
        (
            f"opportunities {{ id: 'a' created_at {FUTURE} closed_at {{ seconds: 1 }} }}",
            ["opportunities[0].created_at", "opportunities[0].created_at"],
        ),
        (
            f"booked {{ {MONEY}: 1 }} opportunities {{ id: 'a' stage_name: 'Won' }}",
            ["booked"],
        ),
        ("history { }", ["history[0].opened_on"]),
        (
            (
                "history { opened_on { year: 2026 month: 5 day: 2 }"
                " closed_on { year: 2026 month: 5 day: 1 } }"
            ),
            ["history[0].won"],
        ),
        (
            (
                "history { opened_on { year: 2026 month: 5 day: 2 }"
                " closed_on { year: 2026 month: 5 day: 1 } won: true }"
            ),
            ["history[0].closed_on"],
        ),
        ("history { opened_on { year: 2026 month: 8 day: 1 } }", ["history[0].opened_on"]),
        (
            "history { opened_on { year: 2026 month: 5 day: 2 } won: true }",
            ["history[0].closed_on"],
        ),
        (
            "stage_rates { stage_name: 'New' closed: 3 won: 4 } stage_rates { stage_name: 'New' }",
            [
                "stage_rates[1].stage_name",
                "stage_rates[0].won",
                "stage_rates[1].closed",
                "stage_rates[1].won",
            ],
        ),
        (
            "submitted { }",
            ["submitted[0].submitted_by", "submitted[0].amount"],
        ),
        (
            "rates { currency_code: 'USD' rate { value: '0' } } rates { currency_code: 'X' }",
            ["rates[0].rate", "rates[1].currency_code", "rates[1].rate"],
        ),
        ("period_end { day: 31 }", ["period_end"]),
    ],
)
def test_bad_facts_are_refused_field_by_field(more: str, expected: list[str]) -> None:
    """Missing, contradictory, out of range, in the future, twice, in another currency."""
    assert broken(more) == expected


def test_more_deals_than_can_be_thrown_for_are_refused() -> None:
    """All other callers wait while one question is computed."""
    deals = [deal(str(number), "New", 1) for number in range(3001)]
    parameters = ForecastParameters.model_validate(PARAMETERS)
    found = FORECAST.check(quarter(deals), parameters, AS_OF)
    assert [each.field for each in found] == ["opportunities"]


@pytest.mark.parametrize(
    "effect",
    [{}, {"exclude": "A", "warn": "B"}, {"warn": "A", "everywhere": True}, {"probability": 101}],
)
def test_bad_effects_are_refused(effect: dict[str, object]) -> None:
    """An effect makes one claim, and makes it completely."""
    with pytest.raises(ValueError, match=r"claim one|belongs to|less than"):
        ForecastEffect.model_validate(effect)


@pytest.mark.parametrize(
    "stages", [PARAMETERS["stages"][:4], [*PARAMETERS["stages"], PARAMETERS["stages"][0]]]
)
def test_a_pipeline_has_a_won_stage_and_no_name_twice(stages: list[object]) -> None:
    """Otherwise nobody could tell what was booked."""
    with pytest.raises(ValueError, match="stages: "):
        ForecastParameters.model_validate({**PARAMETERS, "stages": stages})
