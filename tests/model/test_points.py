"""Claims about points that fade and fill caps."""

from collections.abc import Hashable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.model import points as points_module
from dealgate.model.instants import DAY
from dealgate.model.points import (
    granted,
    halving,
    in_millionths,
    period,
    plain,
    plain_millionths,
    stepped,
)

amounts = st.integers(0, 10**9)
claims = st.lists(st.tuples(st.sampled_from("abc"), amounts), max_size=10)


@given(claims, amounts)
def test_what_is_granted_is_what_is_claimed_up_to_the_cap(
    claimed: list[tuple[str, int]], cap: int
) -> None:
    """Per key the lesser of the two, and no claim gets too much."""
    left: dict[Hashable, int] = {}
    shares = [granted(left, key, cap, amount) for key, amount in claimed]
    assert all(0 <= got <= asked for got, (_, asked) in zip(shares, claimed, strict=True))
    for key in "abc":
        asked = sum(amount for name, amount in claimed if name == key)
        got = sum(got for got, (name, _) in zip(shares, claimed, strict=True) if name == key)
        assert got == min(asked, cap)


@given(amounts, st.integers(0, 500 * DAY), st.integers(0, 500 * DAY), st.integers(1, 90))
def test_points_only_fade_by_half_life(points: int, early: int, more: int, days: int) -> None:
    """From all of them towards none."""
    now, later = (halving(days * DAY)(points, age) for age in (early, early + more))
    assert halving(days * DAY)(points, 0) == points
    assert 0 <= later <= now <= points


@given(amounts, st.integers(0, 500 * DAY), st.integers(0, 500 * DAY), st.integers(1, 90))
def test_points_only_fade_in_steps(points: int, early: int, more: int, days: int) -> None:
    """From all of them to none, and not below."""
    now, later = (stepped(points, age, 5_000_000, days * DAY) for age in (early, early + more))
    assert stepped(points, 0, 5_000_000, days * DAY) == points
    assert 0 <= later <= now <= points


@pytest.mark.parametrize(
    ("day", "number"), [("1970-01-04", -1), ("1970-01-05", 0), ("1970-01-11", 0), ("1970-01-12", 1)]
)
def test_a_period_of_seven_days_is_a_calendar_week(day: str, number: int) -> None:
    """It begins on Monday: 1970-01-05 was one."""
    days = int(day[-2:]) - 1
    assert period(days * DAY, 7) == number
    assert period((days + 1) * DAY - 1, 7) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [("12.50", "12.5"), ("30.000000", "30"), ("0E-6", "0"), ("100", "100"), ("1E+2", "100")],
)
def test_numbers_are_written_plainly(number: str, text: str) -> None:
    """No exponent, no trailing zeros, and no zero of a whole number lost."""
    assert plain(Decimal(number)) == text
    assert plain_millionths(in_millionths(Decimal(number))) == text


@given(st.decimals(-1000, 1000, places=6))
def test_millionths_are_written_as_the_number_is(number: Decimal) -> None:
    """Without exponent and trailing zeros, whatever the sign."""
    assert plain_millionths(in_millionths(number)) == plain(number + 0)


@given(
    st.integers(1, 99_900).map(lambda hundredths: hundredths * 10_000),
    st.integers(0, 400 * DAY),
    st.integers(1, 3650 * DAY // 100).map(lambda hundredths: hundredths * 100),
)
def test_fading_in_floats_is_exact_all_the_same(points: int, age: int, half_life: int) -> None:
    """Whatever the points, the age and the half-life: to the millionth, ties included."""
    exactly = points_module._halved_exactly(points, age, half_life)
    assert halving(half_life)(points, age) == exactly
