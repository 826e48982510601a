"""Arithmetic of decimals, and of amounts by numbers: exact, or it fails."""

from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from fractions import Fraction

from dealgate.language.functions import INT64
from dealgate.language.values import NANOS, MoneyValue, fail

# The longest decimal that a fact may be has 64 characters; so has the longest that is computed.
LONGEST = 64
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
