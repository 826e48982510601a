"""Claims about forecasts by pipeline and by currency, and about the days they are made of."""

import datetime as dt

import pytest
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.forecast import FORECAST
from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model.decision import Evidence
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import forecast_pb2 as pb
from dealgate.v1.exchange_pb2 import ExchangeRate, ExchangeRates
from dealgate.v1.opportunity_pb2 import Opportunity
from tests.kinds import build
from tests.kinds.forecasting import AS_OF, PARAMETERS, deal, eur, forecast, past, quarter

OTHERS = [
    {"name": "New", "probability": 40, "forecast_category": "commit"},
    {"name": "Won", "probability": 100, "forecast_category": "closed", "closed": "won"},
    {"name": "Lost", "probability": 0, "forecast_category": "omitted", "closed": "lost"},
]
WAYS = {
    "stages": [],
    "pipelines": {
        "direct": {"stages": PARAMETERS["stages"]},
        "renewal": {"types": ["renewal"], "stages": OTHERS},
    },
}
TO_EUR = ExchangeRates(
    base_currency_code="EUR",
    day=Date(year=2026, month=7, day=30),
    source="ECB",
    rates=[ExchangeRate(currency_code="USD", rate=Decimal(value="1.25"))],
)


def known(facts: pb.ForecastFacts, **parameters: object) -> pb.ForecastOutcome:
    """Check, derive and conclude, as a server does."""
    ruleset = build.ruleset(FORECAST, [], {**PARAMETERS, **parameters})
    assert FORECAST.check(facts, ruleset.parameters, AS_OF) == []
    told = FORECAST.known(facts, ruleset.parameters, AS_OF)
    outcome = FORECAST.conclude(told, ruleset, Evidence(), AS_OF).outcome
    assert isinstance(outcome, pb.ForecastOutcome)
    return outcome


def usd(name: str, stage: str, units: int, closes: int = 30) -> Opportunity:
    """Return a deal in dollars."""
    found = deal(name, stage, units, closes=closes)
    found.amount.currency_code = "USD"
    return found


def test_a_stage_counts_as_its_pipeline_says() -> None:
    """Both have a stage New; the deal's pipeline says which one it is in."""
    direct, renewal = deal("a", "New", 100), deal("b", "New", 100)
    renewal.pipeline = "renewal"
    outcome = known(quarter([direct, renewal]), **WAYS)

    assert [one.stage_probability.value for one in outcome.deals] == ["0.1", "0.4"]
    assert outcome.categories.pipeline == outcome.categories.commit == eur(100)
    assert [(part.pipeline, part.open_weighted) for part in outcome.parts] == [
        ("direct", eur(10)),
        ("renewal", eur(40)),
    ]


@given(st.permutations(range(4)))
def test_no_deals_place_in_the_list_decides(order: list[int]) -> None:
    """Kind of L-07: the currency is told, or the only one without a rate; sums stay the same."""
    deals = [
        deal("a", "Offer", 10),
        usd("b", "Offer", 20),
        usd("c", "New", 30),
        deal("d", "New", 1),
    ]
    first, now = known(quarter(deals)), known(quarter([deals[index] for index in order]))

    assert now.currency_code == first.currency_code == ""
    assert list(now.parts) == list(first.parts)
    assert [part.currency_code for part in now.parts] == ["EUR", "USD"]


def test_the_only_currency_that_has_no_rate_is_that_of_the_forecast() -> None:
    """Rates say how much of it one unit of another is worth."""
    facts = quarter([usd("b", "Offer", 20), deal("a", "Offer", 10)])
    facts.rates.add(currency_code="USD", rate=Decimal(value="0.5"))
    outcome = known(facts)

    assert outcome.currency_code == "EUR"
    assert outcome.categories.open_pipeline == eur(20)


def test_amounts_are_converted_by_the_rates_of_a_day_and_each_is_told() -> None:
    """20 dollars at 1.25 for a euro are 16 euros (L-06, L-07)."""
    outcome = known(quarter([usd("a", "Offer", 20)], exchange_rates=TO_EUR, currency_code="EUR"))

    assert outcome.categories.open_pipeline == eur(16)
    (told,) = outcome.conversions
    assert (told.field, told.to, told.source) == ("opportunities[0].amount", eur(16), "ECB")
    assert not outcome.parts


def test_the_questions_own_rates_go_before_those_of_the_day() -> None:
    """Whoever forecasts by budget rates says so."""
    facts = quarter([usd("a", "Offer", 20)], exchange_rates=TO_EUR, currency_code="EUR")
    facts.rates.add(currency_code="USD", rate=Decimal(value="0.9"))
    assert known(facts).categories.open_pipeline == eur(18)
    assert not known(facts).conversions


def test_what_people_and_earlier_answers_said_stays_as_it_was_said() -> None:
    """A submitted amount is a quotation."""
    facts = quarter([usd("a", "Offer", 20)], exchange_rates=TO_EUR, currency_code="EUR")
    facts.submitted.add(submitted_by="ann", amount=Money(currency_code="USD", units=7))
    assert known(facts).submitted[0].amount == Money(currency_code="USD", units=7)


