"""Fees: what is charged by use, beyond what is included, at its price."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate

from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.pieces import Piece, on
from dealgate.kinds.recognize.uses import (
    NEVER,
    Terms,
    charged,
    first_day,
    known,
    last_day,
    late_days,
)
from dealgate.model.days import day_number
from dealgate.model.money import over_one_denominator, to_minor
from dealgate.model.parts import fraction
from dealgate.model.quick import quick
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb


@quick
@dataclass(frozen=True, slots=True)
class Charges:
    """What is charged on one obligation, by day, and the running totals of it, times `below`."""

    pieces: Sequence[Piece]
    days: Sequence[int]
    totals: Sequence[int]
    below: int

    def until(self, day: int) -> Fraction:
        """Return what was charged by the end of the day."""
        number = bisect_right(self.days, day)
        return Ratio(self.totals[number - 1], self.below) if number else Ratio(0)

    @property
    def total(self) -> Fraction:
        """All that was charged."""
        return Ratio(self.totals[-1], self.below) if self.totals else NOTHING


NOTHING = Ratio(0)
NO_CHARGES = Charges((), (), (), 1)
Fees = Mapping[int, Charges]


def fees_of(contract: Contract) -> Fees:
    """Return what is charged by use on each obligation, that of its parts included.

    What is part of all obligations is charged on all that there were at the start, evenly.
    """
    obligations = contract.obligations
    if not any(line.HasField("overage_price") for line in contract.facts.lines):
        return dict.fromkeys(obligations.indices, NO_CHARGES)
    common = [fee for part in obligations.shared for fee in _fees(contract, part)]
    sharing = contract.first()
    fees: dict[int, Charges] = {}
    for index in obligations.indices:
        lines = (index, *obligations.parts[index])
        charges = [fee for line in lines for fee in _fees(contract, line)]
        if index in sharing:
            charges += [replace(fee, amount=fee.amount / len(sharing)) for fee in common]
        fees[index] = _charges(charges)
    return fees


def _charges(pieces: Sequence[Piece]) -> Charges:
    days = sorted(
        ((piece.span.first, piece.amount) for piece in pieces if piece.span is not None),
        key=lambda charge: charge[0],
    )
    amounts, below = over_one_denominator([amount for _, amount in days])
    return Charges(pieces, [day for day, _ in days], [*accumulate(amounts)], below)


def terms_of(facts: pb.RecognizeFacts, line: pb.RevenueLine) -> Terms:
    """Return what the line includes and how long it is served, by what was known on a day."""
    included, last = fraction(line.included_quantity), last_day(line)
    days, terms = [0], [(included, last)]
    for change in sorted(facts.modifications, key=lambda change: known(change, "on")):
        for part in change.changes:
            if part.line_id == line.id:
                included = (
                    fraction(part.included_quantity)
                    if part.HasField("included_quantity")
                    else included
                )
                if part.HasField("end"):
                    last = min(day_number(part.end), _cancelled(line))
                days.append(known(change, "on"))
                terms.append((included, last))
    return lambda day: terms[bisect_right(days, day) - 1]


def _cancelled(line: pb.RevenueLine) -> int:
    return day_number(line.cancelled_on) if line.HasField("cancelled_on") else NEVER


def _fees(contract: Contract, index: int) -> list[Piece]:
    line = contract.facts.lines[index]
    if not line.HasField("overage_price"):
        return []
    price, born = to_minor(line.overage_price), contract.born[index]
    late = late_days(contract.uses[index], contract.calendar)
    return [
        on(max(day, born), quantity * price, caught=f"lines[{index}].usage" if day in late else "")
        for day, quantity in charged(
            contract.uses[index], terms_of(contract.facts, line), first_day(line)
        )
    ]
