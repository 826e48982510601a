"""Laws of forecasts: chances by age against a naive count, sums, and trials that repeat."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.forecast.amounts import ledger
from dealgate.kinds.forecast.history import created_and_closed, earlier
from dealgate.kinds.forecast.lifetable import Life, LifeTable
from dealgate.kinds.forecast.period import Period
from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model.business_time import ordinal, workdays
from dealgate.model.days import day_number
from dealgate.model.money import to_minor
from dealgate.v1 import forecast_pb2 as pb
from tests.kinds.forecasting import AS_OF, PARAMETERS, deal, eur, forecast, line, past, quarter

LIVES = st.lists(st.tuples(st.integers(0, 30), st.sampled_from([True, False, None])))
TERMS = ForecastParameters.model_validate(PARAMETERS)
STAGES = [stage["name"] for stage in PARAMETERS["stages"] if "closed" not in stage]
DEALS = st.lists(
    st.builds(
        deal,
        st.text("abcdefgh", min_size=1, max_size=3),
        st.sampled_from(STAGES),
        st.integers(0, 10**6),
        st.integers(0, 200),
        st.integers(-40, 80),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)
HISTORY = st.lists(
    st.tuples(st.integers(100, 400), st.integers(0, 99), st.booleans()).map(
        lambda drawn: past(drawn[0], drawn[1], won=drawn[2], units=100)
    ),
    max_size=12,
)


def naive(lives: Sequence[Life], age: int, first: int, last: int) -> float:
    """Return the chance by walking one deal from day to day."""
    still_open, won = 1.0, 0.0
    for day in range(age + 1, age + last + 1):
        at_risk = sum(ended >= day for ended, _ in lives)
        if not at_risk:
            break
        today = [is_won for ended, is_won in lives if ended == day]
        if day >= age + first:
            won += still_open * today.count(True) / at_risk
        still_open *= 1 - (today.count(True) + today.count(False)) / at_risk
    return won


@given(LIVES, st.integers(0, 30), st.integers(1, 10), st.integers(0, 40))
def test_chances_are_what_a_walk_from_day_to_day_says(
    lives: list[Life], age: int, first: int, last: int
) -> None:
    """The table equals the definition; a deal that is open now has been so all along."""
    lives = [*lives, (age, None)]
    found = LifeTable(lives).chance(age, first, last)
    assert float(found) == pytest.approx(naive(lives, age, first, last), abs=1e-9)


@given(LIVES, st.integers(0, 30))
def test_chances_are_probabilities_and_grow_with_the_window(lives: list[Life], age: int) -> None:
    """From 0 to 1, and never less for a longer window."""
    table = LifeTable([*lives, (age, None)])
    chances = [table.chance(age, 1, last) for last in range(40)]
    assert chances == sorted(chances)
    assert 0 <= chances[0] <= chances[-1] <= 1


def test_ages_at_which_nothing_ends_cost_nothing() -> None:
    """A deal that was open for a billion days is one more row."""
    lives = [(5, True), (5, False), (10**9, None)]
    assert LifeTable(lives).chance(0, 1, 10**8) == Fraction(333333333333, 10**12)


@given(HISTORY, st.integers(1, 40))
def test_earlier_periods_are_counted_as_one_by_one(history: list[pb.PastDeal], days: int) -> None:
    """Each holds what was won in it, of what was created after this day of it."""
    seen = Period(ordinal(AS_OF) - 10, ordinal(AS_OF) - 10 + days - 1, ordinal(AS_OF))
    facts = quarter(history=history, currency_code="EUR")
    began = min((day_number(deal.opened_on) for deal in history), default=seen.start)
    expected = []
    for back in range(days, seen.start - began + 1, days):
        won = [
            deal
            for deal in history
            if deal.won
            and seen.start - back <= day_number(deal.closed_on) <= seen.end - back
            and day_number(deal.opened_on) > seen.today - back
        ]
        expected.append(sum((Fraction(to_minor(deal.amount)) for deal in won), Fraction(0)))
    assert created_and_closed(earlier(facts.history), seen, ledger(facts, TERMS)) == (
        expected or None
    )


@given(DEALS, HISTORY, st.integers(0, 10**6))
def test_the_order_of_deals_does_not_matter(
    deals: list[object], history: list[pb.PastDeal], booked: int
) -> None:
    """The same lines, parts and interval, whoever comes first."""
    one = forecast(quarter(deals, booked=eur(booked), history=history), headline="age_aware")  # type: ignore[arg-type]  # drawn
    other = forecast(
        quarter(deals[::-1], booked=eur(booked), history=history),  # type: ignore[arg-type]  # drawn
        headline="age_aware",
    )
    assert one.lines == other.lines
    assert one.interval == other.interval
    assert one.age_aware == other.age_aware


@given(DEALS, st.integers(0, 10**6))
def test_methods_stay_in_their_bounds(deals: list[object], booked: int) -> None:
    """Commit is at most best case; no method is below what was booked or above all there is."""
    outcome = forecast(quarter(deals, booked=eur(booked)))  # type: ignore[arg-type]  # drawn
    amounts = [
        to_minor(line(outcome, name).amount) for name in ("commit", "most_likely", "best_case")
    ]
    assert amounts == sorted(amounts)
    everything = booked * 100 + to_minor(outcome.categories.open_pipeline)
    assert booked * 100 <= to_minor(line(outcome, "stage_weighted").amount) <= everything
    found = outcome.interval
    ranks = [to_minor(each) for each in (found.p10, found.p50, found.p90)]
    assert [booked * 100, *ranks, everything] == sorted([booked * 100, *ranks, everything])


@given(DEALS)
def test_a_sure_deal_is_worth_itself_and_an_impossible_one_nothing(deals: list[object]) -> None:
    """At 100 % the weighted pipeline is the pipeline, at 0 % it is nothing."""
    for percent in (0, 100):
        stages = [
            {**each, "probability": percent} if "closed" not in each else each
            for each in PARAMETERS["stages"]
        ]
        outcome = forecast(quarter(deals, booked=eur(0)), stages=stages)  # type: ignore[arg-type]  # drawn
        whole = to_minor(outcome.categories.open_pipeline)
        assert to_minor(line(outcome, "stage_weighted").amount) == whole * percent // 100
        assert to_minor(outcome.interval.p50) == whole * percent // 100


@given(st.integers(1, 800_000), st.integers(-10, 60))
def test_workdays_are_counted_as_one_by_one(first: int, days: int) -> None:
    """Monday to Friday, both ends included; a span that ends before it begins has none."""
    counted = sum((each - 1) % 7 < 5 for each in range(first, first + days + 1))
    assert workdays(first, first + days) == counted


def test_half_of_nothing_is_no_chance() -> None:
    """Nobody ever became that old, so nothing is known to happen then."""
    assert LifeTable([]).chance(5, 1, 10) == Fraction(0)
