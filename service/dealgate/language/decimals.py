"""Arithmetic of decimals, and of amounts by numbers: exact, or it fails, or rounded as it says."""

from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DecimalException,
    Inexact,
    InvalidOperation,
    Overflow,
)
from fractions import Fraction

from dealgate.language.functions import INT64
from dealgate.language.values import NANOS, MoneyValue, fail

# The longest decimal that a fact may be has 64 characters; so has the longest that is computed.
LONGEST = 64
MOST_PLACES = 31  # that are asked for by number
_EXACT = Context(prec=2 * LONGEST + 2, traps=[Inexact, InvalidOperation, Overflow])


def decimal_sum(left: Decimal, right: Decimal, sign: int) -> Decimal:
    """Add (sign 1) or subtract (sign -1)."""
    try:
        return _bounded(_EXACT.add(left, right if sign > 0 else right.copy_negate()))
    except DecimalException:
        return fail("overflow")


def decimal_product(left: Decimal, right: Decimal) -> Decimal:
    """Multiply."""
    try:
        return _bounded(_EXACT.multiply(left, right))
    except DecimalException:
        return fail("overflow")


def decimal_quotient(left: Decimal, right: Decimal, places: int) -> Decimal:
    """Divide, to that many places; halves go away from zero. No digit before them is lost."""
    if not right:
        return fail("divide by zero")
    try:
        _bounded(left)
        unit = _unit(places)
        quotient = abs(Fraction(left) / Fraction(_bounded(right)) / Fraction(unit))
        count = (2 * quotient.numerator + quotient.denominator) // (2 * quotient.denominator)
        signed = Decimal(count if (left < 0) == (right < 0) else -count)
        return _bounded(_EXACT.multiply(signed, unit))
    except DecimalException:
        return fail("overflow")


def decimal_rounded(number: Decimal, places: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Round to that many places; by default halves go away from zero."""
    _bounded(number)
    unit = _unit(places)
    try:
        context = Context(prec=2 * LONGEST + 2, rounding=rounding, traps=[InvalidOperation])
        return _bounded(context.quantize(number, unit))
    except DecimalException:
        return fail("overflow")


def _unit(places: int) -> Decimal:
    if not 0 <= places < MOST_PLACES:
        return fail("too many places")
    return Decimal(1).scaleb(-places)


def decimal_of_int(number: int) -> Decimal:
    """decimal(3)."""
    return Decimal(number)


def money_times(amount: MoneyValue, factor: Decimal | int) -> MoneyValue:
    """Multiply an amount; what is finer than a billionth of a unit is rounded half to even."""
    if isinstance(factor, Decimal):
        _bounded(factor)
    nanos = round(amount[1] * Fraction(factor))
    return (amount[0], nanos) if abs(nanos) // NANOS <= INT64[1] else fail("overflow")


def _bounded(number: Decimal) -> Decimal:
    exponent = number.as_tuple().exponent
    finite = isinstance(exponent, int) and -LONGEST < exponent < LONGEST
    if not finite or number.adjusted() >= LONGEST or len(f"{number:f}") > LONGEST:
        return fail("overflow")
    return number
