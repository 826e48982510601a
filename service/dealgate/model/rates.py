"""Rates of exchange: what a unit of one currency buys of others on one day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.model.amounts import currency_code
from dealgate.model.checks import at_most, required
from dealgate.model.days import date_message, day_number
from dealgate.model.errors import Violation
from dealgate.model.malformed import malformed, plain_decimal
from dealgate.model.ratio import Ratio
from dealgate.v1.exchange_pb2 import ExchangeRate, ExchangeRates

RATES_MAX = 400
# The rates of a Friday decide until Monday, and over Easter; what is older says nothing.
DAYS_OLD_MAX = 7


@dataclass(frozen=True, slots=True)
class Rates:
    """What one unit of a base currency buys on one day."""

    message: ExchangeRates
    prices: Mapping[str, Fraction]

    def rate(self, source: str, target: str) -> Fraction | None:
        """Return what one unit of `source` is worth in `target`, or None if nobody says."""
        if source not in self.prices or target not in self.prices:
            return None
        return self.prices[target] / self.prices[source]


@dataclass(frozen=True, slots=True)
class RateBook:
    """The rates of many days, by ordinal, as `rates.yaml` holds them."""

    base: str
    source: str
    days: Mapping[int, Mapping[str, str]]

    def at(self, today: int, currencies: Sequence[str]) -> ExchangeRates | None:
        """Return the newest rates of these currencies up to `today`; None: there are none."""
        fresh = [day for day in self.days if today - DAYS_OLD_MAX <= day <= today]
        if not fresh:
            return None
        day = max(fresh)
        priced = sorted(set(currencies) & set(self.days[day]))
        return ExchangeRates(
            base_currency_code=self.base,
            day=date_message(day),
            source=self.source,
            rates=[_priced(code, self.days[day][code]) for code in priced],
        )


def rate_violations(rates: ExchangeRates, today: int) -> list[Violation]:
    """Return what is wrong with the rates that a question brings; `today` is an ordinal."""
    if not rates.ByteSize() or malformed(rates):
        return []
    base = rates.base_currency_code
    violations = [
        *currency_code("exchange_rates.base_currency_code", base),
        *required("exchange_rates.day", rates.HasField("day")),
        *at_most("exchange_rates.rates", rates.rates, RATES_MAX),
    ]
    # It is tomorrow already in Auckland, where the rates may be from.
    if rates.HasField("day") and day_number(rates.day) > today + 1:
        violations.append(Violation("exchange_rates.day", "is after as_of"))
    seen = {base}
    for index, rate in enumerate(rates.rates):
        path = f"exchange_rates.rates[{index}]"
        violations += currency_code(f"{path}.currency_code", rate.currency_code)
        if rate.currency_code in seen:
            violations.append(Violation(f"{path}.currency_code", "has a rate already"))
        seen.add(rate.currency_code)
        violations += _price(f"{path}.rate", rate)
    return violations


def rates_of(message: ExchangeRates) -> Rates:
    """Return the rates of a message that the check let pass; of none: no rates."""
    prices = {rate.currency_code: Ratio(Decimal(rate.rate.value)) for rate in message.rates}
    if message.base_currency_code:
        prices[message.base_currency_code] = Ratio(1)
    return Rates(message, prices)


def _price(path: str, exchange_rate: ExchangeRate) -> list[Violation]:
    return required(path, plain_decimal(exchange_rate.rate) is not None)


def _priced(code: str, rate: str) -> ExchangeRate:
    return ExchangeRate(currency_code=code, rate=DecimalMessage(value=rate))
