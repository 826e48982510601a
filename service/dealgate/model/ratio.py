"""Faster exact fractions: `Fraction`, with the arithmetic of kinds written out.

Fraction asks of each operand which of many kinds of number it is, and calls four functions for a
sum. Here those that kinds compute with, fractions and integers, are told by their type; all else
is left to Fraction. A Ratio is a Fraction, of the same value, hash and text.
"""

from decimal import Decimal
from fractions import Fraction
from math import gcd
from typing import Any, TypeAlias

# Whatever Fraction takes, and gives.
Operand: TypeAlias = Any


class _Ratio(Fraction):
    """An exact fraction, in lowest terms."""

    __slots__ = ()

    # The slots themselves: a property of Python's costs more than the sum of two numbers.
    numerator = vars(Fraction)["_numerator"]
    denominator = vars(Fraction)["_denominator"]

    def __new__(cls, above: Operand = 0, below: Operand = None) -> Operand:
        """Return above / below; of one number or text, what it says exactly."""
        if above.__class__ is int:
            if below is None:
                return _ratio(above, 1)
            if below.__class__ is int and below > 0:
                shared = gcd(above, below)
                return _ratio(above // shared, below // shared)
        elif below is None and (above.__class__ in EXACT or above.__class__ is Decimal):
            return _ratio(*above.as_integer_ratio())
        return super().__new__(cls, above, below)

    def as_integer_ratio(self) -> tuple[int, int]:
        """Return numerator and denominator."""
        return self.numerator, self.denominator

    def __add__(self, other: Operand) -> Operand:
        """Return the sum."""
        if other.__class__ is int:
            return _ratio(self.numerator + other * self.denominator, self.denominator)
        if other.__class__ is _Ratio or other.__class__ is Fraction:
            return _sum(self.numerator, self.denominator, other.numerator, other.denominator)
        return super().__add__(other)

    def __radd__(self, other: Operand) -> Operand:
        """Return the sum."""
        if other.__class__ is int or other.__class__ is Fraction:
            return self + other
        return super().__radd__(other)

    def __sub__(self, other: Operand) -> Operand:
        """Return the difference."""
        if other.__class__ is int:
            return _ratio(self.numerator - other * self.denominator, self.denominator)
        if other.__class__ is _Ratio or other.__class__ is Fraction:
            return _sum(self.numerator, self.denominator, -other.numerator, other.denominator)
        return super().__sub__(other)

    def __rsub__(self, other: Operand) -> Operand:
        """Return the difference."""
        if other.__class__ is int or other.__class__ is Fraction:
            return -self + other
        return super().__rsub__(other)

    def __mul__(self, other: Operand) -> Operand:
        """Return the product."""
        if other.__class__ is int:
            return _product(self.numerator, self.denominator, other, 1)
        if other.__class__ is _Ratio or other.__class__ is Fraction:
            return _product(self.numerator, self.denominator, other.numerator, other.denominator)
        return super().__mul__(other)

    def __rmul__(self, other: Operand) -> Operand:
        """Return the product."""
        if other.__class__ is int or other.__class__ is Fraction:
            return self * other
        return super().__rmul__(other)

    def __truediv__(self, other: Operand) -> Operand:
        """Return the quotient; raises ZeroDivisionError."""
        if other and other.__class__ in EXACT:
            return _quotient(self.numerator, self.denominator, *other.as_integer_ratio())
        return super().__truediv__(other)

    def __rtruediv__(self, other: Operand) -> Operand:
        """Return the quotient; raises ZeroDivisionError."""
        if self.numerator and other.__class__ in EXACT:
            above, below = other.as_integer_ratio()
            return _quotient(above, below, self.numerator, self.denominator)
        return super().__rtruediv__(other)

    def __neg__(self) -> "_Ratio":
        """Return it with the other sign."""
        return _ratio(-self.numerator, self.denominator)

    def __abs__(self) -> "_Ratio":
        """Return it without its sign."""
        return _ratio(abs(self.numerator), self.denominator)

    def __bool__(self) -> bool:
        """Tell whether it is not 0."""
        return bool(self.numerator)

    def __round__(self, ndigits: Operand = None) -> Operand:
        """Return the nearest whole number, of two the even one."""
        if ndigits is not None:
            return super().__round__(ndigits)
        whole, rest = divmod(self.numerator, self.denominator)
        twice = 2 * rest
        up = twice > self.denominator or (twice == self.denominator and whole % 2 == 1)
        return whole + up

    def __eq__(self, other: Operand) -> bool:
        """Tell whether the values are equal."""
        if other.__class__ in EXACT:
            return bool(self.as_integer_ratio() == other.as_integer_ratio())
        return super().__eq__(other)

    __hash__ = Fraction.__hash__

    def __lt__(self, other: Operand) -> bool:
        """Tell whether it is less."""
        if other.__class__ is int:
            return bool(self.numerator < other * self.denominator)
        if other.__class__ is _Ratio or other.__class__ is Fraction:
            return bool(self.numerator * other.denominator < other.numerator * self.denominator)
        return super().__lt__(other)

    def __le__(self, other: Operand) -> bool:
        """Tell whether it is not more."""
        if other.__class__ is int:
            return bool(self.numerator <= other * self.denominator)
        if other.__class__ is _Ratio or other.__class__ is Fraction:
            return bool(self.numerator * other.denominator <= other.numerator * self.denominator)
        return super().__le__(other)

    def __gt__(self, other: Operand) -> bool:
        """Tell whether it is more."""
        if other.__class__ is int:
            return bool(self.numerator > other * self.denominator)
        if other.__class__ is _Ratio or other.__class__ is Fraction:
            return bool(self.numerator * other.denominator > other.numerator * self.denominator)
        return super().__gt__(other)

    def __ge__(self, other: Operand) -> bool:
        """Tell whether it is not less."""
        if other.__class__ is int:
            return bool(self.numerator >= other * self.denominator)
        if other.__class__ is _Ratio or other.__class__ is Fraction:
            return bool(self.numerator * other.denominator >= other.numerator * self.denominator)
        return super().__ge__(other)


def _ratio(above: int, below: int) -> _Ratio:
    """Return above / below, which are in lowest terms."""
    ratio: Any = _empty(_Ratio)
    ratio._numerator = above  # noqa: SLF001 - our own
    ratio._denominator = below  # noqa: SLF001
    made: _Ratio = ratio
    return made


def _sum(above: int, below: int, other: int, under: int) -> _Ratio:
    if below == under:
        if below == 1:
            return _ratio(above + other, 1)
        above += other
    else:
        above, below = above * under + other * below, below * under
    shared = gcd(above, below)
    return _ratio(above, below) if shared == 1 else _ratio(above // shared, below // shared)


def _product(above: int, below: int, other: int, under: int) -> _Ratio:
    above, below = above * other, below * under
    shared = gcd(above, below)
    return _ratio(above, below) if shared == 1 else _ratio(above // shared, below // shared)


def _quotient(above: int, below: int, other: int, under: int) -> _Ratio:
    if other < 0:
        other, under = -other, -under
    return _product(above, below, under, other)


_empty = object.__new__
# Numbers that say exactly by which two whole ones they are divided.
EXACT: frozenset[Any] = frozenset({int, _Ratio, Fraction})
# How it is made. Checkers take it for what it extends, of which they know every operation.
Ratio: type[Fraction] = _Ratio
