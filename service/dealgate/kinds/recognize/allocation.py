"""Allocation (step 4): the transaction price among the obligations, exact to the minor unit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.standalone import RESIDUAL, Standalone, standalone
from dealgate.model.money import to_minor
from dealgate.model.rounding import largest_remainder


class NotAllocated(Exception):
    """The price cannot be divided; `fields` are the facts that are missing, `code` says why."""

    def __init__(self, code: str, fields: Sequence[str]) -> None:
        """`fields` is not empty."""
        super().__init__(code)
        self.code = code
        self.fields = tuple(fields)


@dataclass(frozen=True, slots=True)
class Allocated:
    """An obligation's part of the price in minor units, and what it would sell for alone."""

    amount: int
    standalone: Standalone


def allocate_price(contract: Contract, places: Sequence[int]) -> dict[int, Allocated]:
    """Divide the price at the start among the obligations at `places`.

    Variable amounts that belong to a line alone are added to it; the rest is divided by relative
    standalone selling prices, but for discounts that belong to some lines alone (32-37), and for
    one line whose price is the residual. Raises NotAllocated.
    """
    own = dict.fromkeys(places, 0)
    shared = contract.fixed
    for one in contract.variable:
        homes = [place for place in contract.places([one.line]) if place in own]
        if homes:
            own[homes[0]] += one.included
        else:
            shared += one.included
    prices = {place: standalone(contract, place) for place in places}
    divided = zip(places, _divided(contract, shared, prices), strict=True)
    parts = {place: part + own[place] for place, part in divided}
    return {place: Allocated(parts[place], prices[place]) for place in places}


def weights_of(contract: Contract, places: Sequence[int]) -> dict[int, Fraction]:
    """Return the standalone prices as weights; those of a single one do not matter.

    Raises NotAllocated if one is not known, or all are 0.
    """
    if len(places) == 1:
        return {places[0]: Fraction(1)}
    prices = {place: standalone(contract, place).price for place in places}
    _require(place for place, price in prices.items() if price is None)
    known = {place: price for place, price in prices.items() if price is not None}
    if not any(known.values()):
        raise NotAllocated("STANDALONE_PRICES_ZERO", [_field(place) for place in places])
    return known


def _divided(contract: Contract, price: int, prices: dict[int, Standalone]) -> list[int]:
    if len(prices) == 1:
        return [price]
    residual = [place for place, one in prices.items() if one.method == RESIDUAL]
    unknown = [
        place for place, one in prices.items() if one.price is None and place not in residual
    ]
    _require(unknown or residual[1:])
    known = {place: one.price for place, one in prices.items() if one.price is not None}
    exact = _discounted(contract, known)
    left = price - sum(exact.values())
    others = {place: weight for place, weight in known.items() if place not in exact}
    if residual:
        exact |= others | {residual[0]: Fraction(left - sum(others.values()))}
        if exact[residual[0]] <= 0:
            raise NotAllocated("RESIDUAL_NOT_POSITIVE", [_field(residual[0])])
    else:
        exact |= _proportional(left, others)
    return largest_remainder([exact[place] for place in prices])


def _discounted(contract: Contract, known: dict[int, Fraction]) -> dict[int, Fraction]:
    """Return the parts of the lines to which a discount belongs alone.

    If no line were left beside them, the discount is everybody's.
    """
    exact: dict[int, Fraction] = {}
    for place in contract.claims.about("assign", "discounts"):
        discount = contract.facts.discounts[place]
        group = {one: known[one] for one in contract.places(discount.line_ids) if one in known}
        if group and any(group.values()):
            pot = sum(group.values()) - to_minor(discount.amount)
            exact |= _proportional(pot, group)
    return exact if len(exact) < len(known) else {}


def _proportional(amount: Fraction | int, weights: dict[int, Fraction]) -> dict[int, Fraction]:
    whole = sum(weights.values())
    if not whole:
        raise NotAllocated("STANDALONE_PRICES_ZERO", [_field(place) for place in weights])
    return {place: amount * weight / whole for place, weight in weights.items()}


def _require(places: Iterator[int] | Sequence[int]) -> None:
    fields = [_field(place) for place in places]
    if fields:
        raise NotAllocated("STANDALONE_PRICE_UNKNOWN", fields)


def _field(place: int) -> str:
    return f"lines[{place}].standalone_price"
