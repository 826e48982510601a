"""Trials that are lanes of one integer win what trials win that are looked at one by one."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.kinds.forecast import throws
from dealgate.kinds.forecast.throws import NARROW, WIDE, Throws

TRIALS = 40
LIMITS = st.one_of(st.just(1.0), st.just(0.0), st.floats(0, 1))
CHANCES = st.lists(st.tuples(LIMITS, st.integers(0, 2**32 // 8)), max_size=8)


def one_by_one(seed: int, chances: list[tuple[float, int]]) -> list[int]:
    """Return what each trial wins: a throw for every deal and trial, after those for periods."""
    random = Random(seed)
    for _ in range(TRIALS):
        random.random()
    won = [0] * TRIALS
    for limit, amount in chances:
        for trial in range(TRIALS):
            won[trial] += amount if random.random() < limit else 0
    return won


@pytest.mark.parametrize("lane", [NARROW, WIDE])
def test_lanes_win_what_trials_win(lane: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """For as many deals as are kept and for more, in lanes of both widths."""
    monkeypatch.setattr(throws, "KEPT_DEALS", 5)

    @settings(max_examples=30)
    @given(CHANCES, st.integers(0, 3))
    def law(chances: list[tuple[float, int]], seed: int) -> None:
        assert Throws(seed, TRIALS, lane).won(chances) == one_by_one(seed, chances)

    law()


def test_what_was_thrown_is_thrown_again() -> None:
    """A question with fewer deals, and one with more, see the same throws."""
    thrown, chances = Throws(7, TRIALS, WIDE), [(0.5, 2**40), (0.25, 3), (0.75, 2**60)]
    for count in (1, 3, 2):
        assert thrown.won(chances[:count]) == one_by_one(7, chances[:count])
