"""Amounts in one currency: exact fractions of minor units until they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from google.type.money_pb2 import Money

from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model.exchange import rates_of
from dealgate.model.money import from_minor, minor_per_unit, to_minor
from dealgate.model.ratio import Ratio
from dealgate.v1 import forecast_pb2 as pb


@dataclass(frozen=True, slots=True)
class Ledger:
    """Reads and writes amounts in `currency`; `rates` are its units for one of another."""

    currency: str
    rates: Mapping[str, Fraction]

    def converts(self, amount: Money) -> bool:
        """Whether the amount is in its currency, or in one that it has a rate of."""
        return amount.currency_code == self.currency or amount.currency_code in self.rates

    def read(self, amount: Money) -> Fraction | None:
        """Return an amount in minor units of the ledger's currency, not yet rounded.

        None if no rate converts it.
        """
        if not self.converts(amount):
            return None
        minor = Ratio(to_minor(amount))
        if amount.currency_code == self.currency:
            return minor
        units = minor / minor_per_unit(amount.currency_code) * self.rates[amount.currency_code]
        return units * minor_per_unit(self.currency)

    def write(self, minor: Fraction) -> Money:
        """Return minor units as Money, rounded half to even."""
        return from_minor(round(minor), self.currency)


def currency(facts: pb.ForecastFacts, parameters: ForecastParameters) -> str:
    """Return the currency of the forecast; empty if nothing says which.

    No deal's place in the list has a say: it is told, or the only one that has no rate.
    """
    given = (
        facts.currency_code,
        facts.quota.currency_code,
        facts.booked.currency_code,
        parameters.currency,
    )
    if told := next((code for code in given if code), ""):
        return told
    codes = {deal.amount.currency_code for deal in facts.opportunities} - {""}
    unpriced = codes - {rate.currency_code for rate in facts.rates}
    only = unpriced if len(unpriced) == 1 else codes
    return only.pop() if len(only) == 1 else facts.exchange_rates.base_currency_code


def ledger(facts: pb.ForecastFacts, parameters: ForecastParameters) -> Ledger:
    """Return the ledger of facts that have no violations; the forecast's own rates go first."""
    code, own = currency(facts, parameters), rates_of(facts.exchange_rates)
    rates = {each: rate for each in own.prices if (rate := own.rate(each, code)) is not None}
    rates |= {each.currency_code: Ratio(each.rate.value) for each in facts.rates}
    return Ledger(code, rates)
