"""Rates of the server's own file become facts of a question that needs them."""

from google.protobuf import json_format

from dealgate.decide import alone
from dealgate.journal.memory import MemoryJournal
from dealgate.kinds import KINDS
from dealgate.lookup.around import Lookups
from dealgate.model.rates import RateBook
from dealgate.model.zones import UTC, day_in
from dealgate.v1.route_pb2 import RouteFacts, RouteLeadResponse
from dealgate.v1.score_pb2 import ScoreFacts, ScoreLeadResponse
from tests.kinds import build
from tests.lookup.deciding import decider, question
from tests.shipped import catalog

BOOK = RateBook("EUR", "ECB", {day_in(UTC, build.AS_OF): {"USD": "1.25", "GBP": "0.8"}})


def lead(currency: str) -> dict[str, object]:
    """Return a lead of a company with a revenue of 25 million."""
    revenue = {"currency_code": currency, "units": 25_000_000}
    return {"lead": {"id": "L1", "country": "US", "company": {"annual_revenue": revenue}}}


async def test_a_lead_with_its_revenue_in_dollars_is_scored_by_the_rates_of_the_day() -> None:
    """USD 25 m are EUR 20 m at 1.25: the row from 10 m to 50 m counts, and the answer says why.

    The rates become facts, so that a replay needs no file (findings, leads L-06).
    """
    journal = MemoryJournal()
    decide = alone(
        Lookups(KINDS, journal, None).around(decider(journal).decide_all, catalog(), BOOK)
    )

    facts = json_format.ParseDict(lead("USD"), ScoreFacts())
    decision = await decide(question(facts, kind="score"))

    answer = ScoreLeadResponse.FromString(decision.answer)
    revenue = [one for one in answer.outcome.contributions if one.dimension == "revenue"]
    assert [one.points.value for one in revenue] == ["10"]
    assert [one.rate.value for one in answer.outcome.conversions] == ["0.8"]
    known = ScoreFacts.FromString(decision.facts)
    assert known.exchange_rates.source == "ECB"
    assert [one.currency_code for one in known.exchange_rates.rates] == ["USD"]


async def test_without_a_rate_a_lead_is_still_routed() -> None:
    """No rule of route reads the revenue, and a lead does not wait (findings, leads L-06)."""
    journal = MemoryJournal()
    decide = alone(Lookups(KINDS, journal, None).around(decider(journal).decide_all, catalog()))

    facts = json_format.ParseDict(lead("USD"), RouteFacts())
    decision = await decide(question(facts, kind="route"))

    outcome = RouteLeadResponse.FromString(decision.answer).outcome
    assert outcome.owner_id
    assert [one.HasField("to") for one in outcome.conversions] == [False]


async def test_a_question_keeps_its_own_rates_and_one_currency_needs_none() -> None:
    """The book is asked for what a question lacks, and leaves all others as they are."""
    journal = MemoryJournal()
    decide = alone(
        Lookups(KINDS, journal, None).around(decider(journal).decide_all, catalog(), BOOK)
    )
    own = json_format.ParseDict(lead("USD"), ScoreFacts())
    own.exchange_rates.base_currency_code = "EUR"
    own.exchange_rates.day.CopyFrom(json_format.ParseDict({}, type(own.exchange_rates.day)()))
    own.exchange_rates.day.year, own.exchange_rates.day.month, own.exchange_rates.day.day = (
        2026,
        7,
        1,
    )

    kept = await decide(question(own, kind="score"))
    plain = await decide(question(json_format.ParseDict(lead("EUR"), ScoreFacts()), kind="score"))

    assert ScoreFacts.FromString(kept.facts).exchange_rates == own.exchange_rates
    assert not ScoreFacts.FromString(plain.facts).HasField("exchange_rates")
