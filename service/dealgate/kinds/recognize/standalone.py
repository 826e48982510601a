"""Standalone selling prices: what each obligation would sell for alone (32-31 to 32-35)."""

from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.contract import Contract
from dealgate.model.money import to_minor
from dealgate.model.parts import fraction
from dealgate.model.quick import quick
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb

RESIDUAL = pb.STANDALONE_PRICE_METHOD_RESIDUAL


@quick
@dataclass(frozen=True, slots=True)
class Standalone:
    """A price in exact minor units; None: not known, or the residual."""

    price: Fraction | None
    method: pb.StandalonePriceMethod.ValueType


# By whether the line's price is uncertain.
NOT_TOLD = {
    False: Standalone(None, pb.STANDALONE_PRICE_METHOD_UNSPECIFIED),
    True: Standalone(None, RESIDUAL),
}


def standalone(contract: Contract, index: int) -> Standalone:
    """Return the price of the obligation at `index`, with that of the lines that are part of it.

    A part that a modification adds later than the obligation counts with the modification. The
    residual approach is open only to a line whose price is uncertain (32-34c).
    """
    alone = price_of(contract.facts.lines[index])
    if alone.price is None:
        return alone
    lines = [
        contract.facts.lines[part]
        for part in contract.obligations.parts[index]
        if contract.born[part] <= contract.born[index]
    ]
    # An option that is not a promise has no price: nothing is given for it.
    parts = [price_of(line).price or 0 for line in lines if not line.HasField("option")]
    return Standalone(alone.price + sum(parts), alone.method)


def price_of(line: pb.RevenueLine) -> Standalone:
    """Return what the line alone would sell for."""
    if line.HasField("option"):
        right = line.option
        saved = to_minor(right.expected_purchases) * fraction(right.incremental_discount)
        price = saved * fraction(right.likelihood)
        return Standalone(price, pb.STANDALONE_PRICE_METHOD_MATERIAL_RIGHT)
    if not line.HasField("standalone_price"):
        return NOT_TOLD[line.price_uncertain]
    told = line.standalone_price
    if line.price_uncertain and told.HasField("low") and not told.HasField("observable"):
        # A range is what the residual has to lie in, and no price by itself.
        return Standalone(None, RESIDUAL)
    if told.HasField("observable") or told.HasField("low"):
        return Standalone(_observed(line), pb.STANDALONE_PRICE_METHOD_OBSERVABLE)
    if told.HasField("market"):
        market = Ratio(to_minor(told.market))
        return Standalone(market, pb.STANDALONE_PRICE_METHOD_ADJUSTED_MARKET)
    if told.HasField("cost") and told.HasField("margin"):
        price = to_minor(told.cost) * (1 + fraction(told.margin))
        return Standalone(price, pb.STANDALONE_PRICE_METHOD_COST_PLUS_MARGIN)
    return NOT_TOLD[line.price_uncertain]


def is_faithful(line: pb.RevenueLine, residual: Fraction) -> bool:
    """Tell whether a residual is within the line's range of prices, if given (55-269)."""
    told = line.standalone_price
    if not told.HasField("low"):
        return True
    return to_minor(told.low) <= residual <= to_minor(told.high)


def middle(line: pb.RevenueLine) -> Fraction | None:
    """Return the price of a line of which only a range is known, to weigh it beside others."""
    return _observed(line) if line.standalone_price.HasField("low") else None


def _observed(line: pb.RevenueLine) -> Fraction:
    told = line.standalone_price
    if told.HasField("observable"):
        return Ratio(to_minor(told.observable))
    low, high = to_minor(told.low), to_minor(told.high)
    if line.HasField("price") and low <= to_minor(line.price) <= high:
        return Ratio(to_minor(line.price))
    return Ratio(low + high, 2)
