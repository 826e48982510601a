"""Amounts in other currencies: converted by the rates of one day, or left for what they are.

Rules compare amounts in one currency. An amount in another is converted by rates that the question
brings, or that a server adds from `rates.yaml`; both are facts, so a replay finds the same rates.
Without a rate the amount stays as it is, and what would compare it is unknown.
"""

from collections.abc import Collection
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any, TypeVar

from google.protobuf.message import Message
from google.type.money_pb2 import Money

from dealgate.model import money
from dealgate.model.checks import computed
from dealgate.model.errors import Violation
from dealgate.model.money_fields import amounts_in, holds_foreign
from dealgate.model.points import plain
from dealgate.model.rates import Rates, rate_violations, rates_of
from dealgate.model.ratio import Ratio
from dealgate.model.zones import UTC, day_in
from dealgate.v1.exchange_pb2 import Conversion

SHOWN_RATE = Context(prec=12, rounding=ROUND_HALF_EVEN)
FactsT = TypeVar("FactsT", bound=Message)


def exchange_violations(facts: Any, as_of: int) -> list[Violation]:
    """Return what is wrong with the rates of a question, and with conversions, which are ours."""
    violations = computed("conversions", facts.conversions)
    if not facts.HasField("exchange_rates"):
        return violations
    return [*rate_violations(facts.exchange_rates, day_in(UTC, as_of)), *violations]


def has_no_exchange(facts: Any) -> bool:
    """Tell that a question brings no rates, and no conversions, which are ours."""
    return not (facts.conversions or facts.HasField("exchange_rates"))


def convert(
    facts: Any, currency: str, *, to_minor: bool = False, leave: Collection[str] = ()
) -> None:
    """Convert every amount in `facts` to `currency`, in place, and tell of each in `conversions`.

    Amounts in the currencies `leave` stay as they are: somebody else converts them.

    Amounts are cut off after nine decimals, so that a comparison with `>=` or `<` is exact; with
    `to_minor` they are rounded half to even to the minor unit, so that they can be added up.
    """
    if not currency:
        return
    kept = {currency, "", *leave}
    if not holds_foreign(facts, kept):
        return
    foreign = [pair for pair in amounts_in(facts) if pair[1].currency_code not in kept]
    if not foreign:
        return
    rates = rates_of(facts.exchange_rates)
    for path, amount in foreign:
        facts.conversions.append(_converted(path, amount, currency, rates, to_minor=to_minor))


def as_sent(facts: FactsT) -> FactsT:
    """Return the facts with every amount as it was sent: contracts add up in their own currency."""
    if not facts.conversions:  # type: ignore[attr-defined]  # of the kinds that convert
        return facts
    sent = type(facts)()
    sent.CopyFrom(facts)
    amounts = {conversion.field: getattr(conversion, "from") for conversion in facts.conversions}  # type: ignore[attr-defined]
    for path, amount in amounts_in(sent):
        if path in amounts:
            amount.CopyFrom(amounts[path])
    return sent


def _converted(
    path: str, amount: Money, currency: str, rates: Rates, *, to_minor: bool
) -> Conversion:
    conversion = Conversion(field=path)
    getattr(conversion, "from").CopyFrom(amount)
    rate = rates.rate(amount.currency_code, currency)
    target = None if rate is None else _times(amount, rate, currency, to_minor=to_minor)
    if rate is None or target is None:
        return conversion
    amount.CopyFrom(target)
    conversion.to.CopyFrom(target)
    shown = SHOWN_RATE.divide(Decimal(rate.numerator), Decimal(rate.denominator))
    conversion.rate.value = plain(shown)
    conversion.day.CopyFrom(rates.message.day)
    conversion.source = rates.message.source
    return conversion


def _times(amount: Money, rate: Fraction, currency: str, *, to_minor: bool) -> Money | None:
    """Return the amount at this rate; None if it does not fit into a Money."""
    nanos = Ratio(amount.units * money.NANOS + amount.nanos) * rate
    step = money.NANOS // money.minor_per_unit(currency) if to_minor else 1
    steps = round(nanos / step) if to_minor else int(nanos / step)
    units, rest = divmod(abs(steps * step), money.NANOS)
    if units > money.UNITS_MAX:
        return None
    sign = -1 if steps < 0 else 1
    return Money(currency_code=currency, units=sign * units, nanos=sign * rest)
