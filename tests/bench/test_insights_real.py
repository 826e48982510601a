"""Insights on the deals of Maven's CRM: the numbers of the domain reference, section 8."""

import datetime as dt

import pytest

from bench import maven
from bench.real_data import DATA
from dealgate.v1.advance_pb2 import AdvanceFacts
from tests.insight.recording import Journal, left_out, value

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the public datasets are not in {DATA}")
YEAR_2026 = dt.date(2026, 1, 1)
QUARTERS = [
    (dt.date(2017, 1, 1), dt.date(2017, 4, 1), 1_134_672),
    (dt.date(2017, 4, 1), dt.date(2017, 7, 1), 3_086_111),
    (dt.date(2017, 7, 1), dt.date(2017, 10, 1), 2_982_255),
    (dt.date(2017, 10, 1), dt.date(2018, 1, 1), 2_802_496),
]
AS_OF = dt.date(2018, 1, 1)


def day(text: str | dt.date) -> int:
    """Return a date as the journals of these tests count days."""
    date = dt.date.fromisoformat(text) if isinstance(text, str) else text
    return (date - YEAR_2026).days


@pytest.fixture(scope="module")
def journal() -> Journal:
    """Every deal, decided about when it was engaged, with what came of it."""
    kept = Journal()
    for row in maven.read(DATA):
        deal = row.deal
        told = None
        if deal["deal_stage"] in {"Won", "Lost"}:
            cents = round(float(deal["close_value"]) * 100) if deal["deal_stage"] == "Won" else None
            told = (deal["deal_stage"].upper(), day(deal["close_date"]), cents, "USD")
        facts = AdvanceFacts.FromString(maven.recorded(row).SerializeToString())
        engaged = day(deal["engage_date"] or "2017-12-31")
        entity = ("opportunity", deal["opportunity_id"])
        kept.note("advance", entity, engaged, facts=facts, outcome="block", told=told)
    return kept


def test_velocity_of_the_whole_file(journal: Journal) -> None:
    """8,800 deals, 4,238 of 6,711 won, USD 10,005,534, 47.985 days: 273,417.69 a day."""
    found = journal.ask("GetVelocity", as_of=day(AS_OF))
    assert found.opportunities == 8800
    assert (found.win_rate.numerator, found.win_rate.denominator) == (4238, 6711)
    assert value(found.win_rate) == "0.631501"
    assert (found.won_amount.units, found.won_amount.currency_code) == (10_005_534, "USD")
    assert value(found.cycle_days) == "47.985397"
    assert (found.per_day.units, found.per_day.nanos) == (273_417, 690_000_000)
    assert left_out(found) == {}


@pytest.mark.parametrize(("since", "before", "won"), QUARTERS)
def test_won_by_quarter(journal: Journal, since: dt.date, before: dt.date, won: int) -> None:
    """What was won in each quarter of 2017."""
    window = {"since": day(since), "before": day(before)}
    found = journal.ask("GetVelocity", as_of=day(AS_OF), **window)
    assert found.won_amount.units == won
