"""The measures of a score, against their definitions."""

import math
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.learn.measures import (
    auc,
    auc_error,
    bands,
    brier,
    calibration_error,
    kolmogorov_smirnov,
    lift,
    log_loss,
    spiegelhalter,
    stability,
    stability_index,
    wilson,
)

LEADS = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40).filter(
    lambda leads: 0 < sum(hit for _, hit in leads) < len(leads)
)


@given(LEADS)
def test_auc_is_the_chance_to_rank_a_pair_rightly(leads: list[tuple[int, bool]]) -> None:
    """Counted pair by pair, a tie for half, it comes to the same."""
    hits = [score for score, hit in leads if hit]
    misses = [score for score, hit in leads if not hit]
    wins = sum((a > b) + (a == b) / 2 for a, b in product(hits, misses))
    scores, outcomes = zip(*leads, strict=True)
    assert auc(scores, outcomes) == pytest.approx(wins / (len(hits) * len(misses)))


def test_lift_is_the_best_tenth_against_all() -> None:
    """Ten of a hundred are best and all of them converted, of all it is every fifth: 5."""
    scores = [1.0] * 10 + [0.0] * 90
    outcomes = [True] * 20 + [False] * 80
    assert lift(scores, outcomes) == pytest.approx(5.0)


@given(LEADS)
def test_a_score_that_knows_nothing_has_no_lift(leads: list[tuple[int, bool]]) -> None:
    """All scores equal: 1, whatever the order of the file."""
    outcomes = [hit for _, hit in leads]
    assert lift([0.0] * len(outcomes), outcomes) == pytest.approx(1.0)
    assert auc([0.0] * len(outcomes), outcomes) == pytest.approx(0.5)


@given(LEADS)
def test_ks_is_the_widest_gap_between_who_did_and_who_did_not(
    leads: list[tuple[int, bool]],
) -> None:
    """Looked for at every threshold."""
    hits = [score for score, hit in leads if hit]
    misses = [score for score, hit in leads if not hit]

    def below(scores: list[int], limit: int) -> float:
        return sum(score <= limit for score in scores) / len(scores)

    expected = max(abs(below(hits, limit) - below(misses, limit)) for limit in range(6))
    scores, outcomes = zip(*leads, strict=True)
    assert kolmogorov_smirnov(scores, outcomes) == pytest.approx(expected)


@given(LEADS)
def test_bands_hold_every_sample_once(leads: list[tuple[int, bool]]) -> None:
    """Counts, means and shares add up to those of all, and intervals hold their share."""
    told, outcomes = [score / 5 for score, _ in leads], [hit for _, hit in leads]
    found = bands(told, outcomes)
    assert sum(band.count for band in found) == len(leads)
    assert sum(band.count * band.converted for band in found) == pytest.approx(sum(outcomes))
    assert sum(band.count * band.told for band in found) == pytest.approx(sum(told))
    assert all(band.low <= band.converted <= band.high for band in found)


def test_truth_is_told_by_numbers() -> None:
    """Sure and right is 0; half and half is a quarter, and ln 2 of surprise."""
    outcomes = [True, False]
    assert brier([1, 0], outcomes) == 0
    assert brier([0.5, 0.5], outcomes) == 0.25
    assert log_loss([0.5, 0.5], outcomes) == pytest.approx(math.log(2))
    assert calibration_error([0.5] * 4, [True, True, False, False]) == pytest.approx(0)
    assert calibration_error([1.0] * 4, [True, True, False, False]) == pytest.approx(0.5)


def test_wilson_s_interval() -> None:
    """5 of 10 lie between 23.7 and 76.3 % (Wilson 1927); of nothing nothing is known."""
    low, high = wilson(5, 10)
    assert (round(low, 4), round(high, 4)) == (0.2366, 0.7634)
    assert wilson(0, 0) == (0, 1)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == pytest.approx(1)


def test_stability_is_0_for_the_same_scores_and_grows_as_they_move() -> None:
    """Nothing has moved: 0; a shift by half of the scale is alarming."""
    scores = [number / 100 for number in range(100)]
    assert stability(scores, scores).index == pytest.approx(0)
    assert not stability(scores, scores).is_alarming
    assert stability(scores, [score + 0.5 for score in scores]).is_alarming


def test_scores_that_were_all_alike_can_move() -> None:
    """Half of them one higher than any that was expected: that is seen."""
    assert stability([5.0] * 20, [5.0] * 20).index == pytest.approx(0)
    assert stability([5.0] * 20, [5.0] * 10 + [6.0] * 10).index > 0.5


def test_chance_alone_is_no_alarm() -> None:
    """Of samples that have not moved, hardly any is said to have, however small."""
    drawn = Random(55)
    alarms = sum(
        stability(
            [drawn.gauss(0, 1) for _ in range(100)], [drawn.gauss(0, 1) for _ in range(100)]
        ).is_alarming
        for _ in range(300)
    )
    assert alarms <= 3


@pytest.mark.parametrize("outcome", [True, False])
def test_where_all_ended_alike_nothing_is_divided_by_nothing(outcome: bool) -> None:  # noqa: FBT001
    """No rank without a pair, no lift over nobody; the rest has its value."""
    scores, outcomes = [0.2, 0.2, 0.7], [outcome] * 3
    assert auc(scores, outcomes) is None
    assert kolmogorov_smirnov(scores, outcomes) is None
    assert (lift(scores, outcomes) is None) is not outcome
    assert sum(band.count for band in bands(scores, outcomes)) == 3
    assert spiegelhalter([0.5] * 3, outcomes) is None


def test_the_reference_s_vectors() -> None:
    """V12 to V14 and V16 of the foresight reference: sklearn, scipy and by hand."""
    scores = [0.1, 0.4, 0.4, 0.4, 0.8, 0.8, 0.9]
    outcomes = [bool(hit) for hit in (0, 0, 1, 0, 1, 0, 1)]
    assert auc(scores, outcomes) == pytest.approx(0.7916666667)
    assert kolmogorov_smirnov(scores, outcomes) == pytest.approx(0.4166666667)
    assert lift(scores, outcomes, 0.1) == pytest.approx(2.3333333333)
    assert lift(scores, outcomes, 0.3) == pytest.approx(1.7222222222)
    moved = stability_index([10, 10, 10, 10], [20, 10, 10, 0])
    assert moved == pytest.approx(0.8841838255)
    told, ends = [0.1, 0.2, 0.3, 0.7], [False, True, False, True]
    assert brier(told, ends) == pytest.approx(0.2075)
    assert log_loss(told, ends) == pytest.approx(0.6070370790)
    assert spiegelhalter(told, ends) == pytest.approx(0.3746343246)
    assert auc_error(0.75, 50, 450) == pytest.approx(0.041, abs=0.0005)
