"""Parts of an amount in minor units, and numbers as exact text."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.model.malformed import plain_decimal
from dealgate.model.money import allocate, from_minor, to_minor
from dealgate.model.quick import quick
from dealgate.model.ratio import Ratio

SHARE_DECIMALS = 12


def fraction(number: DecimalMessage) -> Fraction:
    """Return the exact number, 0 if it is not given."""
    return Ratio(plain_decimal(number) or 0)


def decimal_message(number: Fraction, decimals: int = SHARE_DECIMALS) -> DecimalMessage:
    """Write `number` rounded half to even, without trailing zeros."""
    message = DecimalMessage()
    message.value = rounded(number, decimals)
    return message


def rounded(number: Fraction, decimals: int = SHARE_DECIMALS) -> str:
    """Return the text of `decimal_message`."""
    return _rounded(number.numerator, number.denominator, decimals)


@lru_cache(maxsize=16384)
def _rounded(above: int, below: int, decimals: int) -> str:
    scaled, rest = divmod(abs(above) * 10**decimals, below)
    up = 2 * rest > below or (2 * rest == below and scaled % 2 == 1)
    digits = f"{scaled + up:0{decimals + 1}d}"
    text = f"{digits[:-decimals]}.{digits[-decimals:]}".rstrip("0").rstrip(".")
    return f"-{text}" if above < 0 and text != "0" else text


@quick
@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of an amount in minor units; the last one is what is unattributed."""

    minor: Sequence[int]
    currency: str

    def sum_of(self, indexes: Sequence[int]) -> int:
        """Return the sum of the parts at these places, in minor units."""
        minor = self.minor
        return sum([minor[index] for index in indexes])

    def of(self, *indexes: int) -> Money:
        """Return the sum of the parts at these places."""
        return from_minor(self.sum_of(indexes), self.currency)


def divide(amount: Money, shares: Sequence[Fraction]) -> Parts:
    """Divide `amount`; `shares` sum to 1."""
    return Parts(allocate(to_minor(amount), shares), amount.currency_code)
