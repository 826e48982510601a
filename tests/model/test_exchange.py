"""Amounts in other currencies: what they are worth, exactly, and that nobody guesses."""

from decimal import Decimal
from fractions import Fraction

import pytest
from google.protobuf import json_format
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from dealgate.model.exchange import convert, exchange_violations
from dealgate.model.rates import RateBook, rates_of
from dealgate.v1.exchange_pb2 import ExchangeRates
from dealgate.v1.score_pb2 import ScoreFacts
from tests.kinds import build

ECB = {
    "base_currency_code": "EUR",
    "day": {"year": 2026, "month": 7, "day": 14},
    "source": "ECB",
    "rates": [
        {"currency_code": "USD", "rate": {"value": "1.0832"}},
        {"currency_code": "JPY", "rate": {"value": "167.45"}},
    ],
}


def facts(currency: str, units: int, nanos: int = 0, rates: object = ECB) -> ScoreFacts:
    """Return a lead of a company with that revenue."""
    revenue = {"currency_code": currency, "units": units, "nanos": nanos}
    message = {"lead": {"id": "L", "company": {"annual_revenue": revenue}}}
    if rates is not None:
        message["exchange_rates"] = rates  # type: ignore[assignment]
    return json_format.ParseDict(message, ScoreFacts())


def test_an_amount_is_converted_and_the_answer_names_rate_and_day() -> None:
    """USD 5,000,000 at 1.0832 dollars a euro are EUR 4,615,952.73…, by the rates of a day.

    Findings, leads L-06: such a lead was refused by four kinds. Source of the sum: 5,000,000 /
    1.0832 = 4,615,952.732644017725…
    """
    known = facts("USD", 5_000_000)

    convert(known, "EUR")

    revenue = known.lead.company.annual_revenue
    assert (revenue.currency_code, revenue.units, revenue.nanos) == ("EUR", 4_615_952, 732_644_017)
    (told,) = known.conversions
    assert told.field == "lead.company.annual_revenue"
    assert (getattr(told, "from").units, told.to.units) == (5_000_000, 4_615_952)
    assert (told.rate.value, told.source, told.day.day) == ("0.923190546529", "ECB", 14)


def test_cross_rates_go_through_the_base() -> None:
    """JPY 30,000 are USD 194.06 at 167.45 yen and 1.0832 dollars a euro, rounded to the cent."""
    known = facts("JPY", 30_000)

    convert(known, "USD", to_minor=True)

    revenue = known.lead.company.annual_revenue
    assert (revenue.units, revenue.nanos) == (194, 60_000_000)


@pytest.mark.parametrize("rates", [None, {**ECB, "rates": []}])
def test_an_amount_without_a_rate_stays_as_it_is(rates: object) -> None:
    """It is told of, with no `to`: no rate is guessed, and no question is refused for it."""
    known = facts("USD", 5_000_000, rates=rates)

    convert(known, "EUR")

    assert known.lead.company.annual_revenue.currency_code == "USD"
    assert [one.HasField("to") for one in known.conversions] == [False]


@given(
    st.integers(-(10**12), 10**12),
    st.decimals("0.0001", "100000", places=4),
    st.integers(1, 10**12),
)
def test_a_conversion_keeps_the_order_of_amounts(units: int, rate: Decimal, limit: int) -> None:
    """`>=` a whole amount says of the converted amount what it says of the exact one."""
    rates = {**ECB, "rates": [{"currency_code": "USD", "rate": {"value": str(rate)}}]}
    known = facts("USD", units, rates=rates)
    exact = Fraction(units) / Fraction(rate)

    convert(known, "EUR")

    amount = known.lead.company.annual_revenue
    shown = Fraction(amount.units) + Fraction(amount.nanos, 10**9)
    assert (shown >= limit) == (exact >= limit)
    assert abs(shown - exact) < Fraction(1, 10**9)


def test_an_amount_that_does_not_fit_is_left_alone() -> None:
    """More than 64 bits of units are no Money."""
    rates = {**ECB, "rates": [{"currency_code": "USD", "rate": {"value": "0.0000001"}}]}
    known = facts("USD", 2**62, rates=rates)

    convert(known, "EUR")

    assert known.lead.company.annual_revenue == Money(currency_code="USD", units=2**62)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base_currency_code": "EURO"}, "exchange_rates.base_currency_code"),
        ({"day": None}, "exchange_rates.day"),
        ({"day": {"year": 2026, "month": 7, "day": 17}}, "exchange_rates.day"),
        (
            {"rates": [{"currency_code": "EUR", "rate": {"value": "1"}}]},
            "exchange_rates.rates[0].currency_code",
        ),
        ({"rates": [{"currency_code": "USD"}]}, "exchange_rates.rates[0].rate"),
    ],
)
def test_rates_that_make_no_sense_are_refused(change: dict[str, object], field: str) -> None:
    """Unknown currencies, days that have not come, a rate of the base, no price."""
    rates = {name: value for name, value in {**ECB, **change}.items() if value is not None}
    found = exchange_violations(facts("USD", 1, rates=rates), build.AS_OF)

    assert [one.field for one in found] == [field]


def test_the_rates_of_a_friday_hold_over_the_weekend_and_not_for_ever() -> None:
    """The newest up to today, at most a week old, of the currencies that are asked for."""
    friday = 739_000
    book = RateBook("EUR", "ECB", {friday - 1: {"USD": "1.0"}, friday: {"USD": "1.1", "GBP": "1"}})

    monday = book.at(friday + 3, ["EUR", "USD"])

    assert monday is not None
    assert rates_of(monday).prices == {"EUR": Fraction(1), "USD": Fraction(11, 10)}
    assert book.at(friday - 1, ["USD"]) != book.at(friday, ["USD"])
    assert book.at(friday - 2, ["USD"]) is None
    assert book.at(friday + 8, ["USD"]) is None


def test_no_rates_convert_nothing() -> None:
    """Not even a currency into itself."""
    assert rates_of(ExchangeRates()).rate("EUR", "EUR") is None
