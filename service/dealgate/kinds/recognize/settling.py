"""Settling: tracks become whole minor units by period, after returns, overage and credits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.calendar import Calendar
from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.pieces import by_slot, folded
from dealgate.kinds.recognize.tracks import Track, Tracks
from dealgate.model import money
from dealgate.model.days import day_number
from dealgate.model.money import to_minor
from dealgate.model.parts import fraction
from dealgate.model.rounding import Rounding, cumulative, rounded
from dealgate.v1 import recognize_pb2 as pb


@dataclass(slots=True)
class Settled:
    """An obligation by slot of the calendar, in minor units.

    `liability` is how the refund liability changes by period; `asset` and `cost` are goods that
    are expected back, and those that stay, at cost.
    """

    place: int
    slots: list[int]
    liability: list[int]
    asset: list[int]
    cost: list[int]
    overage: int = 0


def settled(contract: Contract, tracks: Tracks, method: Rounding) -> list[Settled]:
    """Return every obligation as whole amounts, in the order of the lines."""
    found = {place: _settled(contract, tracks[place], method) for place in sorted(tracks)}
    weights = {place: track.amount for place, track in tracks.items()}
    for credit in sorted(contract.facts.credits, key=lambda one: day_number(one.on)):
        _credit(contract, credit, found, weights, method)
    return [*found.values()]


def _settled(contract: Contract, track: Track, method: Rounding) -> Settled:
    calendar, first = contract.calendar, _first(contract)
    exact = folded(by_slot(track.pieces, calendar), first)
    none = [0] * len(exact)
    one = Settled(track.place, rounded(exact, method), [*none], [*none], [*none])
    if track.line.HasField("overage_price"):
        over = cumulative(folded(_overage(contract, track, calendar), first))
        one.slots = [part + extra for part, extra in zip(one.slots, over, strict=True)]
        one.overage = sum(over)
    if track.line.HasField("returns") and track.line.HasField("delivered_on"):
        _return(one, track, max(first, calendar.place(day_number(track.line.delivered_on))))
    return one


def _first(contract: Contract) -> int:
    """Return the period before which there was no contract, so nothing is earned."""
    signed = contract.facts.contract
    return (
        contract.calendar.place(day_number(signed.signed_on)) if signed.HasField("signed_on") else 0
    )


def _overage(contract: Contract, track: Track, calendar: Calendar) -> list[Fraction]:
    """Return what is used beyond what is included, at its price, in the period it was used."""
    slots = [Fraction(0)] * (calendar.cancelled + 1)
    price, used, charged = to_minor(track.line.overage_price), Fraction(0), Fraction(0)
    for record in sorted(track.line.usage, key=lambda one: day_number(one.on)):
        used += fraction(record.quantity)
        over = max(used - _included(contract, track, day_number(record.on)) - charged, Fraction(0))
        slots[calendar.place(day_number(record.on))] += over * price
        charged += over
    return slots


def _included(contract: Contract, track: Track, day: int) -> Fraction:
    """Return how much was included on the day, by the last change that had come until then."""
    included = fraction(contract.facts.lines[track.place].included_quantity)
    for change in sorted(contract.facts.modifications, key=lambda one: day_number(one.on)):
        for one in change.changes:
            mine = one.line_id == track.line.id and one.HasField("included_quantity")
            if mine and day_number(change.on) <= day:
                included = fraction(one.included_quantity)
    return included


def _return(one: Settled, track: Track, place: int) -> None:
    """Take out what is expected to go back (55-22 to 55-29)."""
    returns = track.line.returns
    share = fraction(returns.expected) / fraction(returns.quantity)
    back = round(track.amount * share)
    one.slots[place] -= back
    one.liability[place] += back
    if returns.HasField("cost"):
        cost = to_minor(returns.cost)
        one.asset[place] = round(cost * share)
        one.cost[place] = cost - one.asset[place]


def _credit(
    contract: Contract,
    credit: pb.RevenueCredit,
    found: dict[int, Settled],
    weights: dict[int, int],
    method: Rounding,
) -> None:
    """Divide the credit by what the obligations were worth, and take it from each."""
    named = contract.places([credit.line_id]) if credit.line_id else []
    places = [place for place in named if place in found] or [*found]
    shares = [abs(weights[place]) for place in places]
    parts = money.allocate(to_minor(credit.amount), shares if any(shares) else [1] * len(shares))
    at = max(_first(contract), contract.calendar.place(day_number(credit.on)))
    for place, part in zip(places, parts, strict=True):
        _take(found[place], -part, at, contract.calendar, method)


def _take(one: Settled, amount: int, at: int, calendar: Calendar, method: Rounding) -> None:
    """Take `amount`: first what was expected to go back, then what was cancelled, then revenue.

    Revenue goes back by the weights of its schedule; what has been earned before goes back now.
    """
    expected = min(amount, max(sum(one.liability[: at + 1]), 0))
    one.liability[at] -= expected
    unserved = min(amount - expected, max(one.slots[calendar.cancelled], 0))
    one.slots[calendar.cancelled] -= unserved
    left = amount - expected - unserved
    base = [*one.slots[: calendar.cancelled], 0]
    whole = sum(base)
    exact = [Fraction(left * part, whole) for part in base] if whole else _all_at(left, at, base)
    taken = _folded(rounded(exact, method), at)
    one.slots = [part - back for part, back in zip(one.slots, taken, strict=True)]


def _all_at(amount: int, at: int, slots: Sequence[int]) -> list[Fraction]:
    return [Fraction(amount if place == at else 0) for place in range(len(slots))]


def _folded(parts: Iterable[int], at: int) -> list[int]:
    return [int(part) for part in folded([Fraction(part) for part in parts], at)]
