"""Claims about rounding: exact parts become whole ones that still add up."""

from fractions import Fraction
from itertools import accumulate
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.model.rounding import Rounding, cumulative, rounded

METHODS = get_args(Rounding)
# `st.fractions` takes five times as long to draw them.
EXACT = st.builds(Fraction, st.integers(-(10**8), 10**8), st.integers(1, 400))
PARTS = st.lists(EXACT, min_size=1, max_size=30)
# ERPNext test_sales_invoice.py, test_deferred_revenue (vector rev-erp-days): 100.00 over 22, 28
# and 15 of 65 days.
ERPNEXT = [Fraction(10_000 * days, 65) for days in (22, 28, 15)]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("plug_last", [3385, 4308, 2307]),
        ("cumulative", [3385, 4307, 2308]),
        ("largest_remainder", [3384, 4308, 2308]),
    ],
)
def test_methods_differ_as_published(method: Rounding, expected: list[int]) -> None:
    """ERPNext plugs the last part; the other two put the cent elsewhere (rev-erp-days)."""
    assert rounded(ERPNEXT, method) == expected


@pytest.mark.parametrize("method", METHODS)
@given(PARTS)
def test_parts_sum_to_the_whole(method: Rounding, exact: list[Fraction]) -> None:
    """Whatever the signs: the parts sum to the sum of the exact ones, rounded half to even."""
    assert sum(rounded(exact, method)) == round(sum(exact))


@given(PARTS)
def test_a_running_total_is_never_more_than_half_off(exact: list[Fraction]) -> None:
    """Cumulative rounding keeps every balance within half a minor unit."""
    pairs = zip(accumulate(cumulative(exact)), accumulate(exact), strict=True)
    assert all(abs(whole - part) <= Fraction(1, 2) for whole, part in pairs)


@given(PARTS, PARTS)
def test_the_past_does_not_depend_on_the_future(
    past: list[Fraction], later: list[Fraction]
) -> None:
    """What cumulative rounding booked stays booked, whatever is appended."""
    assert cumulative([*past, *later])[: len(past)] == cumulative(past)


@pytest.mark.parametrize("method", ["cumulative", "largest_remainder"])
@given(PARTS)
def test_a_refund_mirrors_its_sale(method: Rounding, exact: list[Fraction]) -> None:
    """The negative of a whole is divided as its mirror."""
    mirrored = rounded([-part for part in exact], method)
    if method == "cumulative" or round(sum(exact)):
        assert mirrored == [-part for part in rounded(exact, method)]
