"""Python's values as the contracts write them."""

import datetime as dt
import time
from decimal import Decimal
from typing import Any

import pytest
from google.type.money_pb2 import Money
from hypothesis import given, settings, strategies as st

from dealgate_client import amount, date, decimal, instant, money, new_key, timestamp

AMOUNTS = st.decimals(-(10**18), 10**18, places=9).filter(lambda number: number.is_finite())
INSTANTS = st.datetimes(timezones=st.timezones())


@settings(deadline=None)
@given(AMOUNTS)
def test_money_keeps_every_digit(number: Decimal) -> None:
    """What goes in comes out, exactly; units and nanos never differ in sign."""
    written = money("EUR", number)
    assert amount(written) == number
    assert written.units * written.nanos >= 0
    assert abs(written.nanos) < 10**9


def test_money_reads_what_people_write() -> None:
    """Strings, whole numbers and decimals; less than one unit keeps its sign in the nanos."""
    assert money("EUR", "12.50") == Money(currency_code="EUR", units=12, nanos=500_000_000)
    assert money("JPY", 1200) == Money(currency_code="JPY", units=1200)
    assert money("EUR", Decimal("-0.01")) == Money(currency_code="EUR", nanos=-10_000_000)


@pytest.mark.parametrize(
    "wrong", ["", "twelve", "NaN", "Infinity", "0.0000000001", f"1.{'0' * 40}1"]
)
def test_what_is_no_exact_amount_is_refused(wrong: str) -> None:
    """Nothing is rounded, and nothing is guessed."""
    with pytest.raises(ValueError, match=r"decimals|decimal number|finite"):
        money("EUR", wrong)


@pytest.mark.parametrize("wrong", [0.1, True])
def test_floats_are_refused(wrong: Any) -> None:
    """0.1 is not a tenth; the error says what to write instead."""
    with pytest.raises(TypeError, match="string or a Decimal"):
        money("EUR", wrong)
    with pytest.raises(TypeError, match="string or a Decimal"):
        decimal(wrong)


def test_a_decimal_keeps_its_text() -> None:
    """Trailing zeros are part of an exact number."""
    assert decimal("0.20").value == "0.20"


@settings(deadline=None)
@given(INSTANTS)
def test_an_instant_is_the_same_in_every_zone(when: dt.datetime) -> None:
    """It comes back in UTC, equal to the microsecond, wherever it was written."""
    try:
        expected = when.astimezone(dt.UTC)
    except OverflowError:  # the first and last day of the calendar, in a zone off UTC
        return
    assert instant(timestamp(when)) == expected


def test_a_datetime_without_a_zone_is_refused() -> None:
    """It names no instant."""
    with pytest.raises(ValueError, match="no time zone"):
        timestamp(dt.datetime(2026, 6, 1, 12))  # noqa: DTZ001  the fault under test


def test_a_datetime_is_not_a_date() -> None:
    """Which day an instant falls on depends on the zone, so the caller has to say."""
    assert date(dt.date(2026, 2, 28)).day == 28
    with pytest.raises(TypeError, match="time zone"):
        date(dt.datetime(2026, 2, 28, tzinfo=dt.UTC))


def test_later_keys_sort_later() -> None:
    """The server appends them to its index instead of spreading them over it."""
    keys = []
    for _ in range(5):
        keys.append(new_key())
        time.sleep(0.002)
    assert keys == sorted(set(keys))
