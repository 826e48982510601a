"""What operators and functions do with numbers, text, lists and money, as cel-cpp does it."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

import re2

from dealgate.language.values import (
    NANOS,
    CelError,
    CurrenciesDiffer,
    MoneyValue,
    Scalar,
    Value,
    fail,
    parse_decimal,
)

INT64 = (-(2**63), 2**63 - 1)
UINT64_MAX = 2**64 - 1
DIGITS = 20  # of the longest integer
NANO_DIGITS = 9
# What compares by `==`: tests of containers cost more than most comparisons.
SCALARS = frozenset({bool, int, float, str, bytes, tuple})
TRUE = {"true", "t", "True", "TRUE", "1"}
FALSE = {"false", "f", "False", "FALSE", "0"}


def int64(number: int) -> int:
    """Check that a result fits an int."""
    return number if INT64[0] <= number <= INT64[1] else fail("overflow")


def uint64(number: int) -> int:
    """Check that a result fits a uint."""
    return number if 0 <= number <= UINT64_MAX else fail("overflow")


def divide(a: int, b: int) -> int:
    """Divide, truncating towards zero as CEL does (Python floors)."""
    if b == 0:
        fail("divide by zero")
    quotient = abs(a) // abs(b)
    return int64(quotient if (a < 0) == (b < 0) else -quotient)


def modulo(a: int, b: int) -> int:
    """Return the remainder, which has the sign of `a`."""
    if b == 0:
        fail("modulus by zero")
    if a == INT64[0] and b == -1:
        fail("overflow")
    remainder = abs(a) % abs(b)
    return -remainder if a < 0 else remainder


def divide_uint(a: int, b: int) -> int:
    """Divide unsigned integers."""
    return a // b if b else fail("divide by zero")


def modulo_uint(a: int, b: int) -> int:
    """Return the remainder of unsigned integers."""
    return a % b if b else fail("modulus by zero")


def divide_double(a: float, b: float) -> float:
    """Divide as IEEE 754 does: by zero it is infinite, or not a number."""
    if b:
        return a / b
    if a == 0 or a != a:  # noqa: PLR0124  # the test for NaN that needs no call
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1, b)


def index(items: Sequence[Value], position: int) -> Value:
    """Read a list's element; Python would take negative positions from the end."""
    return items[position] if 0 <= position < len(items) else fail("index out of bounds")


def lookup(table: Mapping[Scalar, Value], key: Scalar) -> Value:
    """Read a map's value. Never `table[key]` alone: a protobuf map would insert the key."""
    return table[key] if key in table else fail("no such key")


def equal(a: Any, b: Any) -> bool:
    """Compare lists and maps deeply; protobuf's containers do not compare with Python's."""
    if type(a) in SCALARS:
        return bool(a == b)
    if hasattr(a, "keys"):
        return len(a) == len(b) and all(key in b and equal(a[key], b[key]) for key in a)
    if isinstance(a, Sequence):
        return len(a) == len(b) and all(map(equal, a, b))
    return bool(a == b)


def contains(item: Value, items: Iterable[Value]) -> bool:
    """Tell whether a list holds an item, comparing deeply."""
    if type(item) in SCALARS:
        # Not `in`: that takes a NaN for equal to itself.
        return any(item == other for other in items)
    return any(equal(item, other) for other in items)


def build_map(*parts: Value) -> Mapping[Scalar, Value]:
    """Build a map literal from key, value, key, value, …; a repeated key is an error."""
    table = dict(zip(cast("Sequence[Scalar]", parts[::2]), parts[1::2], strict=True))
    return table if 2 * len(table) == len(parts) else fail("repeated key")


def int_of_string(text: str) -> int:
    """Parse an int; Python refuses to read thousands of digits."""
    match = re.fullmatch(r"([+-]?)0*(\d+)", text, re.ASCII)
    if match is None:
        fail("not an int")
    return int64(int(match[1] + match[2])) if len(match[2]) <= DIGITS else fail("overflow")


def uint_of_string(text: str) -> int:
    """Parse a uint."""
    match = re.fullmatch(r"\+?0*(\d+)", text, re.ASCII)
    if match is None:
        fail("not a uint")
    return uint64(int(match[1])) if len(match[1]) <= DIGITS else fail("overflow")


def double_of_string(text: str) -> float:
    """Parse a double."""
    try:
        plain = text.isascii() and text == text.strip() and "_" not in text
        return float(text) if plain else fail("not a double")
    except ValueError:
        fail("not a double")


def int_of_double(number: float) -> int:
    """Truncate a double to an int."""
    if number != number or not -(2.0**63) < number < 2.0**63:  # noqa: PLR0124  # NaN
        fail("out of range")
    return int(number)


def uint_of_double(number: float) -> int:
    """Truncate a double to a uint."""
    if number != number or not 0 <= number < 2.0**64:  # noqa: PLR0124  # NaN
        fail("out of range")
    return int(number)


def string_of_double(number: float) -> str:
    """Write a double as cel-cpp does."""
    if number != number:  # noqa: PLR0124  # NaN
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    if number == int(number) and abs(number) < 1e15:
        return "-0" if number == 0 and math.copysign(1, number) < 0 else str(int(number))
    return repr(number).replace(".0e", "e")


def bool_of_string(text: str) -> bool:
    """Parse a bool."""
    return True if text in TRUE else False if text in FALSE else fail("not a bool")


def string_of_bytes(data: bytes) -> str:
    """Decode UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        fail("not UTF-8")


ANYTHING_BUT_BLANKS = "[^ ]"


def matches(text: str, pattern: str) -> bool:
    """Search with RE2, which cannot be made to run for long.

    In bytes: of a text RE2 would also count, in characters, where it found the pattern. Whether
    there is anything but blanks, which rules ask most, is seen without it.
    """
    if pattern == ANYTHING_BUT_BLANKS:
        return bool(text.strip(" "))
    ready: Any = compiled(pattern)  # it searches in either, whatever it was compiled from
    return ready.search(text.encode()) is not None


RE2 = re2.Options()
RE2.log_errors = False


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> "re.Pattern[str]":
    """Return a pattern, ready to be searched with."""
    try:
        ready: re.Pattern[str] = re2.compile(pattern, RE2)
    except re2.error:
        raise CelError("not a regular expression") from None
    return ready


# What Dealgate declares beyond CEL's standard library.


@lru_cache(maxsize=1024)
def money_of_strings(currency: str, amount: str) -> MoneyValue:
    """money("EUR", "1000.50")."""
    if not re.fullmatch(r"[A-Z]{3}", currency, re.ASCII):
        fail("not a currency code")
    number = parse_decimal(amount)
    if number and not -NANO_DIGITS <= number.adjusted() <= DIGITS:
        fail("not an amount of money")
    nanos = number * NANOS
    if nanos != nanos.to_integral_value() or abs(nanos) > INT64[1] * NANOS:
        fail("not an amount of money")
    return currency, int(nanos)


def same_currency(a: MoneyValue, b: MoneyValue) -> int:
    """Return the second amount, which may be compared with the first, or added to it."""
    if a[0] != b[0]:
        raise CurrenciesDiffer("currencies differ")
    return b[1]


def money_sum(a: MoneyValue, b: MoneyValue, sign: int) -> MoneyValue:
    """Add (sign 1) or subtract (sign -1)."""
    return a[0], a[1] + sign * same_currency(a, b)


def decimal_of_string(text: str) -> Decimal:
    """decimal("0.2")."""
    return parse_decimal(text)
