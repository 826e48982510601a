"""What the functions of CEL's math extension do, within 64 bits and as IEEE 754 does it."""

import math
from collections.abc import Callable

from dealgate.language.functions import INT64, UINT64_MAX
from dealgate.language.values import fail

BITS = 64
# From here on every double is a whole number.
WHOLE = 2.0**52


def absolute(number: int) -> int:
    """Return the absolute value; the least int has none."""
    return abs(number) if number != INT64[0] else fail("overflow")


def rounded(number: float) -> float:
    """Round to a whole number, halves away from zero."""
    if not math.isfinite(number) or abs(number) >= WHOLE:
        return number
    low = math.floor(abs(number))
    return math.copysign(low + (abs(number) - low >= 0.5), number)  # a half


def whole(apply: Callable[[float], int], number: float) -> float:
    """Apply ceil, floor or trunc, and stay a double with the sign of its zero."""
    return math.copysign(float(apply(number)), number) if math.isfinite(number) else number


def sign(number: float) -> float:
    """Return -1, 0 or 1 in the number's own type; NaN of NaN."""
    is_nan = number != number  # noqa: PLR0124  # the test for NaN that needs no call
    return number if is_nan else type(number)((number > 0) - (number < 0))


def square_root(number: float) -> float:
    """Return the square root; NaN of what is negative."""
    return math.sqrt(number) if number >= 0 else math.nan


def shift_left(number: int, by: int, *, signed: bool) -> int:
    """Shift within 64 bits; bits that leave are lost."""
    if by < 0:
        fail("negative shift")
    return _within((number << by) & UINT64_MAX if by < BITS else 0, signed=signed)


def shift_right(number: int, by: int, *, signed: bool) -> int:
    """Shift within 64 bits; zeros come in from the left, for negative numbers too."""
    if by < 0:
        fail("negative shift")
    return _within((number & UINT64_MAX) >> by if by < BITS else 0, signed=signed)


def _within(bits: int, *, signed: bool) -> int:
    return bits - 2**BITS if signed and bits > INT64[1] else bits


def scaled(nanos: int, factor: int) -> int:
    """Return a duration several times over."""
    product = nanos * factor
    return product if INT64[0] <= product <= INT64[1] else fail("duration out of range")
