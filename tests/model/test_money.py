"""Claims about exact amounts and their splits."""

from decimal import Decimal
from fractions import Fraction

import pytest
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from dealgate.model.money import allocate, exponent, fault, from_minor, to_minor

amounts = st.integers(-(10**15), 10**15)
currencies = st.sampled_from(["JPY", "EUR", "KWD", "CLF"])
weights = st.lists(
    st.one_of(
        st.integers(0, 1000),
        st.builds(Fraction, st.integers(0, 10_000), st.integers(1, 1000)),
        st.decimals(0, 10, places=6),
    ),
    min_size=1,
    max_size=12,
).filter(any)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("JPY", 0), ("ISK", 0), ("USD", 2), ("RSD", 2), ("KWD", 3), ("IQD", 3), ("CLF", 4)],
)
def test_the_exponent_is_that_of_iso_4217(currency: str, digits: int) -> None:
    """Where CLDR shows fewer decimals than ISO 4217 counts (RSD, IQD), ISO 4217 holds."""
    assert exponent(currency) == digits


@pytest.mark.parametrize("currency", ["", "usd", "EURO", "XXX", "XTS", "XAU", "XDR", "BTC", "ZZZ"])
def test_what_is_no_currency_has_no_exponent(currency: str) -> None:
    """Only ISO 4217 codes that can be owed are currencies, and case counts."""
    assert exponent(currency) is None


@pytest.mark.parametrize(
    ("money", "words"),
    [
        (Money(currency_code="ZZZ", units=1), "ISO 4217"),
        (Money(units=1), "ISO 4217"),
        (Money(currency_code="USD", nanos=1_000_000_000), "±999,999,999"),
        (Money(currency_code="USD", nanos=-1_000_000_000), "±999,999,999"),
        (Money(currency_code="USD", units=1, nanos=-10_000_000), "sign"),
        (Money(currency_code="USD", units=-1, nanos=10_000_000), "sign"),
        (Money(currency_code="USD", units=1, nanos=1_000_000), "more decimals"),
        (Money(currency_code="JPY", units=1, nanos=500_000_000), "more decimals"),
        (Money(currency_code="KWD", units=-1, nanos=-100_000), "more decimals"),
    ],
)
def test_every_fault_of_an_amount_is_named_without_its_value(money: Money, words: str) -> None:
    """A malformed amount is refused with what is wrong, and is never converted."""
    assert words in (fault(money) or "")
    with pytest.raises(ValueError, match=words):
        to_minor(money)


@given(amounts, currencies)
def test_money_and_minor_units_convert_without_loss(amount: int, currency: str) -> None:
    """Minor units to Money and back is the identity, in every exponent and sign."""
    money = from_minor(amount, currency)
    assert fault(money) is None
    assert to_minor(money) == amount


def test_minus_one_seventy_five_is_written_as_google_documents_it() -> None:
    """-1.75 is units -1 and nanos -750,000,000 (googleapis google/type/money.proto)."""
    assert from_minor(-175, "USD") == Money(currency_code="USD", units=-1, nanos=-750_000_000)


def test_an_amount_beyond_64_bits_is_refused() -> None:
    """An amount that Money cannot hold is an error, not a wrapped number."""
    assert from_minor((2**63 - 1) * 100 + 99, "USD").units == 2**63 - 1
    assert to_minor(from_minor(-(2**63) * 100, "USD")) == -(2**63) * 100
    with pytest.raises(ValueError, match="64 bits"):
        from_minor(2**63 * 100, "USD")


def test_an_unknown_currency_is_refused_when_money_is_made() -> None:
    """Without an exponent there is no amount."""
    with pytest.raises(ValueError, match="ISO 4217"):
        from_minor(1, "ZZZ")


@pytest.mark.parametrize(
    ("amount", "count", "expected"),
    [
        (10000, 3, [3334, 3333, 3333]),
        (100, 7, [15, 15, 14, 14, 14, 14, 14]),
        (5, 3, [2, 2, 1]),
    ],
)
def test_money_lr(amount: int, count: int, expected: list[int]) -> None:
    """Vector money-lr: equal remainders go to the earlier position (Hamilton's method)."""
    assert allocate(amount, [1] * count) == expected


def test_the_largest_remainder_gets_the_odd_cent() -> None:
    """0.40 of a cent beats 0.30 of a cent, wherever it stands."""
    assert allocate(1, [Decimal("0.3"), Decimal("0.3"), Decimal("0.4")]) == [0, 0, 1]


@given(amounts, weights)
def test_parts_sum_to_the_whole_and_each_is_within_a_minor_unit(
    amount: int, given_weights: list[int | Fraction | Decimal]
) -> None:
    """Nothing is lost or made, and no part is a whole minor unit off its exact proportion."""
    parts = allocate(amount, given_weights)
    whole = sum(Fraction(weight) for weight in given_weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, given_weights, strict=True):
        assert abs(part - amount * Fraction(weight) / whole) < 1


@given(amounts, weights)
def test_a_refund_mirrors_its_sale(amount: int, given_weights: list[int]) -> None:
    """The parts of -x are the parts of x, negated."""
    assert allocate(-amount, given_weights) == [-part for part in allocate(amount, given_weights)]


@given(amounts, weights, st.fractions("1/1000", 1000))
def test_only_the_proportions_of_weights_count(
    amount: int, given_weights: list[int | Fraction | Decimal], factor: Fraction
) -> None:
    """Scaling every weight by the same factor changes no part."""
    scaled = [Fraction(weight) * factor for weight in given_weights]
    assert allocate(amount, scaled) == allocate(amount, given_weights)


@given(amounts, st.permutations([1, 2, 4, 8, 16]))
def test_without_ties_the_order_does_not_matter(amount: int, order: list[int]) -> None:
    """Where no two remainders are equal, each weight gets the same part wherever it stands."""
    whole = sum(order)
    remainders = {abs(amount) * weight % whole for weight in order}
    parts = dict(zip(order, allocate(amount, order), strict=True))
    ordered = dict(zip(sorted(order), allocate(amount, sorted(order)), strict=True))
    assert len(remainders) < len(order) or parts == ordered


@pytest.mark.parametrize("wrong", [[], [0, 0], [1, -1, 2], [Decimal(0)], [-1]])
def test_weights_that_divide_nothing_are_refused(wrong: list[int]) -> None:
    """No weight, only zeros, or a negative weight: the caller must decide who gets the amount."""
    with pytest.raises(ValueError, match="weights"):
        allocate(100, wrong)
