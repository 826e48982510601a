"""Arithmetic of decimals and amounts is exact, or it fails."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.language.decimals import (
    LONGEST,
    decimal_product,
    decimal_quotient,
    decimal_rounded,
    decimal_sum,
    money_times,
)
from dealgate.language.values import NANOS, CelError

NUMBERS = st.decimals(-(10**20), 10**20, places=9)


@given(NUMBERS, NUMBERS)
def test_what_is_computed_is_exact(left: Decimal, right: Decimal) -> None:
    """Sums, differences and products of decimals equal those of fractions."""
    assert Fraction(decimal_sum(left, right, 1)) == Fraction(left) + Fraction(right)
    assert Fraction(decimal_sum(left, right, -1)) == Fraction(left) - Fraction(right)
    assert Fraction(decimal_product(left, right)) == Fraction(left) * Fraction(right)


@given(st.integers(-(10**18), 10**18), st.decimals(-1000, 1000, places=6) | st.integers(-999, 999))
def test_an_amount_by_a_number_is_off_by_half_a_billionth_at_most(
    nanos: int, factor: Decimal | int
) -> None:
    """And keeps its currency."""
    currency, product = money_times(("EUR", nanos), factor)
    assert currency == "EUR"
    assert abs(product - nanos * Fraction(factor)) <= Fraction(1, 2)


@pytest.mark.parametrize("text", ["1e63", "1e-63", "1e999999", "9" * 60])
def test_what_grows_beyond_a_decimal_fails(text: str) -> None:
    """No answer holds a number that no fact may be; and none takes minutes to write."""
    with pytest.raises(CelError):
        decimal_product(Decimal(text), Decimal(text))
    with pytest.raises(CelError):
        decimal_sum(Decimal(10) ** (LONGEST - 1), Decimal("1e-9"), 1)
    with pytest.raises(CelError):
        money_times(("EUR", 2**62 * NANOS), 3)


@given(NUMBERS, NUMBERS.filter(bool), st.integers(0, 9))
def test_a_quotient_is_off_by_half_a_place_at_most(
    left: Decimal, right: Decimal, places: int
) -> None:
    """And has no more places than were asked for; halves go away from zero."""
    found = decimal_quotient(left, right, places)
    exact, unit = Fraction(left) / Fraction(right), Fraction(1, 10**places)
    assert abs(Fraction(found) - exact) <= unit / 2
    assert Fraction(found) % unit == 0
    if abs(Fraction(found) - exact) == unit / 2:
        assert abs(Fraction(found)) > abs(exact)


@given(NUMBERS, st.integers(0, 9))
def test_rounding_is_dividing_by_one(number: Decimal, places: int) -> None:
    """To whole numbers and to places alike."""
    assert decimal_rounded(number, places) == decimal_quotient(number, Decimal(1), places)


@pytest.mark.parametrize(
    ("left", "right", "places"),
    [("1", "0", 2), ("1", "3", 31), ("1", "3", -1), ("1e60", "1e-60", 2)],
)
def test_what_has_no_quotient_fails(left: str, right: str, places: int) -> None:
    """By zero, to places that nobody could ask for, or beyond what a decimal may be."""
    with pytest.raises(CelError):
        decimal_quotient(Decimal(left), Decimal(right), places)
