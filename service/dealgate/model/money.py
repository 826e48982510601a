"""Money in minor units: google.type.Money as an exact integer, and splits that add up.

An amount is an integer of its currency's minor units (cents, yen, fils), never a float.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from math import lcm

from babel.core import get_global
from babel.numbers import list_currencies
from google.type.money_pb2 import Money

Weight = Decimal | Fraction | int

NANOS = 1_000_000_000
UNITS_MIN, UNITS_MAX = -(2**63), 2**63 - 1
# ISO 4217 has a code for "no currency" and one for tests: neither can be owed. Metals, bond market
# units and units of account have codes too, and no minor unit ("N.A."): no amount in them is exact.
NOT_MONEY = (
    *("XXX", "XTS", "XAG", "XAU", "XPD", "XPT"),
    *("XBA", "XBB", "XBC", "XBD", "XDR", "XSU", "XUA"),
)
NOT_A_CURRENCY = "is not an ISO 4217 currency code; write three capital letters such as EUR"
# Where CLDR, which is about display, drops minor units that ISO 4217 (2024) still counts.
TWO_DECIMALS = ("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SLL", "SOS", "SYP")
ISO_4217 = {**dict.fromkeys((*TWO_DECIMALS, "YER"), 2), "IQD": 3}


def exponent(currency: str) -> int | None:
    """Return how many decimals `currency` (ISO 4217) has: USD 2, JPY 0, KWD 3; None: unknown."""
    return _exponents().get(currency)


def minor_per_unit(currency: str) -> int:
    """Return how many minor units make one: USD 100. Raises KeyError if it is not a currency."""
    return int(10 ** _exponents()[currency])


def fault(money: Money) -> str | None:
    """Return what is wrong with `money` and the cure, or None if it is an exact amount."""
    digits = exponent(money.currency_code)
    if digits is None:
        return f"currency_code {NOT_A_CURRENCY}"
    if not -NANOS < money.nanos < NANOS:
        return "nanos are outside ±999,999,999; carry whole units into units"
    if money.units * money.nanos < 0:
        return "units and nanos differ in sign; give both the sign of the amount"
    if money.nanos % 10 ** (9 - digits):
        return f"has more decimals than the {digits} of its currency; round it first"
    return None


def decimal(money: Money) -> Decimal:
    """Return the amount as a number of whole units; exact for any Money, sound or not."""
    return Decimal(money.units) + Decimal(money.nanos) / NANOS


def to_minor(money: Money) -> int:
    """Return the amount in minor units: EUR 10.50 is 1050. Raises ValueError on a `fault`."""
    units, nanos, factor = money.units, money.nanos, minor_factor(money.currency_code)
    if factor is None or nanos % factor or not -NANOS < nanos < NANOS or units * nanos < 0:
        raise ValueError(fault(money))
    minor: int = (units * NANOS + nanos) // factor
    return minor


def from_minor(amount: int, currency: str) -> Money:
    """Return `amount` minor units as Money. Raises ValueError if int64 units cannot hold it."""
    money = Money()
    put_minor(money, amount, currency)
    return money


def put_minor(money: Money, amount: int, currency: str) -> None:
    """Make an empty `money` say `amount` minor units, as `from_minor` does.

    Fields are put one by one: to name them in a constructor, and to copy, costs several times that.
    """
    factor = minor_factor(currency)
    if factor is None:
        raise ValueError("not an ISO 4217 currency")
    units, nanos = divmod(abs(amount) * factor, NANOS)
    sign = -1 if amount < 0 else 1
    if not UNITS_MIN <= sign * units <= UNITS_MAX:
        raise ValueError("the amount does not fit into 64 bits of units")
    money.currency_code = currency
    money.units = sign * units
    money.nanos = sign * nanos


def over_one_denominator(weights: Sequence[Weight]) -> tuple[list[int], int]:
    """Return the numerators of the weights over their least common denominator, and that."""
    ratios = [weight.as_integer_ratio() for weight in weights]
    common = lcm(*(below for _, below in ratios))
    return [above * (common // below) for above, below in ratios], common


def allocate(amount: int, weights: Sequence[Weight]) -> list[int]:
    """Split `amount` (minor units) in proportion to `weights` by the largest remainder.

    The parts sum to `amount` and each is less than one minor unit from its exact proportion.
    Equal remainders go to the earlier position, so callers order by touch instant, then id. A
    negative amount is split as its absolute value and negated: a refund mirrors its sale.
    Raises ValueError if a weight is negative or all are zero: who then gets the amount is the
    caller's decision. Source: Hamilton's method.
    """
    return allocate_integers(amount, over_one_denominator(weights)[0])


def allocate_integers(amount: int, weights: Sequence[int]) -> list[int]:
    """Split as `allocate` does, by weights that are integers: nearly all of its time is saved."""
    whole, size = sum(weights), abs(amount)
    if whole == 0 or min(weights) < 0:
        raise ValueError("weights must be at least 0, and one of them more")
    parts = [size * weight // whole for weight in weights]
    left = size - sum(parts)
    if left:
        rests = [size * weight % whole for weight in weights]
        ranked = sorted(range(len(rests)), key=rests.__getitem__, reverse=True)
        for position in ranked[:left]:
            parts[position] += 1
    return [-part for part in parts] if amount < 0 else parts


@cache
def _exponents() -> dict[str, int]:
    digits = get_global("currency_fractions")
    known = set(list_currencies()).difference(NOT_MONEY)
    return {code: int(digits.get(code, digits["DEFAULT"])[0]) for code in known} | ISO_4217


@lru_cache(maxsize=512)
def minor_factor(currency: str) -> int | None:
    """Return how many nanos a minor unit has; None: it is not a currency."""
    digits = exponent(currency)
    return None if digits is None else int(10 ** (9 - digits))
