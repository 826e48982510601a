"""What the bench reports is what it was given; what it compares finds the same rules."""

import pytest

from bench import engines, samples
from bench.growth import exponent
from bench.series import Series
from bench.telemetry import summary, trimmed
from dealgate.kinds import KINDS
from tests.shipped import catalog


def test_ratios_are_taken_within_a_round() -> None:
    """Both sides met the same weather there."""
    series = Series("µs")
    for base, other in ((1.0, 2.0), (10.0, 30.0), (100.0, 250.0)):
        series.add("base", base)
        series.add("other", other)
    assert series.ratio("other", "base") == 2.5
    assert series.told("base")["other"] == {
        "unit": "µs",
        "median": 30.0,
        "low": 2.0,
        "high": 250.0,
        "ratio": 2.5,
    }


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_growth_is_told_as_a_power(power: float) -> None:
    """1 is linear."""
    assert exponent({size: 3 * size**power for size in (10, 100, 1000)}) == pytest.approx(power)


def test_engines_are_compared_on_rules_that_all_find_alike() -> None:
    """Or not at all: `compared` raises."""
    series, _ = engines.compared(catalog(), 1)
    assert {"native, with evidence", "hand-written Python", "cel-cpp"} <= series.values.keys()


def test_every_kind_has_a_sample() -> None:
    """Whose facts are those of its kind."""
    for kind, sample in zip(KINDS, samples.samples(catalog()), strict=True):
        assert sample.kind == kind
        assert isinstance(sample.facts, KINDS[kind].facts)


def test_what_telemetry_costs_is_the_mean_of_differences() -> None:
    """Not the difference of means: both sides of a pair met the same weather."""
    rounds = [((off, 9.0), (off + more, 30.0)) for off, more in ((100, 50), (900, 40), (200, 60))]
    assert summary(rounds).startswith(
        "telemetry costs a call 50 µs more (standard error 10), at most 60; its own functions "
        "21 µs more (0.0); a call costs 200 µs without, 260 µs with"
    )


def test_rounds_in_which_something_else_happened_do_not_count() -> None:
    """A fifth at either end is left out of the mean, and of its error but for their number."""
    mean, error = trimmed([1.0, 2.0, 3.0, 4.0, 1000.0])
    assert mean == 3
    assert error == pytest.approx(1.0 / 0.6 / 5**0.5)
