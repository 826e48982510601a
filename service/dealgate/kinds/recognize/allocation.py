"""Allocation (step 4): the transaction price among the obligations, exact to the minor unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.patterns import is_metered
from dealgate.kinds.recognize.standalone import (
    RESIDUAL,
    Standalone,
    is_faithful,
    middle,
    standalone,
)
from dealgate.model.money import to_minor
from dealgate.model.ratio import Ratio
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
    """An obligation's part of the price in minor units, and what it would sell for alone.

    `own` is the part of it that belongs to the line alone, and that no change gives to another.
    """

    amount: int
    own: int
    standalone: Standalone


def allocate_price(
    contract: Contract, variables: Sequence[int], fees: Mapping[int, Fraction]
) -> dict[int, Allocated]:
    """Divide the price at the start among its obligations, with these variable amounts.

    Variable amounts that belong to a line alone are added to it; the rest is divided by relative
    standalone selling prices, but for discounts that belong to some lines alone (32-37), and for
    one line whose price is the residual. A line that is paid by use alone has its fees, which
    belong to it (32-40), and no part of the rest; if all lines are, the rest goes by their `fees`.
    Raises NotAllocated.
    """
    indices = contract.first()
    own = dict.fromkeys(indices, 0)
    shared = 0
    for number in variables:
        variable = contract.variables[number]
        homes = [index for index in contract.indices([variable.line]) if variable.line]
        if not homes:
            shared += variable.included
        elif homes[0] in own:
            own[homes[0]] += variable.included
    priced = [index for index in indices if not is_metered(contract.facts.lines[index])]
    if priced:
        parts = _divided(contract, contract.fixed + shared, priced)
    else:
        parts = _metered(contract, shared, fees)
    _require_worth(contract, variables, {i: parts.get(i, 0) + own[i] for i in priced})
    return {
        index: Allocated(parts.get(index, 0) + own[index], own[index], standalone(contract, index))
        for index in indices
    }


def _require_worth(
    contract: Contract, variables: Sequence[int], amounts: Mapping[int, int]
) -> None:
    """A rebate that belongs to a line alone is no more than the line is worth (32-40)."""
    short = [index for index, amount in amounts.items() if amount < 0]
    for number in variables:
        variable = contract.variables[number]
        if variable.included < 0 and set(contract.indices([variable.line])[:1]) & {*short}:
            raise NotAllocated("REBATE_EXCEEDS_LINE", [f"variable[{number}]"])


def weights_of(contract: Contract, indices: Sequence[int]) -> dict[int, Fraction]:
    """Return the standalone prices as weights; those of a single one do not matter.

    Raises NotAllocated if one is not known, or all are 0.
    """
    if len(indices) == 1:
        return {indices[0]: Ratio(1)}
    prices = {index: _weight(contract, index) for index in indices}
    _require([index for index, price in prices.items() if price is None])
    known = {index: price for index, price in prices.items() if price is not None}
    if not any(known.values()):
        raise NotAllocated("STANDALONE_PRICES_ZERO", [_field(index) for index in indices])
    return known


def _weight(contract: Contract, index: int) -> Fraction | None:
    price = standalone(contract, index).price
    return middle(contract.facts.lines[index]) if price is None else price


def divided(amount: Fraction | int, weights: Mapping[int, Fraction]) -> dict[int, int]:
    """Divide an amount by weights into whole minor units."""
    exact = proportional(amount, weights)
    return dict(zip(exact, largest_remainder([*exact.values()]), strict=True))


def _metered(contract: Contract, shared: int, fees: Mapping[int, Fraction]) -> dict[int, int]:
    """Divide what is variable among lines that are all paid by use; a price pays for nothing."""
    indices = contract.first()
    if contract.fixed:
        fields = [f"lines[{index}].included_quantity" for index in indices]
        raise NotAllocated("PRICE_PAYS_FOR_NOTHING", fields)
    weights = {index: fees.get(index, Ratio(0)) for index in indices}
    if not any(weights.values()):
        weights = dict.fromkeys(indices, Ratio(1))
    return divided(shared, weights)


def _divided(contract: Contract, price: int, indices: Sequence[int]) -> dict[int, int]:
    if len(indices) == 1:
        return {indices[0]: price}
    prices = {index: standalone(contract, index) for index in indices}
    residual = [index for index, alone in prices.items() if alone.method == RESIDUAL]
    unknown = [
        index for index, alone in prices.items() if alone.price is None and index not in residual
    ]
    _require(unknown or residual[1:])
    known = {index: alone.price for index, alone in prices.items() if alone.price is not None}
    exact = _discounted(contract, known)
    left = price - sum(exact.values())
    others = {index: weight for index, weight in known.items() if index not in exact}
    if residual:
        exact |= others | {residual[0]: Ratio(left - sum(others.values()))}
        if exact[residual[0]] <= 0:
            raise NotAllocated("RESIDUAL_NOT_POSITIVE", [_field(residual[0])])
        if not is_faithful(contract.facts.lines[residual[0]], exact[residual[0]]):
            raise NotAllocated("RESIDUAL_NOT_FAITHFUL", [_field(residual[0])])
    else:
        if left < 0 <= price:
            raise NotAllocated("DISCOUNT_EXCEEDS_PRICE", ["discounts"])
        exact |= proportional(left, others)
    return dict(zip(prices, largest_remainder([exact[index] for index in prices]), strict=True))


def _discounted(contract: Contract, known: dict[int, Fraction]) -> dict[int, Fraction]:
    """Return the parts of the lines to which a discount belongs alone.

    If no line were left beside them, the discount is everybody's.
    """
    exact: dict[int, Fraction] = {}
    for number in contract.claims.about("assign", "discounts"):
        discount = contract.facts.discounts[number]
        group = {
            index: known[index] for index in contract.indices(discount.line_ids) if index in known
        }
        if group and any(group.values()):
            pot = sum(group.values()) - to_minor(discount.amount)
            if pot < 0:
                raise NotAllocated("DISCOUNT_EXCEEDS_BUNDLE", [f"discounts[{number}].amount"])
            exact |= proportional(pot, group)
    return exact if len(exact) < len(known) else {}


def proportional(amount: Fraction | int, weights: Mapping[int, Fraction]) -> dict[int, Fraction]:
    """Divide an amount by weights, exactly. Raises NotAllocated if all are 0."""
    whole = sum(weights.values())
    if not whole:
        raise NotAllocated("STANDALONE_PRICES_ZERO", [_field(index) for index in weights])
    return {index: amount * weight / whole for index, weight in weights.items()}


def _require(indices: Sequence[int]) -> None:
    if indices:
        raise NotAllocated("STANDALONE_PRICE_UNKNOWN", [_field(index) for index in indices])


def _field(index: int) -> str:
    return f"lines[{index}].standalone_price"
