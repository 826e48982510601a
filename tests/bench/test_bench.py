"""What the bench reports is what it was given; what it compares finds the same rules."""

import pytest

from bench import engines, samples
from bench.growth import exponent
from bench.series import Series
from bench.telemetry import Round, parts, summary
from bench.trimmed import share, trimmed
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
    """Growth is reported as an exponent: 1 is linear."""
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
    """Not the difference of means, and beside an empty call: both met the same weather."""
    rounds = [
        Round(off, off + more, empty=2 * more, own_off=9, own_on=30)
        for off, more in ((100, 50), (900, 40), (200, 60))
    ]
    told = summary(rounds)
    assert told.startswith(
        "telemetry costs a call 0.50 (standard error 0.000) of an empty call more, at most 0.29 "
        "(60 of 209 µs); its own functions 0.21 (standard error 0.040)\n"
        "in µs: 50 (standard error 9.6) more, its own functions 21 (standard error 0.0); "
        "an empty call 100, a call 200 without, 260 with"
    )


def test_what_the_clock_asks_for_is_told_by_the_second() -> None:
    """A look at what gRPC holds costs the same however many calls there are."""
    off, on = {"Tracer.start": 1.0}, {"Held.look": 0.001, "Tracer.start": 1.2, "Later.tell": 0.5}
    assert parts(off, on, calls=10_000, passed=2.0) == (
        "its own functions, in µs a call: Later.tell 50.0, Tracer.start 20.0; "
        "in µs a second: Held.look 500"
    )


def test_rounds_in_which_something_else_happened_do_not_count() -> None:
    """A fifth at either end is left out of the mean, and of its error but for their number."""
    mean, error = trimmed([1.0, 2.0, 3.0, 4.0, 1000.0])
    assert mean == 3
    assert error == pytest.approx(1.0 / 0.6 / 5**0.5)


def test_a_share_does_not_mind_a_slow_machine() -> None:
    """What slows down both sides of a round alike leaves their ratio, and its error, as it is."""
    empty = [200.0, 400.0, 300.0, 800.0, 250.0]
    part, error = share([0.25 * cost for cost in empty], empty)
    assert part == pytest.approx(0.25)
    assert error == pytest.approx(0.0)
