"""Amounts in one currency: exact fractions of minor units until they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from google.type.money_pb2 import Money

from dealgate.model.money import from_minor, minor_per_unit, to_minor
from dealgate.v1 import forecast_pb2 as pb


@dataclass(frozen=True, slots=True)
class Ledger:
    """Reads and writes amounts in `currency`; `rates` are its units for one of another."""

    currency: str
    rates: Mapping[str, Fraction]

    def read(self, amount: Money) -> Fraction:
        """Return an amount in minor units of the ledger's currency, not yet rounded."""
        minor = Fraction(to_minor(amount))
        if amount.currency_code == self.currency:
            return minor
        units = minor / minor_per_unit(amount.currency_code) * self.rates[amount.currency_code]
        return units * minor_per_unit(self.currency)

    def write(self, minor: Fraction) -> Money:
        """Return minor units as Money, rounded half to even."""
        return from_minor(round(minor), self.currency)


def currency(facts: pb.ForecastFacts) -> str:
    """Return the currency of the forecast; empty if nothing says which."""
    given = (
        facts.currency_code,
        facts.quota.currency_code,
        facts.booked.currency_code,
        *(deal.amount.currency_code for deal in facts.opportunities),
    )
    return next((code for code in given if code), "")


def ledger(facts: pb.ForecastFacts) -> Ledger:
    """Return the ledger of facts that have no violations."""
    rates = {each.currency_code: Fraction(each.rate.value) for each in facts.rates}
    return Ledger(currency(facts), rates)
