"""Bonuses: what rules add to single credits, and what reversals take back of it.

A flat amount is for a deal: it is paid once, by the seller's split, for a booking and for no
correction, and a reversal takes back as much of it as of the booking. A rate pays on the amount.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from dealgate.kinds.quota.claims import Claims
from dealgate.kinds.quota.credits import Credited, split_of
from dealgate.kinds.quota.terms import QuotaEffect
from dealgate.kinds.quota.ties import BOOKED, Bookings
from dealgate.model.money import from_minor, minor_per_unit
from dealgate.model.ratio import Ratio
from dealgate.model.rounding import cumulative
from dealgate.model.rules import Rule
from dealgate.v1 import quota_pb2 as pb

ONE = Ratio(1)


@dataclass(slots=True)
class Bonuses:
    """The bonuses of the credits that pay, by their place."""

    bookings: Bookings
    paying: Mapping[int, Credited]
    currency: str
    # How much of each flat bonus of each deal is paid.
    _paid: dict[tuple[str, str], Fraction] = field(default_factory=dict)

    def all(self, claims: Claims) -> Iterator[pb.CommissionBonus]:
        """Yield each bonus, and what its reversals take back of it right behind it."""
        for index, rule in claims.bonuses:
            amount = self._amount(index, rule.then) if index in self.paying else 0
            if amount or (index in self.paying and rule.then.rate is not None):
                yield self._bonus(index, rule, amount)
                yield from self._taken_back(index, rule, amount)

    def _amount(self, index: int, effect: QuotaEffect) -> int:
        if effect.rate is not None:
            return round(self.paying[index].amount * Ratio(effect.rate))
        flat = Ratio(effect.amount or 0) * minor_per_unit(self.currency)
        return round(flat * self._times(index, effect))

    def _times(self, index: int, effect: QuotaEffect) -> Fraction:
        """Return how often a flat amount is paid: by the split, and once a deal at most."""
        credit = self.bookings.credits[index]
        amount = self.paying[index].amount
        if amount < 0 and credit.type == pb.CREDIT_TYPE_CLAWBACK:
            return -split_of(credit)
        if amount <= 0 or credit.type not in BOOKED:
            return Ratio(0)
        if not credit.opportunity_id or self.paying[index].overlay:
            return split_of(credit)
        key = (effect.code, credit.opportunity_id)
        before = self._paid.get(key, Ratio(0))
        self._paid[key] = min(before + split_of(credit), ONE)
        return self._paid[key] - before

    def _taken_back(
        self, index: int, rule: Rule[QuotaEffect], amount: int
    ) -> Iterator[pb.CommissionBonus]:
        reversals = [
            reversal for reversal in self.bookings.reversals(index) if reversal in self.paying
        ]
        left = whole = self.paying[index].amount
        parts = []
        for reversal in reversals:
            size = min(-self.paying[reversal].amount, left)
            left -= size
            parts.append(Ratio(-amount * size, whole))
        for reversal, part in zip(reversals, cumulative(parts), strict=True):
            yield self._bonus(reversal, rule, part)

    def _bonus(self, index: int, rule: Rule[QuotaEffect], amount: int) -> pb.CommissionBonus:
        return pb.CommissionBonus(
            credit_id=self.paying[index].id,
            code=rule.then.code,
            amount=from_minor(amount, self.currency),
            rule_id=rule.id,
        )
