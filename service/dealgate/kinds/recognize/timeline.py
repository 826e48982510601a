"""The timeline: what becomes known of a contract, day by day, and what its obligations earn then.

Everything is applied on the day on which it became known, and moves nothing before it: so a
period that is closed stays as it was booked, whatever comes later.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from dealgate.kinds.recognize.allocation import Allocated, NotAllocated, allocate_price
from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.crediting import Credit, Owed, Taken, credited, expected_back
from dealgate.kinds.recognize.fees import Fees, fees_of
from dealgate.kinds.recognize.modifying import modified
from dealgate.kinds.recognize.owing import Standing, beyond, rebates
from dealgate.kinds.recognize.pieces import grafted
from dealgate.kinds.recognize.returning import Returns, expected_returns
from dealgate.kinds.recognize.tracks import (
    Track,
    Tracks,
    added_pieces,
    amounts,
    begun,
    ended,
    is_late,
)
from dealgate.kinds.recognize.uses import known
from dealgate.kinds.recognize.variables import Variable
from dealgate.model.money import to_minor
from dealgate.v1 import recognize_pb2 as pb


@dataclass(frozen=True, slots=True)
class Mark:
    """How a contract stands from a day on: what it is worth, but for what is charged by use.

    `lost` is what cancellations leave unserved, by obligation.
    """

    day: int
    worth: int
    lost: Mapping[int, int]


@dataclass(slots=True)
class Timeline:
    """A contract as it stands, and how it came to it; amounts are minor units.

    `active` are the variable amounts that count. `marks` is how it stood after each of the days on
    which anything became known; `taken` is what each credit took.
    """

    contract: Contract
    fees: Fees
    returns: Mapping[int, Returns]
    allocated: Mapping[int, Allocated] = field(default_factory=dict)
    tracks: Tracks = field(default_factory=dict)
    active: list[int] = field(default_factory=list)
    marks: list["Mark"] = field(default_factory=list)
    taken: list[tuple[int, Taken]] = field(default_factory=list)
    _returned: dict[int, int] = field(default_factory=dict)
    # What credits took in all, of expected returns, and of rebates, after each of them.
    _sums: list[tuple[int, int, int]] = field(default_factory=lambda: [(0, 0, 0)])

    def begin(self) -> None:
        """Divide the price at the start, with the variable amounts that are known then."""
        contract = self.contract
        self.active = [
            number for number, variable in enumerate(contract.variables) if not variable.known
        ]
        self.allocated = self._allocated()
        self.tracks = {
            index: begun(contract, index, allocated) for index, allocated in self.allocated.items()
        }
        self._mark(0)

    def apply(self, day: int, change: "Change") -> None:
        """Let a fact take effect on the day on which it became known."""
        change()
        self._mark(day)

    def mark(self, day: int) -> "Mark":
        """Return how the contract stood at the end of a day."""
        return next(mark for mark in reversed(self.marks) if mark.day <= day)

    def events(self) -> Iterator[tuple[int, "Change"]]:
        """Yield all that becomes known after the start, in that order.

        What falls on one day: estimates of the old contract, its changes, its end, its credits.
        """
        facts = self.contract.facts
        late = [index for index, line in enumerate(facts.lines) if is_late(line)]
        kinds: list[tuple[list[tuple[int, int]], Callable[[int], None]]] = [
            ([(n, v.known) for n, v in enumerate(self.contract.variables)], self.reestimate),
            ([(n, known(c, "on")) for n, c in enumerate(facts.modifications)], self.modify),
            ([(n, known(facts.lines[n], "cancelled_on")) for n in late], self.cancel),
            ([(n, known(c, "on")) for n, c in enumerate(facts.credits)], self.credit),
        ]
        ordered = sorted(
            (day, rank, number)
            for rank, (numbers, _) in enumerate(kinds)
            for number, day in numbers
            if day
        )
        for day, rank, number in ordered:
            yield day, _bound(kinds[rank][1], number)

    def reestimate(self, number: int) -> None:
        """Count a variable amount from now on, in place of the one that it revises (32-43)."""
        variable, fact = self.contract.variables[number], f"variable[{number}]"
        old = self._allocated(variable.known)
        self.active = [active for active in self.active if active != variable.revises] + [number]
        for index, allocated in self._allocated(variable.known).items():
            own = allocated.own - old[index].own
            shared = allocated.amount - old[index].amount - own
            self._add(index, shared, variable.known, fact, own=False)
            self._add(index, own, variable.known, fact, own=True)
        late = set(self.tracks) - set(self.contract.first())
        for home, line in self._homes():
            if home == number and line in late:
                change = variable.included - self._revised(variable)
                self._add(line, change, variable.known, fact, own=True)

    def modify(self, number: int) -> None:
        """Change scope or price; what rewards an added line alone comes with it."""
        before = set(self.tracks)
        self.tracks = modified(self.contract, self.tracks, number)
        day = known(self.contract.facts.modifications[number], "on")
        for home, index in self._homes():
            if index in self.tracks and index not in before:
                included = self.contract.variables[home].included
                self._add(index, included, day, f"variable[{home}]", own=True)

    def cancel(self, index: int) -> None:
        """Let a cancellation count that became known after its day."""
        if index not in self.tracks:
            return
        track, sold = self.tracks[index], self.contract.facts.lines[index]
        line = pb.RevenueLine()
        line.CopyFrom(track.line)
        line.cancelled_on.CopyFrom(sold.cancelled_on)
        pieces = ended(self.contract, track, line)
        day = max(known(sold, "cancelled_on"), self.contract.born[index])
        fact = f"lines[{index}].cancelled_on"
        new = grafted(track.pieces, pieces, day, self.contract.calendar, fact)
        self.tracks = self.tracks | {index: Track(index, line, new)}

    def credit(self, number: int) -> None:
        """Take a credit from what is owed back, then from what is earned."""
        facts = self.contract.facts.credits[number]
        named = self.contract.indices([facts.line_id]) if facts.line_id else []
        named = [index for index in named if index in self.tracks] or [*self.tracks]
        day = max(known(facts, "on"), self.contract.signed)
        credit = Credit(f"credits[{number}]", day, -to_minor(facts.amount), named)
        taken = credited(self.contract, self.tracks, self.fees, credit, self._owed(credit))
        if taken.left:
            raise NotAllocated("CREDIT_EXCEEDS_PRICE", [f"credits[{number}].amount"])
        self.tracks = taken.tracks
        self._take(day, taken)

    def back(self, day: int) -> dict[int, int]:
        """Return what is expected to go back of each obligation, and has not yet."""
        back = {
            index: expected_back(track, self.returns[index], day, self.contract)
            for index, track in self.tracks.items()
        }
        return {index: amount - self._returned.get(index, 0) for index, amount in back.items()}

    def _take(self, day: int, taken: Taken) -> None:
        self.taken.append((day, taken))
        credited, returned, paid = self._sums[-1]
        returned += sum(taken.returned.values())
        self._sums.append((credited + taken.amount, returned, paid + taken.rebates))
        for index, amount in taken.returned.items():
            self._returned[index] = self._returned.get(index, 0) + amount

    def _mark(self, day: int) -> None:
        lost = {index: round(track.lost) for index, track in self.tracks.items()}
        self.marks.append(Mark(day, amounts(self.tracks.values()), lost))

    def _owed(self, credit: Credit) -> Owed:
        """Rebates, and what is beyond the price, concern the contract as a whole."""
        back = self.back(credit.day)
        if len(credit.named) < len(self.tracks):
            return Owed(back, 0, 0)
        standing = self.standing(credit.day)
        unpaid = max(rebates(self.contract.variables, credit.day) - standing.rebates, 0)
        return Owed(back, unpaid, beyond(self.contract, credit.day, standing))

    def standing(self, day: int) -> Standing:
        """Return what the contract is worth at the end of a day, and what credits took by then."""
        before = bisect_right(self.taken, day, key=lambda taken: taken[0])
        credited, returned, paid = self._sums[before]
        fees = sum(round(charges.until(day)) for charges in self.fees.values())
        # Invoices hold the interest, the price does not.
        interest = self.contract.interest.total if self.contract.interest else 0
        return Standing(
            worth=self.mark(day).worth + fees + interest,
            credited=credited,
            returned=returned,
            rebates=paid,
        )

    def _add(self, index: int, amount: int, day: int, fact: str, *, own: bool) -> None:
        track = self.tracks[index]
        added = added_pieces(self.contract, track, amount, day, fact, own=own)
        self.tracks = self.tracks | {index: added}

    def _revised(self, variable: Variable) -> int:
        """Return what counted of the amount that this one replaces."""
        if variable.revises is None:
            return 0
        return self.contract.variables[variable.revises].included

    def _homes(self) -> Iterator[tuple[int, int]]:
        """Yield the variable amounts that count and reward one line alone, and that line."""
        for number in self.active:
            line = self.contract.variables[number].line
            for index in self.contract.indices([line])[:1] if line else []:
                yield number, index

    def _allocated(self, day: int = 0) -> dict[int, Allocated]:
        """Divide the price by what is known on the day, 0: without one."""
        fees = {
            index: charges.until(day) if day else charges.total
            for index, charges in self.fees.items()
        }
        return allocate_price(self.contract, self.active, fees)


Change = Callable[[], None]


def timeline_of(contract: Contract) -> Timeline:
    """Return the contract after all that is known of it. Raises NotAllocated."""
    if not contract.first():
        raise NotAllocated("NO_OBLIGATION", ["lines"])
    timeline = Timeline(contract, fees_of(contract), expected_returns(contract))
    timeline.begin()
    for day, change in timeline.events():
        timeline.apply(day, change)
    return timeline


def _bound(change: Callable[[int], None], number: int) -> Change:
    return lambda: change(number)
