"""Claims about the folds that kinds share."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.model.folds import (
    clamp,
    first,
    grouped,
    half_life_weight,
)

WEEK = 7 * 86_400_000_000_000
ages = st.integers(0, 10**20)
half_lives = st.integers(1, 10**18)


def test_first_is_the_first_in_the_file() -> None:
    """First takes the first claim, and no claim gives none."""
    assert first(["b", "a"]) == "b"
    assert first([]) is None


@given(st.integers(), st.integers(0, 10), st.integers(10, 20))
def test_clamp_stays_inside_and_leaves_what_is_inside(number: int, low: int, high: int) -> None:
    """Clamping lands in [low, high], and changes nothing that was there already."""
    clamped = clamp(number, low, high)
    assert low <= clamped <= high
    assert clamped == number or not low <= number <= high


def test_groups_and_members_keep_their_order() -> None:
    """Collecting by key forgets no claim and keeps the order of the file."""
    assert grouped(["b1", "a1", "b2"], lambda word: word[0]) == {"b": ["b1", "b2"], "a": ["a1"]}


def test_the_weight_halves_exactly_with_every_half_life() -> None:
    """Whole half-lives give exact powers of one half."""
    assert half_life_weight(0, WEEK) == 1
    assert half_life_weight(WEEK, WEEK) == Decimal("0.5")
    assert half_life_weight(3 * WEEK, WEEK) == Decimal("0.125")
    assert half_life_weight(200 * WEEK, WEEK) == 0


def test_half_a_half_life_is_the_root_of_one_half() -> None:
    """2^-0.5 to 28 digits (OEIS A010503)."""
    assert half_life_weight(WEEK // 2, WEEK) == Decimal("0.7071067811865475244008443621")


@given(ages, ages, half_lives)
def test_older_never_weighs_more(age: int, older: int, half_life: int) -> None:
    """The weight falls with age and stays in [0, 1]."""
    young, old = sorted((age, older))
    assert 0 <= half_life_weight(old, half_life) <= half_life_weight(young, half_life) <= 1


@given(ages, half_lives, st.integers(1, 60))
def test_the_process_decimal_context_does_not_matter(age: int, half_life: int, prec: int) -> None:
    """The same bytes come out whatever precision the process runs with."""
    with localcontext(prec=prec):
        inside = str(half_life_weight(age, half_life))
    assert inside == str(half_life_weight(age, half_life))


@pytest.mark.parametrize(("age", "half_life"), [(-1, WEEK), (1, 0), (1, -1)])
def test_an_age_before_birth_and_no_half_life_are_refused(age: int, half_life: int) -> None:
    """A touch from the future has no weight to speak of."""
    with pytest.raises(ValueError, match="age"):
        half_life_weight(age, half_life)
