"""Amounts in one currency: exact fractions of minor units until they are shown."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter

from google.type.money_pb2 import Money

from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model.folds import summed
from dealgate.model.money import NANOS, from_minor, minor_per_unit, to_minor
from dealgate.model.rates import rates_of
from dealgate.model.ratio import Ratio
from dealgate.v1 import forecast_pb2 as pb

# A deal → the currency of its amount; "" of none.
CURRENCY = attrgetter("amount.currency_code")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Reads and writes amounts in `currency`; `rates` are its units for one of another."""

    currency: str
    rates: Mapping[str, Fraction]

    def converts(self, amount: Money) -> bool:
        """Whether the amount is in its currency, or in one that it has a rate of."""
        return amount.currency_code == self.currency or amount.currency_code in self.rates

    def knows(self, currencies: AbstractSet[str]) -> bool:
        """Whether all amounts in these currencies can be read; "" is that of none."""
        return all(code == self.currency or code in self.rates for code in currencies - {""})

    def read(self, amount: Money) -> Fraction | None:
        """Return an amount in minor units of the ledger's currency, not yet rounded.

        None if no rate converts it.
        """
        code = amount.currency_code
        if code == self.currency:
            whole: Fraction = Ratio(to_minor(amount))
            return whole
        rate = self.rates.get(code)
        if rate is None:
            return None
        units = Ratio(to_minor(amount)) / minor_per_unit(code) * rate
        return units * minor_per_unit(self.currency)

    def total(self, amounts: Iterable[Money]) -> Fraction:
        """Return what those amounts come to that can be read; most are in its own currency."""
        units = nanos = 0
        others, currency = [], self.currency
        for amount in amounts:
            if amount.currency_code == currency:
                units += amount.units
                nanos += amount.nanos
            elif (read := self.read(amount)) is not None:
                others.append(read)
        if units or nanos:
            others.append(Ratio(units * NANOS + nanos, NANOS // minor_per_unit(currency)))
        return summed(others)

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
