"""Returns (55-22 to 55-29): what is expected to go back of what an obligation has earned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.allocation import NotAllocated
from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.standalone import price_of
from dealgate.kinds.recognize.uses import known
from dealgate.model.days import day_number
from dealgate.model.money import to_minor
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb


@dataclass(frozen=True, slots=True)
class Estimate:
    """From a day on, the share of an obligation's revenue that is expected to go back.

    `asset` is what the goods cost that are expected to come back, `cost` what those cost that stay.
    """

    day: int
    share: Fraction
    asset: int
    cost: int


@dataclass(frozen=True, slots=True)
class Returns:
    """What is expected to go back of an obligation, by line and by day."""

    lines: Sequence[Sequence[Estimate]]

    def share(self, day: int) -> Fraction:
        """Return the share of all revenue that is expected to go back by the end of the day."""
        return sum((self._at(line, day).share for line in self.lines), Ratio(0))

    def goods(self, day: int) -> tuple[int, int]:
        """Return what the goods cost that are expected back, and those that stay."""
        estimates = [self._at(line, day) for line in self.lines]
        return sum(now.asset for now in estimates), sum(now.cost for now in estimates)

    @staticmethod
    def _at(line: Sequence[Estimate], day: int) -> Estimate:
        nothing = Estimate(0, Ratio(0), 0, 0)
        return max(
            (now for now in line if now.day <= day), key=lambda now: now.day, default=nothing
        )


NO_RETURNS = Returns(())


def expected_returns(contract: Contract) -> dict[int, Returns]:
    """Return what is expected to go back of each obligation; raises as `returns_of`."""
    indices = contract.obligations.indices
    if not any(line.HasField("returns") for line in contract.facts.lines):
        return dict.fromkeys(indices, NO_RETURNS)
    return {index: returns_of(contract, index) for index in indices}


def returns_of(contract: Contract, index: int) -> Returns:
    """Return what is expected to go back of the obligation at `index`, with its parts.

    Raises NotAllocated if nobody knows which part of the obligation a line is that may come back.
    """
    parts = [index, *contract.obligations.parts[index]]
    lines = contract.facts.lines
    back = [
        part
        for part in parts
        if lines[part].HasField("returns") and lines[part].HasField("delivered_on")
    ]
    if not back:
        return NO_RETURNS
    weights = _weights(contract, parts)
    return Returns(
        [[*_estimates(lines[part], contract.born[part], weights[part])] for part in back]
    )


def _estimates(line: pb.RevenueLine, born: int, weight: Fraction) -> Iterator[Estimate]:
    returns = line.returns
    cost = to_minor(returns.cost) if returns.HasField("cost") else 0
    first = max(known(line, "delivered_on"), born)
    told = [(first, returns.expected)]
    told += [
        (max(first, day_number(later.known_on)), later.expected)
        for later in sorted(returns.revisions, key=lambda later: day_number(later.known_on))
    ]
    # Of two estimates that count from one day on the later one stands.
    for day, expected in dict(told).items():
        share = fraction(expected) / fraction(returns.quantity)
        asset = round(cost * share)
        yield Estimate(day, weight * share, asset, cost - asset)


def _weights(contract: Contract, parts: Sequence[int]) -> dict[int, Fraction]:
    """Return which part of an obligation each of its lines is: by what they sell for alone."""
    if len(parts) == 1:
        return {parts[0]: Ratio(1)}
    lines = contract.facts.lines
    alone = {part: price_of(lines[part]).price for part in parts}
    if any(price is None for price in alone.values()):
        alone = {
            part: Ratio(to_minor(lines[part].price)) if lines[part].HasField("price") else None
            for part in parts
        }
    known_prices = {part: price for part, price in alone.items() if price is not None}
    whole = sum(known_prices.values())
    if len(known_prices) < len(parts) or whole <= 0:
        fields = [f"lines[{part}].standalone_price" for part in parts]
        raise NotAllocated("STANDALONE_PRICE_UNKNOWN", fields)
    return {part: price / whole for part, price in known_prices.items()}
