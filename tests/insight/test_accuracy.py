"""How good forecasts were, by hand and by the published vector."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.insight.errors import Pair, errors
from tests.insight.recording import Journal, left_out, value


def test_fa_mape() -> None:
    """Vector fa-mape: forecaststudio.com.mx, forecast accuracy metrics."""
    found = errors([Pair(950, 1000), Pair(25, 10)])
    assert value(found.mape) == "0.775"
    assert float(value(found.wmape) or 0) == pytest.approx(0.06435643564356436, abs=5e-7)
    assert float(value(found.bias) or 0) == pytest.approx(-0.034653465346534656, abs=5e-7)
    assert value(found.accuracy) == "0.935644"


def test_fa_mape_from_recorded_forecasts() -> None:
    """FA-MAPE is the same when computed from a journal: two periods, each with its result."""
    journal = Journal()
    journal.forecast("emea/Q1", 60, 89, 95_000, told=("VALUE", 90, 100_000))
    journal.forecast("emea/Q2", 150, 180, 2_500, told=("VALUE", 181, 1_000))
    found = journal.ask("GetForecastAccuracy")
    assert (value(found.overall.mape), value(found.overall.wmape)) == ("0.775", "0.064356")
    assert value(found.overall.bias) == "-0.034653"
    assert value(found.overall.mase) == "0.032828"  # 32.5 off on average, the naive one 990
    assert (found.overall.periods, found.overall.snapshots) == (2, 2)
    assert found.overall.actual.units == 1010
    assert [value(one.ape) for one in found.pairs] == ["1.5", "0.05"]


def test_a_period_counts_once_in_a_group() -> None:
    """Of three snapshots the newest before the period's end counts; by horizon, each its own."""
    journal = Journal()
    journal.forecast("emea/Q1", 10, 89, 50_000)
    journal.forecast("emea/Q1", 40, 89, 80_000)
    journal.forecast("emea/Q1", 80, 89, 90_000, told=("VALUE", 90, 100_000))
    journal.forecast("emea/Q1", 95, 89, 100_000)
    found = journal.ask("GetForecastAccuracy")
    assert (value(found.overall.wmape), found.overall.snapshots) == ("0.1", 3)
    assert {one.name: value(one.wmape) for one in found.by_horizon} == {
        "0-30": "0.1",
        "31-60": "0.2",
        "61-90": "0.5",
    }
    assert left_out(found) == {"AFTER_PERIOD": 1}


def test_owners_and_methods_stand_side_by_side() -> None:
    """Who submitted what, and each method, are judged by the same actual."""
    journal = Journal()
    journal.forecast(
        "emea/Q1",
        60,
        89,
        90_000,
        submitted=[("ann", 120_000), ("bob", 100_000)],
        lines=[("COMMIT", 70_000), ("RUN_RATE", 110_000)],
        told=("VALUE", 90, 100_000),
    )
    found = journal.ask("GetForecastAccuracy")
    assert {one.name: value(one.bias) for one in found.by_owner} == {"ann": "0.2", "bob": "0"}
    assert {one.name: value(one.bias) for one in found.by_method} == {
        "COMMIT": "-0.3",
        "RUN_RATE": "0.1",
    }


def test_one_sided_errors_raise_an_alarm() -> None:
    """Five forecasts, each too high: the signal is 5; four: it is 4, which is none."""
    assert errors([Pair(110, 100)] * 5).is_alarm
    four = errors([Pair(110, 100)] * 4)
    assert (value(four.tracking_signal), four.is_alarm) == ("4", False)
    assert not errors([Pair(110, 100), Pair(90, 100)]).is_alarm


def test_what_is_not_defined_says_why() -> None:
    """Zero actuals, no error, no period before: never a 0, never an infinity."""
    zero = errors([Pair(5, 0), Pair(1, 1)])
    assert zero.mape.unknown_because == "1 of 2 actuals are 0"
    nothing = errors([Pair(0, 0)])
    assert nothing.wmape.unknown_because == "all actuals are 0"
    assert nothing.tracking_signal.unknown_because == "there is no error"
    assert nothing.mase.unknown_because == "no period has one before it"
    assert value(nothing.smape) == "0"
    assert (
        errors([Pair(1, 2, before=2)]).mase.unknown_because == "the naive forecast makes no error"
    )
    empty = Journal().ask("GetForecastAccuracy").overall
    assert empty.wmape.unknown_because == "no forecast has an actual"
    assert not empty.HasField("actual")


def test_what_cannot_be_compared_is_told_apart() -> None:
    """No actual yet, no headline, another currency."""
    journal = Journal()
    journal.forecast("a/Q1", 60, 89, 100)
    journal.forecast("b/Q1", 60, 89, None, told=("VALUE", 90, 100))
    journal.forecast("c/Q1", 60, 89, 100, currency="USD", told=("VALUE", 90, 100))
    found = journal.ask("GetForecastAccuracy")
    assert left_out(found) == {"NO_ACTUAL": 1, "NO_HEADLINE": 1, "OTHER_CURRENCY": 1}


def test_actuals_told_of_later_do_not_count() -> None:
    """As of the day before it happened there is no actual."""
    journal = Journal()
    journal.forecast("a/Q1", 60, 89, 100, told=("VALUE", 90, 100))
    found = journal.ask("GetForecastAccuracy", as_of=89.999)
    assert value(found.overall.wmape) is None


AMOUNTS = st.integers(-(10**12), 10**12)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=12))
def test_measures_equal_their_definitions(pairs: list[tuple[int, int]]) -> None:
    """Compared with a loop of fractions, to the six decimals that are shown."""
    found = errors([Pair(forecast, actual) for forecast, actual in pairs])
    absolute = sum(abs(f - a) for f, a in pairs)
    actual = sum(abs(a) for _, a in pairs)
    if actual:
        wmape = Fraction(absolute, actual)
        assert abs(Fraction(value(found.wmape) or "") - wmape) <= Fraction(1, 2 * 10**6)
        accuracy = Fraction(value(found.accuracy) or "")
        assert 0 <= accuracy <= 1
    assert 0 <= Fraction(value(found.smape) or "") <= 2
    if absolute:
        signal = Fraction(value(found.tracking_signal) or "")
        assert abs(signal) <= len(pairs)
        assert found.is_alarm == (abs(sum(f - a for f, a in pairs)) * len(pairs) > 4 * absolute)
