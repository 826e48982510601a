"""Whoever looks after every unit is misled no more often than promised: 2,000 experiments each.

The quick selection runs 2,000 experiments of 1,500 units; `make fuzz` the reference's of 10,000.
"""

import math
from collections.abc import Callable

import pytest

from dealgate.foresight.arms.betting import Betting
from dealgate.foresight.arms.censored import happened_by, weighted
from dealgate.foresight.arms.power import units_to_see
from dealgate.foresight.arms.ratio import is_imbalanced, log_imbalance, rate
from tests.foresight import oracles

numpy = pytest.importorskip("numpy")

from tests.foresight.peeking import ALPHA, money, rates, simulated  # noqa: E402

EXPERIMENTS = 2000
# What chance may add to a rate of so many experiments: three standard errors.
CHANCE = 3 * math.sqrt(ALPHA * (1 - ALPHA) / EXPERIMENTS)
HALF, TENTH = (lambda _: 0.5), (lambda _: 0.1)


@pytest.fixture(scope="module")
def units(request: pytest.FixtureRequest) -> int:
    """How many units each experiment has."""
    return int(request.config.getoption("--peeked-units"))


def test_the_columns_bet_as_we_do() -> None:
    """One experiment, unit by unit, through the code that is used: the same evidence."""
    seen = simulated(
        rates(0.1, 0.3), 0.2, units=300, planned=300, share=TENTH, experiments=1, seed=7
    )
    drawn, betting = numpy.random.default_rng(7), Betting(planned=300)
    for _ in range(300):
        arm = drawn.random(1) < 0.1
        outcome = drawn.random(1) < numpy.where(arm, 0.3, 0.1)
        betting.tell(int(arm[0]), float(outcome[0]), 0.1)
    assert seen.evidence == pytest.approx(betting.evidence)


@pytest.mark.parametrize(
    ("outcomes", "effect", "share"),
    [
        (rates(0.1, 0.1), 0.0, HALF),
        (rates(0.01, 0.01), 0.0, TENTH),
        (rates(0.1, 0.1), 0.0, lambda number: 0.1 if number < 700 else 0.5),
        (rates(0.1, 0.13), 0.03, HALF),
        (rates(0.3, 0.5), 0.2, TENTH),
        (money(0.3, (9.0, 9.0), 50_000.0), 0.0, HALF),
    ],
    ids=["a-a", "a-a rare", "a-a growing share", "a-b", "a-b tenth", "money"],
)
def test_intervals_cover_the_truth_whenever_they_are_looked_at(
    outcomes: object, effect: float, share: object, units: int
) -> None:
    """At most one in twenty ever excludes it; without an effect, that is a false alarm."""
    seen = simulated(
        outcomes,  # type: ignore[arg-type]
        effect,
        units=units,
        planned=units,
        share=share,  # type: ignore[arg-type]
        seed=801,
    )
    assert seen.missed <= ALPHA + CHANCE
    if effect == 0:
        assert seen.stopped == seen.missed


def test_effects_are_seen(units: int) -> None:
    """A large one by nearly everybody, and long before the end."""
    seen = simulated(rates(0.1, 0.2), 0.1, units=units, planned=units, share=HALF, seed=802)
    assert seen.stopped > 0.95
    assert seen.median < 0.75 * units
    assert units_to_see(0.1, 0.1, 0.5) == pytest.approx(746, abs=20)


def test_size_and_power_of_the_sample_ratio_test() -> None:
    """Looked at after each of 6,000 units: true shares alarm in at most .001, wrong ones soon."""
    assert _alarms(0.5, 0.5) <= 0.001 + 3 * math.sqrt(0.001 / EXPERIMENTS)
    assert _alarms(0.1, 0.1) <= 0.001 + 3 * math.sqrt(0.001 / EXPERIMENTS)
    assert _alarms(0.12, 0.1) > 0.6
    assert _alarms(0.45, 0.5) > 0.95


def _alarms(true: float, meant: float, units: int = 6000) -> float:
    """Return the share of experiments whose count ever alarms."""

    def alarm(count: int, number: int) -> bool:
        return is_imbalanced(log_imbalance((number - count, count), (1 - meant, meant)))

    return _ever(alarm, true, meant, units)


