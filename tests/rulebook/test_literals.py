"""Amounts, days, instants and decimals keep every digit."""

import datetime as dt
from decimal import Decimal as Number

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from dealgate.rulebook.literals import (
    LITERALS,
    read_date,
    read_decimal,
    read_money,
    read_timestamp,
    show_date,
    show_decimal,
    show_money,
    show_timestamp,
)

UNITS = st.integers(0, 10**18 - 1)
NANOS = st.integers(0, 999_999_999)


@given(units=UNITS, nanos=NANOS, sign=st.sampled_from([1, -1]))
def test_money_is_exact_to_the_nano(units: int, nanos: int, sign: int) -> None:
    """What is shown of an amount reads back as the same amount."""
    amount = Money(currency_code="EUR", units=sign * units, nanos=sign * nanos)
    assert read_money(show_money(amount)) == amount


@given(st.dates())
def test_dates_come_back(day: dt.date) -> None:
    """What is shown of a date reads back as the same date."""
    date = Date(year=day.year, month=day.month, day=day.day)
    assert read_date(show_date(date)) == date


@given(seconds=st.integers(-62_135_596_800, 253_402_300_799), nanos=NANOS)
def test_instants_are_exact_to_the_nano(seconds: int, nanos: int) -> None:
    """What is shown of an instant reads back as the same instant."""
    instant = Timestamp(seconds=seconds, nanos=nanos)
    assert read_timestamp(show_timestamp(instant)) == instant


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_decimals_are_shown_alike_only_if_equal(number: Number) -> None:
    """0.2 and 0.20 are one number, and no two numbers are shown alike."""
    shown = show_decimal(Decimal(value=f"{number:f}"))
    assert Number(shown) == number
    assert shown == show_decimal(Decimal(value=f"{number:f}0"))


def test_decimal_keeps_its_digits() -> None:
    """A fact is sent as it is written: 0.20 has two decimals."""
    assert read_decimal("0.20") == Decimal(value="0.20")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("google.type.Money", "1000.50 EUR"),
        ("google.type.Money", "EUR 1,000.50"),
        ("google.type.Money", "EUR 1.0000000001"),
        ("google.type.Money", "eur 1"),
        ("google.type.Date", "2026-02-30"),
        ("google.type.Date", "20260131"),
        ("google.type.Decimal", "1e3"),
        ("google.type.Decimal", "20%"),
        ("google.type.Decimal", "NaN"),
        ("google.protobuf.Timestamp", "2026-01-31"),
        ("google.protobuf.Timestamp", "2026-01-31T12:00:00"),
        ("google.protobuf.Timestamp", "2026-01-31T12:00:00+01:00"),
        ("google.protobuf.Timestamp", "2026-01-31T24:00:01Z"),
    ],
)
def test_what_is_no_literal_is_not_guessed(name: str, text: str) -> None:
    """A text that is nearly right is wrong."""
    assert LITERALS[name].read(text) is None
