"""A Ratio is the Fraction of the same value, whatever is done with it."""

import operator
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any, TypeAlias

import pytest

from dealgate.model.ratio import Ratio

Operand: TypeAlias = Any
Operation: TypeAlias = Callable[[Operand, Operand], Operand]

VALUES = [Fraction(*pair) for pair in product((-7, -1, 0, 2, 10**30 + 1), (1, 3, 4, 10**20))]
OPERATIONS = (
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod),
    *(operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne),
)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_gives_what_it_gives_of_fractions(operation: Operation) -> None:
    """Also with integers, fractions and decimals on either side."""
    for left, right in product(VALUES, VALUES):
        for one, other in (
            (Ratio(left), Ratio(right)),
            (Ratio(left), right),
            (left, Ratio(right)),
            (Ratio(left), right.numerator),
            (left.numerator, Ratio(right)),
            (Ratio(left), True),
            (Ratio(left), 0.5),
        ):
            assert _outcome(operation, one, other) == _outcome(
                operation, _plain(one), _plain(other)
            )


def test_a_ratio_is_made_of_whatever_a_fraction_is_made_of() -> None:
    """Numbers, texts, and pairs; what is none is refused alike."""
    for given in (
        (3,),
        ("0.125",),
        (Decimal("-1.50"),),
        (Fraction(2, 6),),
        (6, -4),
        (True,),
        (0, 5),
    ):
        made = Ratio(*given)
        assert type(made) is Ratio
        assert made.as_integer_ratio() == Fraction(*given).as_integer_ratio()
    for given in ((1, 0), ("x",), (Decimal("nan"),)):
        with pytest.raises((ZeroDivisionError, ValueError)):
            Ratio(*given)


@pytest.mark.parametrize("value", VALUES)
def test_a_ratio_looks_like_its_fraction(value: Fraction) -> None:
    """Its hash, its text, and what it is rounded to."""
    ratio = Ratio(value)
    assert hash(ratio) == hash(value)
    assert str(ratio) == str(value)
    assert round(ratio) == round(value)
    assert round(ratio, 3) == round(value, 3)
    assert bool(ratio) is bool(value)
    assert (-ratio, abs(ratio)) == (-value, abs(value))
    assert pickle.loads(pickle.dumps(ratio)) == value
    assert float(ratio) == float(value)


@pytest.mark.parametrize("half", [Fraction(1, 2), Fraction(3, 2), Fraction(-1, 2), Fraction(-5, 2)])
def test_halves_go_to_the_even_number(half: Fraction) -> None:
    """As Python rounds them."""
    assert round(Ratio(half)) == round(half)


def test_decimals_are_compared() -> None:
    """They are what parameters hold."""
    assert Ratio(1, 2) >= Decimal("0.5")
    assert Ratio(1, 3) < Decimal("0.5")
    assert Ratio(1, 2) == Decimal("0.5")


def _plain(value: Operand) -> Operand:
    return Fraction(value) if type(value) is Ratio else value


def _outcome(operation: Operation, one: Operand, other: Operand) -> Operand:
    try:
        return operation(one, other)
    except ZeroDivisionError:
        return "divided by zero"
