"""Costs of obtaining a contract (340-40): capitalised, amortised over their benefit, impaired."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.pieces import Piece, by_slot, earned, grafted, scaled, split, total
from dealgate.kinds.recognize.spans import Span
from dealgate.kinds.recognize.timeline import Timeline
from dealgate.model.days import day_number
from dealgate.model.money import from_minor, to_minor
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.model.rounding import cumulative
from dealgate.v1 import recognize_pb2 as pb


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost by period, in minor units: what was paid, amortised and impaired.

    `expensed` is paid and was never an asset.
    """

    id: str
    capitalized: Sequence[int]
    expensed: Sequence[int]
    amortized: Sequence[int]
    impaired: Sequence[int]

    def carrying(self, periods: int) -> int:
        """Return what is left after that many periods."""
        gone = sum(self.amortized[:periods]) + sum(self.impaired[:periods])
        return sum(self.capitalized[:periods]) - gone


def costs_of(contract: Contract, timeline: Timeline | None) -> list[Cost]:
    """Return every cost; a rule may say that it is an expense at once."""
    expensed = contract.claims.about("expense", "costs")
    return [
        _expensed(contract, cost) if number in expensed else _spread(contract, cost, timeline)
        for number, cost in enumerate(contract.facts.costs)
    ]


def amount_of(cost: pb.ObtainingCost) -> int:
    """Return what was paid, of a commission the share that the contract brought."""
    if cost.HasField("amount"):
        return to_minor(cost.amount)
    share = fraction(cost.commission_share) if cost.HasField("commission_share") else Ratio(1)
    return round(to_minor(cost.commission.earned) * share)


def answers(costs: Sequence[Cost], contract: Contract, periods: int) -> Iterator[pb.CostSchedule]:
    """Yield how each cost is spread; `periods` are over."""
    for cost in costs:
        yield pb.CostSchedule(
            id=cost.id,
            capitalized=from_minor(sum(cost.capitalized), contract.currency),
            expensed=from_minor(sum(cost.expensed), contract.currency),
            amortization=[*_amounts(contract, cost.amortized)],
            impairment=[*_amounts(contract, cost.impaired)],
            carrying_amount=from_minor(cost.carrying(periods), contract.currency),
        )


def _amounts(contract: Contract, slots: Sequence[int]) -> Iterator[pb.PeriodAmount]:
    for period, amount in zip(contract.facts.periods, slots, strict=True):
        if amount:
            money = from_minor(amount, contract.currency)
            yield pb.PeriodAmount(period_id=period.id, amount=money)


def _expensed(contract: Contract, cost: pb.ObtainingCost) -> Cost:
    nothing = [0] * len(contract.calendar.ends)
    return Cost(cost.id, nothing, _paid(contract, cost), nothing, nothing)


def _spread(contract: Contract, cost: pb.ObtainingCost, timeline: Timeline | None) -> Cost:
    """Amortise over the benefit; what an impairment takes is not amortised any more."""
    count = len(contract.calendar.ends)
    pieces, impaired = _benefit(contract, cost), [0] * count
    for test in sorted(cost.impairment_tests, key=lambda test: day_number(test.on)):
        day = day_number(test.on)
        before, after = split(pieces, day, contract.calendar)
        loss = _loss(test, total(after), timeline)
        if loss:
            impaired[contract.calendar.index(day)] += loss
            pieces = [*before, *scaled(after, total(after) - loss)]
    amortized = cumulative(by_slot(pieces, contract.calendar))[:count]
    return Cost(cost.id, _paid(contract, cost), [0] * count, amortized, impaired)


def _paid(contract: Contract, cost: pb.ObtainingCost) -> list[int]:
    slots = [0] * len(contract.calendar.ends)
    slots[contract.calendar.index(day_number(cost.incurred_on))] = amount_of(cost)
    return slots


def _benefit(contract: Contract, cost: pb.ObtainingCost) -> list[Piece]:
    """Return the cost over its benefit; nothing is amortised before it was incurred."""
    incurred, last = day_number(cost.incurred_on), day_number(cost.benefit_end)
    first = day_number(cost.benefit_start) if cost.HasField("benefit_start") else incurred
    span = Span(first, last, contract.parameters.proration)
    pieces = [Piece(Ratio(amount_of(cost)), span)]
    return grafted((), pieces, incurred, contract.calendar, "")


def _loss(test: pb.ImpairmentTest, carrying: Fraction, timeline: Timeline | None) -> int:
    """Return what is not recovered by what the contract still brings, less what it still costs."""
    if test.HasField("remaining_consideration"):
        brings = to_minor(test.remaining_consideration)
    elif timeline is None:
        return 0
    else:
        brings = remaining(timeline, day_number(test.on))
    recovered = max(brings - to_minor(test.remaining_costs), 0)
    return int(max(carrying - recovered, Ratio(0)))


def remaining(timeline: Timeline, day: int) -> int:
    """Return what of the price is not earned before the day, as known then."""
    mark, calendar = timeline.mark(day), timeline.contract.calendar
    lost = sum(mark.lost.values())
    done = sum(
        (earned(track.pieces, day, calendar) for track in timeline.tracks.values()), Ratio(0)
    )
    today = sum(
        (charges.until(day) - charges.until(day - 1) for charges in timeline.fees.values()),
        Ratio(0),
    )
    return round(mark.worth - lost + today - done)
