"""Half-lives in integers say what decimals of 28 digits say."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dealgate.model.decay import half_life_units
from dealgate.model.folds import DIGITS, half_life_weight

WEEK = 7 * 86_400 * 10**9
spans = st.one_of(
    st.integers(0, 250 * WEEK), st.builds(lambda halves: halves * WEEK // 2, st.integers(0, 500))
)


def decimals(age: int, half_life: int, digits: int) -> int:
    """Return what `folds` says, rounded to so many digits."""
    weight = DIGITS.quantize(half_life_weight(age, half_life), DIGITS.scaleb(1, -digits))
    return int(DIGITS.scaleb(weight, digits))


@settings(max_examples=200)
@given(spans, st.sampled_from([1, 7, WEEK - 1, WEEK, 3650 * WEEK]), st.integers(0, 18))
@example(WEEK, WEEK, 0)  # 0.5, a tie
@example(3 * WEEK, WEEK, 2)  # 0.125, another
@example(200 * WEEK, WEEK, 18)
def test_integers_say_what_decimals_say(age: int, half_life: int, digits: int) -> None:
    """Every weight has the same digits, ties and weights of nothing included."""
    assert half_life_units(age, half_life, digits) == decimals(age, half_life, digits)


@pytest.mark.parametrize(("age", "half_life"), [(-1, WEEK), (1, 0), (1, -WEEK)])
def test_what_has_no_weight_is_refused(age: int, half_life: int) -> None:
    """An age below 0 and a half-life that is none are refused, as decimals refuse them."""
    with pytest.raises(ValueError, match="age must be at least 0"):
        half_life_units(age, half_life, 18)
    with pytest.raises(ValueError, match="age must be at least 0"):
        half_life_weight(age, half_life)
