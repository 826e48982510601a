"""Claims about what changed between two forecasts, and about deals that contradict themselves."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.forecast import FORECAST
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import forecast_pb2 as pb
from dealgate.v1.opportunity_pb2 import ForecastCategory, Opportunity
from tests.kinds import build
from tests.kinds.forecasting import (
    AS_OF,
    PARAMETERS,
    deal,
    eur,
    forecast,
    line,
    quarter,
)

KINDS = pb.ForecastMovementKind
STAGES = ("New", "Trial", "Offer", "Won", "Lost")


def since(before: pb.ForecastOutcome, deals: list[Opportunity]) -> pb.ForecastOutcome:
    """Return a forecast that is told what an earlier one said of its deals."""
    previous = pb.ForecastSnapshot(deals=before.deals)
    return forecast(quarter(deals, currency_code="EUR", previous=previous))


def sums(outcome: pb.ForecastOutcome) -> dict[str, int]:
    """Return the sums in whole euros by the end of their kind."""
    return {
        KINDS.Name(one.kind).removeprefix("FORECAST_MOVEMENT_KIND_"): one.amount.units
        for one in outcome.waterfall.sums
    }


def test_each_change_is_told_by_its_name() -> None:
    """Entered, left, grew, slipped and won: from 1,000 to 940, and nothing is lost between."""
    before = forecast(
        quarter(
            [
                deal("same", "New", 100),
                deal("grew", "New", 100),
                deal("shrank", "Offer", 100),
                deal("slipped", "New", 100),
                deal("pulled", "New", 55, closes=200),
                deal("left", "Trial", 100),
                deal("won", "Offer", 300),
                deal("lost", "New", 200),
                deal("back", "Lost", 40),
            ]
        )
    )
    won = deal("won", "Won", 350, closes=-1)
    after = since(
        before,
        [
            deal("same", "Trial", 100),
            deal("grew", "New", 250),
            deal("shrank", "Offer", 75),
            deal("slipped", "New", 999, closes=100),
            deal("pulled", "New", 55),
            won,
            deal("lost", "Lost", 200),
            deal("new", "New", 400),
            deal("back", "New", 60),
            deal("fresh", "Won", 25, closes=0),
        ],
    )
    assert sums(after) == {
        "ENTERED": 400 + 25,
        "PULLED_IN": 55,
        "REOPENED": 60,
        "GREW": 150 + 50,
        "SHRANK": -25,
        "WON": -350 - 25,
        "LOST": -200,
        "SLIPPED": -100,
        "LEFT": -100,
    }
    assert (after.waterfall.opening, after.waterfall.closing) == (eur(1000), eur(940))
    assert after.waterfall.balanced
    assert after.categories.open_pipeline == after.waterfall.closing


@st.composite
def snapshots(draw: st.DrawFn) -> list[list[Opportunity]]:
    """Draw the deals of three forecasts, of which any may come, go and change."""
    found = []
    for _ in range(3):
        deals = []
        for name in draw(st.sets(st.sampled_from("abcdef"))):
            stage = draw(st.sampled_from(STAGES))
            closes = draw(st.integers(-30, 0) if stage == "Won" else st.integers(-60, 120))
            one = deal(name, stage, 0, closes=closes)
            one.amount.CopyFrom(from_minor(draw(st.integers(0, 10**7)), "EUR"))
            if draw(st.integers(0, 5)) == 0:
                one.ClearField("close_date")
            if draw(st.integers(0, 5)) == 0:
                one.ClearField("amount")
            deals.append(one)
        found.append(deals)
    return found


@given(snapshots())
def test_opening_and_all_movements_are_closing(drawn: list[list[Opportunity]]) -> None:
    """To the cent, whatever came, went or changed; and one closing is the next opening."""
    outcomes = [forecast(quarter(drawn[0], currency_code="EUR"))]
    for deals in drawn[1:]:
        outcomes.append(since(outcomes[-1], deals))
    for before, after in pairwise(outcomes):
        found = after.waterfall
        movements = sum(to_minor(one.amount) for one in found.movements)
        assert to_minor(found.opening) + movements == to_minor(found.closing)
        assert sum(to_minor(one.amount) for one in found.sums) == movements
        assert found.balanced
        assert found.opening == before.categories.open_pipeline
        assert found.closing == after.categories.open_pipeline


@given(snapshots())
def test_the_other_way_round_is_the_opposite(drawn: list[list[Opportunity]]) -> None:
    """What the open pipeline gained one way it loses the other, deal by deal."""
    first, second = (forecast(quarter(deals, currency_code="EUR")) for deals in drawn[:2])
    forth, back = since(first, drawn[1]), since(second, drawn[0])

    def by_deal(outcome: pb.ForecastOutcome) -> dict[str, int]:
        found: dict[str, int] = {}
        for one in outcome.waterfall.movements:
            amount = to_minor(one.amount)
            found[one.opportunity_id] = found.get(one.opportunity_id, 0) + amount
        return {name: amount for name, amount in found.items() if amount}

    assert by_deal(forth) == {name: -amount for name, amount in by_deal(back).items()}


def test_a_deal_that_was_won_elsewhen_is_in_no_sum() -> None:
    """Findings F1: it is outside of the period, and not booked."""
    outcome = forecast(quarter([deal("a", "Won", 100, closes=-60), deal("b", "Won", 50, closes=0)]))
    assert [one.left_out for one in outcome.deals] == ["OUTSIDE_PERIOD", "BOOKED"]
    assert outcome.categories.closed == eur(50)
    assert line(outcome, "run_rate").amount.units < 200


@pytest.mark.parametrize(
    ("stage", "closes", "category", "field"),
    [
        ("Won", 1, "UNSPECIFIED", "close_date"),
        ("Won", 0, "UNSPECIFIED", ""),
        ("Lost", 1, "UNSPECIFIED", ""),
        ("New", 1, "CLOSED", "forecast_category"),
        ("", 1, "CLOSED", "forecast_category"),
        ("Won", 0, "CLOSED", ""),
    ],
)
def test_deals_that_contradict_themselves(
    stage: str, closes: int, category: str, field: str
) -> None:
    """Findings F1: won after as_of, or closed and open at once; both counted, or nowhere."""
    one = deal("a", stage, 10, closes=closes)
    one.forecast_category = ForecastCategory.Value(f"FORECAST_CATEGORY_{category}")
    parameters = build.ruleset(FORECAST, [], PARAMETERS).parameters
    found = FORECAST.check(quarter([one]), parameters, AS_OF)
    assert [each.field for each in found] == ([f"opportunities[0].{field}"] if field else [])


def test_an_earlier_answer_is_checked() -> None:
    """It is in the same currency, each deal once, and one that counts has an amount."""
    facts = quarter([deal("a", "New", 10)])
    facts.previous.deals.add(opportunity_id="a", amount=from_minor(1, "USD"))
    facts.previous.deals.add(opportunity_id="a")
    facts.rates.add(currency_code="EUR").rate.value = "2"
    found = FORECAST.check(facts, build.ruleset(FORECAST, [], PARAMETERS).parameters, AS_OF)
    assert [one.field for one in found] == [
        "rates[0].rate",
        "previous.deals[1].opportunity_id",
        "previous.deals[0].amount",
        "previous.deals[1].amount",
    ]


def test_amounts_may_be_large_but_not_their_sums() -> None:
    """Findings N1: a rate times an amount stays within 64 bits, in however many deals."""
    facts = quarter([deal(f"d{n}", "New", 10**10) for n in range(2)], currency_code="USD")
    facts.rates.add(currency_code="EUR").rate.value = "1000000"
    found = FORECAST.check(facts, build.ruleset(FORECAST, [], PARAMETERS).parameters, AS_OF)
    assert [one.field for one in found] == ["opportunities"]
