"""What can be wrong with currencies and with amounts, of any kind: as checks, they raise nothing.

That an amount is one at all is for `malformed` to say. Sums must fit into the 64 bits of
google.type.Money, and a run rate is more than a thousand times what is booked.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from google.type.money_pb2 import Money

from dealgate.model import money
from dealgate.model.errors import Violation

# Units of one amount, and of those whose sum is divided and rounded.
AMOUNT_MAX = 10**14
SUM_MAX = 10**13
CURE = "check that units are whole units of the currency"


def currency_code(path: str, code: str) -> list[Violation]:
    """A currency is one of ISO 4217."""
    return [] if money.exponent(code) is not None else [Violation(path, money.NOT_A_CURRENCY)]


def bounded(path: str, amount: Money, most: int = AMOUNT_MAX) -> list[Violation]:
    """An amount has at most this number of units."""
    wrong = abs(amount.units) > most
    return [Violation(path, f"is more than {most} units; {CURE}")] if wrong else []


def total(amounts: Iterable[Money]) -> Decimal:
    """Return what amounts come to whatever their signs."""
    return sum((abs(money.decimal(amount)) for amount in amounts), Decimal(0))


def bounded_sum(
    path: str, whole: Decimal | Fraction, most: int = SUM_MAX, subject: str = ""
) -> list[Violation]:
    """The sum of amounts has a bound in units; `subject` names them, if `path` does not."""
    words = f"{subject} are" if subject else "are"
    wrong = f"{words} more than {most} units together; {CURE}"
    return [Violation(path, wrong)] if whole > most else []