def test_without_a_rate_nothing_is_refused_and_nothing_is_lost() -> None:
    """Each deal is in one part; quota, booked and history in another currency are named."""
    facts = quarter(
        [usd("a", "Offer", 20), deal("b", "Offer", 10), usd("c", "Won", 5, closes=-1)],
        quota=Money(currency_code="GBP", units=9),
        currency_code="EUR",
        history=[past(100, 5, won=True, units=3)],
    )
    facts.history[0].amount.currency_code = "USD"
    outcome = known(facts)

    assert [one.left_out for one in outcome.deals] == ["OTHER_CURRENCY", "", "OTHER_CURRENCY"]
    assert sum(part.deals for part in outcome.parts) == len(outcome.deals)
    assert outcome.parts[1].booked == Money(currency_code="USD", units=5)
    assert {"DEALS_IN_OTHER_CURRENCIES", "QUOTA_NOT_CONVERTED", "HISTORY_NOT_CONVERTED"} <= {
        warning.code for warning in outcome.warnings
    }
    assert outcome.verdict == pb.FORECAST_VERDICT_UNKNOWN


AMOUNTS = st.lists(
    st.tuples(
        st.sampled_from(["direct", "renewal"]), st.sampled_from(["New", "Won"]), st.integers(0, 999)
    ),
    max_size=8,
)


@given(AMOUNTS)
def test_parts_in_one_currency_add_up_to_the_whole(drawn: list[tuple[str, str, int]]) -> None:
    """Of what is open and of what was won, to the minor unit."""
    deals = []
    for index, (pipeline, stage, units) in enumerate(drawn):
        one = deal(str(index), stage, units, closes=-1 if stage == "Won" else 1)
        one.pipeline = pipeline
        deals.append(one)
    outcome = known(quarter(deals, currency_code="EUR"), **WAYS)
    if outcome.parts:
        whole = sum(to_minor(part.categories.open_pipeline) for part in outcome.parts)
        assert outcome.categories.open_pipeline == from_minor(whole, "EUR")
        won = [to_minor(part.booked) for part in outcome.parts if part.HasField("booked")]
        assert outcome.categories.closed == (from_minor(sum(won), "EUR") if won else Money())


@pytest.mark.parametrize(
    ("fiscal", "name", "first", "last"),
    [
        ({"start_month": 1}, "FY2026-Q3", "2026-07-01", "2026-09-30"),
        ({"start_month": 2}, "FY2027-Q2", "2026-05-01", "2026-07-31"),
        ({"start_month": 7, "named_by": "start"}, "FY2026", "2026-07-01", "2027-06-30"),
        # National Retail Federation, 4-5-4 calendar 2026: August (period 7) is 2 to 29 August.
        (
            {"start_month": 2, "pattern": "4-5-4", "year_ends": "nearest", "named_by": "start"},
            "FY2026-P07",
            "2026-08-02",
            "2026-08-29",
        ),
    ],
)
def test_a_period_is_that_of_the_books(
    fiscal: dict[str, object], name: str, first: str, last: str
) -> None:
    """Asked by its name, answered with its days; asked by its days, answered with its name."""
    asked = pb.ForecastFacts(id="q", fiscal_period=name, booked=eur(1))
    outcome = known(asked, fiscal=fiscal)
    days = [dt.date(each.year, each.month, each.day).isoformat() for each in _days(outcome)]
    assert days == [first, last]

    start, end = _days(outcome)
    again = pb.ForecastFacts(id="q", period_start=start, period_end=end, booked=eur(1))
    assert known(again, fiscal=fiscal).fiscal_period == name


def _days(outcome: pb.ForecastOutcome) -> tuple[Date, Date]:
    return outcome.period_start, outcome.period_end


def test_days_are_those_of_a_place() -> None:
    """At noon in Greenwich on 31 July it is 1 August in Kiritimati (L-14)."""
    here, there = quarter(booked=eur(2300)), quarter(booked=eur(2300))
    there.period_end.month, there.period_end.day = 7, 31
    here.CopyFrom(there)
    there.time_zone = "Pacific/Kiritimati"
    late = AS_OF + 11 * 3_600 * 10**9
    parameters = ForecastParameters.model_validate(PARAMETERS)
    assert FORECAST.known(here, parameters, late).today.day == 31
    assert FORECAST.known(there, parameters, late).today.month == 8


def test_what_is_computed_is_not_sent() -> None:
    """Nor a share where a percentage is meant."""
    facts = quarter([deal("a", "New", 1)])
    facts.opportunities[0].is_open = True
    facts.opportunities[0].gates.append("signature")
    facts.opportunities[0].probability = 0.2
    facts.today.CopyFrom(facts.period_start)
    facts.conversions.add(field="quota")
    parameters = ForecastParameters.model_validate(PARAMETERS)
    assert {one.field for one in FORECAST.check(facts, parameters, AS_OF)} >= {
        "opportunities[0].is_open",
        "opportunities[0].gates",
        "opportunities[0].probability",
        "today",
        "conversions",
    }


def test_a_forecast_of_one_pipeline_and_currency_has_no_parts() -> None:
    """It would say the same twice."""
    assert not forecast(quarter([deal("a", "New", 1), deal("b", "Offer", 2)])).parts
