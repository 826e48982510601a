"""The measures of a score, against their definitions."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.measures import auc, lift

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
