"""Currencies and amounts are checked alike in every kind, and each fault comes with its cure."""

from decimal import Decimal

import pytest
from google.type.money_pb2 import Money

from dealgate.model.amounts import AMOUNT_MAX, SUM_MAX, bounded, bounded_sum, currency_code, total


@pytest.mark.parametrize("code", ["eur", "XXX", "", "EURO"])
def test_a_currency_is_one_of_iso_4217(code: str) -> None:
    """Whoever writes another code is told how a right one looks."""
    (wrong,) = currency_code("reporting.currency_code", code)
    assert wrong.field == "reporting.currency_code"
    assert "write three capital letters such as EUR" in wrong.description
    assert currency_code("reporting.currency_code", "EUR") == []


def test_amounts_have_a_bound() -> None:
    """On both sides of 0."""
    assert bounded("amount", Money(units=AMOUNT_MAX)) == []
    for units in (AMOUNT_MAX + 1, -AMOUNT_MAX - 1):
        (wrong,) = bounded("amount", Money(units=units))
        assert "check that units are whole units of the currency" in wrong.description


def test_sums_have_a_bound() -> None:
    """Amounts count whatever their signs, to the last nano."""
    half = Money(units=SUM_MAX // 2)
    assert total([half, half]) == SUM_MAX
    assert bounded_sum("items", Decimal(SUM_MAX)) == []
    over = total([half, half, Money(nanos=-1)])
    (wrong,) = bounded_sum("credits", over, subject="and quotas")
    assert wrong.description.startswith("and quotas are more than 10000000000000 units together")
