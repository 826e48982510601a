"""Two arms while they run: the reference's vectors, and the promise to hold under peeking."""

import math
from random import Random

import pytest

from dealgate.foresight.arms.betting import Betting
from dealgate.foresight.arms.power import ANY_TIME, units_to_see
from dealgate.foresight.arms.ratio import imbalance_p, is_imbalanced, log_imbalance, rate
from dealgate.foresight.concluding import overall
from dealgate.foresight.impact import Impact, Transition, TransitionResults
from dealgate.model.assignment import is_challenged, place
from dealgate.model.statistics import wilson


def test_v4_one_rate() -> None:
    """The mixture's intervals, as confseq has them."""
    for successes, trials, low, high in (
        (144, 500, 0.2199074271, 0.3631931482),
        (0, 50, 0.0, 0.1046424771),
        (3, 20, 0.0132693217, 0.4752530971),
        (1000, 10000, 0.0885488028, 0.1122855553),
    ):
        span = rate(successes, trials)
        assert (span.low, span.high) == pytest.approx((low, high), abs=1e-9)
    assert (rate(0, 0).low, rate(5, 5).high) == (0.0, 1.0)


def test_v5_the_sample_ratio() -> None:
    """As savvi and ssrm-test have it; even counts are no alarm."""
    half, tenth = (0.5, 0.5), (0.9, 0.1)
    assert imbalance_p(log_imbalance((4800, 5200), half)) == pytest.approx(0.0022977666)
    assert imbalance_p(log_imbalance((4700, 5300), half)) == pytest.approx(2.57029432e-07)
    assert imbalance_p(log_imbalance((9100, 900), tenth)) == pytest.approx(0.0176661921)
    assert log_imbalance((5000, 5000), half) == pytest.approx(-1.1991749091)
    assert is_imbalanced(log_imbalance((4700, 5300), half))
    assert not is_imbalanced(log_imbalance((40_000, 60_000), (0.4, 0.6)))
    assert is_imbalanced(log_imbalance((40_000, 60_000), half))


def test_v8_betting_by_hand() -> None:
    """The first pseudo-outcomes and bets, and where a hundred units lead."""
    betting = Betting(planned=5000)
    for _ in range(50):
        betting.tell(1, 1, 0.5)
        betting.tell(0, 0, 0.5)
    assert betting.evidence == pytest.approx((13.5814436046, -15.8895100183))
    span = betting.interval()
    assert span.low == pytest.approx(0.7493380957)
    assert span.high == 1
    assert betting.has_stopped
    assert betting.units == 100


def test_v9_betting_on_drawn_units() -> None:
    """Numpy's units: the counts, the evidence, the interval and where it stopped."""
    numpy = pytest.importorskip("numpy")
    drawn = numpy.random.default_rng(12345)
    arms = drawn.random(3000) < 0.5
    outcomes = drawn.random(3000) < numpy.where(arms, 0.16, 0.10)
    betting, stopped = Betting(planned=5000), 0
    for number, (arm, outcome) in enumerate(zip(arms, outcomes, strict=True), 1):
        betting.tell(int(arm), float(outcome), 0.5)
        stopped = stopped or (number if betting.has_stopped else 0)
    assert betting.evidence[0] == pytest.approx(8.883585910)
    span = betting.interval()
    assert (span.low, span.high) == pytest.approx((0.0292058765, 0.0970153167))
    assert stopped == 848


def test_v10_assignment() -> None:
    """The places of three entities; a share that grows keeps those it had."""
    places = [
        place("default", "qualify", "2026-q3", unit)
        for unit in ("lead/00Q1", "lead/00Q2", "opportunity/006X")
    ]
    assert places == [2685236983597775644, 4499861822591590570, 17337311803281769057]
    units = [f"lead/{number}" for number in range(2000)]

    def challenged(share: float, seed: str = "a") -> set[str]:
        return {unit for unit in units if is_challenged("default", "qualify", seed, unit, share)}

    assert challenged(0.1) < challenged(0.3)
    assert len(challenged(0.3)) == pytest.approx(600, abs=80)
    assert len(challenged(0.1) & challenged(0.1, "b")) < 50


def test_v11_power() -> None:
    """Units of two even arms: for one look as statsmodels has them, nearly twice for any time."""
    for rate_, matters, power, an_arm in (
        (0.10, 0.03, 0.8, 1768),
        (0.10, 0.03, 0.9, 2367),
        (0.10, 0.02, 0.8, 3835),
        (0.10, 0.02, 0.9, 5133),
    ):
        units = units_to_see(rate_, matters, share=0.5, power=power)
        assert units / ANY_TIME == pytest.approx(2 * an_arm, rel=0.01)


def test_v17_bounds_of_what_flips_may_bring() -> None:
    """880 that stay with 97 successes, 120 that flip with 5: from 9.7 to 21.7 %."""
    impact = Impact()
    impact.happened[Transition("MQL", "MQL")] = TransitionResults(mature=880, successes=97)
    impact.happened[Transition("MQL", "NURTURE")] = TransitionResults(mature=120, successes=5)
    bounds = overall(impact)
    assert bounds is not None
    assert (bounds.at_least, bounds.at_most) == pytest.approx((0.097, 0.217))
    interval = wilson(5, 120, "0.95")
    assert (float(interval.low), float(interval.high)) == pytest.approx((0.0179, 0.0938), abs=1e-4)


def test_whoever_looks_at_every_unit_is_hardly_ever_misled() -> None:
    """Two arms that are alike, looked at after each of 400 units: one in twenty at most."""
    drawn, misled, experiments = Random(801), 0, 300
    for _ in range(experiments):
        betting = Betting(planned=400)
        for _ in range(400):
            share = 0.5 if betting.units < 200 else 0.1
            betting.tell(int(drawn.random() < share), float(drawn.random() < 0.3), share)
        misled += betting.has_stopped
    assert misled / experiments <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / experiments)
