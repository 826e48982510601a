"""A whole that is divided by weights: shares that sum to 1, or amounts that sum to an amount."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.model.declared_messages import Group
from dealgate.model.money import allocate, fault, from_minor, to_minor
from dealgate.model.parts import SHARE_DECIMALS, decimal_message
from dealgate.model.properties import Property

ONE = 10**SHARE_DECIMALS


@dataclass(frozen=True, slots=True)
class Split:
    """What kind.yaml says of one: the numbers of the outcome that are its weights, and the amount.

    `whole` is the path of an amount in the facts; "": shares of 1 are wanted.
    """

    among: Sequence[str]
    whole: str = ""

    def fields(self, of: Property) -> Group:
        """Return the fields that hold the parts: one for each weight, called like it."""
        type_ = "money" if self.whole else "decimal"
        return Group({name: Property(name, type_, because=of.because) for name in self.among})

    def parts(self, facts: Any, weights: Mapping[str, Decimal]) -> Mapping[str, Any] | None:
        """Return the part of each weight; None: the amount is not known, or nothing has weight.

        Parts sum to the whole exactly: what rounding leaves goes to the largest remainders.
        """
        given = [Fraction(weights.get(name, 0)) for name in self.among]
        if min(given) < 0 or not any(given):
            return None
        if not self.whole:
            shares = [Fraction(part, ONE) for part in allocate(ONE, given)]
            return dict(zip(self.among, map(_share, shares), strict=True))
        amount = self.amount(facts)
        if amount is None:
            return None
        minor = allocate(to_minor(amount), given)
        money = [from_minor(part, amount.currency_code) for part in minor]
        return dict(zip(self.among, money, strict=True))

    def amount(self, facts: Any) -> Any:
        """Return the amount that is divided; None: it is not known, or there is none to divide."""
        held = facts
        for step in self.whole.split(".") if self.whole else ():
            if not held.HasField(step):
                return None
            held = getattr(held, step)
        return None if not self.whole or fault(held) else held


def _share(share: Fraction) -> DecimalMessage:
    return decimal_message(share)
