"""Amounts in other currencies: converted by the rates of one day, or left for what they are.

Rules compare amounts in one currency. An amount in another is converted by rates that the question
brings, or that a server adds from `rates.yaml`; both are facts, so a replay finds the same rates.
Without a rate the amount stays as it is, and what would compare it is unknown.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.model import money
from dealgate.model.amounts import currency_code
from dealgate.model.checks import at_most, computed, required
from dealgate.model.days import date_message, day_number
from dealgate.model.errors import Violation
from dealgate.model.fields import descriptor_of, message_of
from dealgate.model.malformed import malformed, plain_decimal
from dealgate.model.points import plain
from dealgate.model.ratio import Ratio
from dealgate.model.zones import UTC, day_in
from dealgate.v1.exchange_pb2 import Conversion, ExchangeRate, ExchangeRates

RATES_MAX = 400
DEEP = 8  # messages within each other that one test is written for
# The rates of a Friday decide until Monday, and over Easter; what is older says nothing.
DAYS_OLD_MAX = 7
SHOWN_RATE = Context(prec=12, rounding=ROUND_HALF_EVEN)
OWN = ("exchange_rates", "conversions")
FactsT = TypeVar("FactsT", bound=Message)

# Tells whether facts of a class hold amounts in none of some currencies.
_BY_CLASS: dict[type[Message], Callable[[Any, Collection[str]], bool]] = {}


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


def exchange_violations(facts: Any, as_of: int) -> list[Violation]:
    """Return what is wrong with the rates of a question, and with conversions, which are ours."""
    violations = computed("conversions", facts.conversions)
    if not facts.HasField("exchange_rates"):
        return violations
    return [*rate_violations(facts.exchange_rates, day_in(UTC, as_of)), *violations]


def has_no_exchange(facts: Any) -> bool:
    """Tell that a question brings no rates, and no conversions, which are ours."""
    return not (facts.conversions or facts.HasField("exchange_rates"))


def rates_of(message: ExchangeRates) -> Rates:
    """Return the rates of a message that the check let pass; of none: no rates."""
    prices = {rate.currency_code: Ratio(Decimal(rate.rate.value)) for rate in message.rates}
    if message.base_currency_code:
        prices[message.base_currency_code] = Ratio(1)
    return Rates(message, prices)


def currencies_in(facts: Message) -> set[str]:
    """Return the currencies of all amounts in the facts."""
    return {amount.currency_code for _, amount in amounts_in(facts)}


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
    has_foreign = _BY_CLASS.get(facts.__class__)
    if has_foreign is None:
        has_foreign = _BY_CLASS[facts.__class__] = _has_foreign(descriptor_of(facts))
    if not has_foreign(facts, kept):
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


def amounts_in(facts: Message, prefix: str = "") -> Iterator[tuple[str, Money]]:
    """Yield the path and the message of each amount, however deep; rates and conversions apart."""
    for name, is_repeated, is_money in _holders(descriptor_of(facts)):
        if is_repeated:
            values = [(f"{prefix}{name}[{n}]", item) for n, item in enumerate(getattr(facts, name))]
        elif facts.HasField(name):
            values = [(f"{prefix}{name}", getattr(facts, name))]
        else:
            continue
        for path, item in values:
            if is_money:
                yield path, item
            else:
                yield from amounts_in(item, f"{path}.")


@cache
def _has_foreign(message: Descriptor) -> Callable[[Any, Collection[str]], bool]:
    """Return what tells whether a message of a type holds an amount in none of some currencies.

    It is written for the type, because nearly always the answer is no.
    """
    scope: dict[str, Any] = {}
    lines = ["def has_foreign(m, kept):", *_foreign_lines(message, "m", 1, scope)]
    source = "\n".join([*lines, "    return False"])
    exec(compile(source, f"<amounts {message.full_name}>", "exec"), scope)  # noqa: S102  # ours
    has_foreign: Callable[[Any, Collection[str]], bool] = scope["has_foreign"]
    return has_foreign


def _foreign_lines(
    message: Descriptor, value: str, depth: int, scope: dict[str, Any]
) -> Iterator[str]:
    """Write the test of what is in `value`, a variable; deep in a message others are called."""
    indent, inner = "    " * depth, f"v{depth}"
    for name, is_repeated, is_money in _holders(message):
        type_ = message_of(message.fields_by_name[name])
        if is_repeated:
            yield f"{indent}for {inner} in getattr({value}, {name!r}):"
        else:
            yield f"{indent}if {value}.HasField({name!r}):"
            yield f"{indent}    {inner} = getattr({value}, {name!r})"
        if is_money:
            yield f"{indent}    if {inner}.currency_code not in kept: return True"
        elif depth < DEEP:
            yield from _foreign_lines(type_, inner, depth + 1, scope)
        else:
            below = f"below_{type_.full_name.replace('.', '_')}"
            scope[below] = lambda m, kept, type_=type_: _has_foreign(type_)(m, kept)
            yield f"{indent}    if {below}({inner}, kept): return True"


@cache
def _holders(message: Descriptor) -> Sequence[tuple[str, bool, bool]]:
    """Return the fields that hold amounts: name, whether it is a list, whether of amounts."""
    fields = sorted(message.fields, key=lambda field: int(field.number))
    return tuple(
        (field.name, field.is_repeated, field.message_type is Money.DESCRIPTOR)
        for field in fields
        if field.name not in OWN and _holds_amounts(field.message_type, frozenset())
    )


def _holds_amounts(message: Descriptor | None, above: frozenset[str]) -> bool:
    if message is None or message.full_name in above:
        return False
    inside = above | {message.full_name}
    return message is Money.DESCRIPTOR or any(
        _holds_amounts(field.message_type, inside) for field in message.fields
    )


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


def _price(path: str, exchange_rate: ExchangeRate) -> list[Violation]:
    return required(path, plain_decimal(exchange_rate.rate) is not None)


def _priced(code: str, rate: str) -> ExchangeRate:
    return ExchangeRate(currency_code=code, rate=DecimalMessage(value=rate))