def _ever(alarm: Callable[[int, int], bool], true: float, meant: float, units: int) -> float:
    """Return the share of experiments whose count of units ever alarms, by number of units.

    A count that is alarmingly low stays so with more units, and one that is not yet alarmingly
    high does, too: so both edges only rise.
    """
    low, high = numpy.full(units + 1, -1), numpy.full(units + 1, units + 1)
    under, over = -1, 0
    for number in range(1, units + 1):
        while under + 1 < meant * number and alarm(under + 1, number):
            under += 1
        over = max(over, math.ceil(meant * number))
        while over <= number and not alarm(over, number):
            over += 1
        low[number], high[number] = under, over
    drawn, every = numpy.random.default_rng(301), numpy.arange(1, units + 1)
    alarmed = 0
    for _ in range(EXPERIMENTS // 100):
        counts = (drawn.random((100, units)) < true).cumsum(axis=1)
        alarmed += int(((counts <= low[every]) | (counts >= high[every])).any(axis=1).sum())
    return alarmed / EXPERIMENTS


def test_watched_chi_squared_alarms_too_often() -> None:
    """Why it is not used: its p of .001, looked at all the time, is not .001."""
    drawn = numpy.random.default_rng(301)
    counts = (drawn.random((500, 3000)) < 0.5).cumsum(axis=1)
    every = numpy.arange(1, 3001)
    statistic = (counts - every / 2) ** 2 / (every / 4)
    alarmed = (statistic[:, 99:] > 10.83).any(axis=1).mean()
    assert alarmed > 0.01
    assert oracles.chi_squared_p(4800, 10_000, 0.5) == pytest.approx(6.334248e-05)  # V6
    assert oracles.chi_squared_p(900, 10_000, 0.1) == pytest.approx(8.581207e-04)


def test_one_arms_rate_covers_the_truth() -> None:
    """Looked at after each of 400 units, of 2,000 arms."""

    def misses(count: int, number: int) -> bool:
        span = rate(count, number)
        return not span.low <= 0.1 <= span.high

    assert _ever(misses, 0.1, 0.1, 400) <= ALPHA + CHANCE


def test_v1_to_v3_and_v7() -> None:
    """The oracles are those of the reference: gbstats', confseq's and the e-process's values."""
    assert oracles.mixing(5000) == pytest.approx(0.03984006677137368, rel=1e-14)
    assert oracles.mixing(1000) == pytest.approx(0.08908509752892212, rel=1e-14)
    low, high, p = oracles.asymptotic((100, 1000), (140, 1000), 1000)
    assert (low, high) == pytest.approx((-0.0044072520772219, 0.0844072520772219), rel=1e-12)
    assert p == pytest.approx(0.1148546145)
    assert oracles.normal_mixture(100, 100) == pytest.approx(30.352089903762526, rel=1e-14)
    alternating = [(1, 1), (0, 0)] * 10
    assert oracles.independence(alternating) == pytest.approx(53533.2052962649)


def test_the_oracles_agree_with_what_is_used() -> None:
    """On units that differ all exclude no effect; the asymptotic interval is about as wide."""
    drawn, betting, told = numpy.random.default_rng(5), Betting(planned=4000), []
    counts = [[0, 0], [0, 0]]
    for _ in range(4000):
        arm = int(drawn.random() < 0.5)
        outcome = int(drawn.random() < (0.16 if arm else 0.1))
        betting.tell(arm, outcome, 0.5)
        told.append((arm, outcome))
        counts[arm][0] += outcome
        counts[arm][1] += 1
    span = betting.interval()
    champion, challenger = ((successes, number) for successes, number in counts)
    low, high, p = oracles.asymptotic(champion, challenger, 4000)
    assert (span.low > 0, low > 0, p < ALPHA, oracles.independence(told) > 20) == (True,) * 4
    assert 0.7 < (span.high - span.low) / (high - low) < 1.6


def test_v15_censored_results() -> None:
    """Product limit and weights agree; counting only what was told is far off."""
    times, ends = [5, 10, 10, 20, 30, 40, 50, 90], [1, 1, 0, 1, 0, 1, 0, 0]
    watched = [(float(time), bool(over)) for time, over in zip(times, ends, strict=True)]
    assert happened_by(watched, 60) == pytest.approx(0.6)
    assert weighted(watched, 60) == pytest.approx(0.6)
    told = [over for time, over in watched if over or time > 60]
    assert sum(told) / len(told) == pytest.approx(0.8)
    assert happened_by([], 60) == weighted([], 60) == 0.0
