"""A modification of the contract, and the obligations as they stood before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.allocation import NotAllocated, divided
from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.patterns import is_metered, volume
from dealgate.kinds.recognize.pieces import Piece, grafted, on
from dealgate.kinds.recognize.tracks import Track, Tracks, as_known
from dealgate.kinds.recognize.uses import known
from dealgate.model.days import day_number
from dealgate.model.money import to_minor
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb


@dataclass(frozen=True, slots=True)
class Change:
    """The modification at `number`, and the obligations before it; amounts are minor units."""

    contract: Contract
    tracks: Tracks
    number: int

    @property
    def path(self) -> str:
        """Its position in the facts."""
        return f"modifications[{self.number}]"

    @property
    def facts(self) -> pb.ContractModification:
        """What is said about it."""
        return self.contract.facts.modifications[self.number]

    @property
    def price(self) -> int:
        """By how much the price changes."""
        return to_minor(self.facts.price_change)

    @property
    def day(self) -> int:
        """The day from which on it holds."""
        return day_number(self.facts.on)

    @property
    def known(self) -> int:
        """The day on which it became known: nothing moves before."""
        return known(self.facts, "on")

    def added(self) -> list[int]:
        """Return the obligations that it adds, or adds to; none that a later change adds."""
        ids = set(self.facts.added_line_ids)
        return [
            index
            for index in self.contract.indices(self.facts.added_line_ids)
            if index in self.tracks or self.contract.facts.lines[index].id in ids
        ]

    def scope(self) -> list[int]:
        """Return the obligations that it names and adds, or all."""
        named = self.contract.indices([part.line_id for part in self.facts.changes])
        old = [index for index in named if index in self.tracks] or [*self.tracks]
        return [*dict.fromkeys((*old, *self.added()))]

    def line(self, index: int) -> pb.RevenueLine:
        """Return the line as it is from this change on."""
        if index in self.tracks:
            return changed_line(self.tracks[index].line, self.facts)
        return changed_line(as_known(self.contract.facts.lines[index], self.known), self.facts)

    def pieces(self, index: int) -> Sequence[Piece]:
        """Return what the obligation was until now."""
        return self.tracks[index].pieces if index in self.tracks else ()

    def growth(self, index: int) -> Fraction:
        """Return how much more service there is than was sold at first."""
        conventions, sold = self.contract.conventions(index), self.contract.facts.lines[index]
        if is_metered(sold):
            return Ratio(1)
        return volume(self.line(index), conventions) / volume(sold, conventions)

    def grafted(self, index: int, pieces: Sequence[Piece]) -> Track:
        """Return the obligation from now on; nothing moves that was earned before."""
        day = max(self.known, self.contract.born[index])
        new = grafted(self.pieces(index), pieces, day, self.contract.calendar, self.path)
        return Track(index, self.line(index), new)

    def metered(self) -> Tracks:
        """Lines that are paid by use have nothing to share a price with: it counts on the day."""
        indices = [index for index in self.scope() if is_metered(self.line(index))]
        if not self.price:
            return {index: self.grafted(index, self.pieces(index)) for index in indices}
        if not indices:
            raise NotAllocated("NOTHING_REMAINS", [self.path])
        parts = divided(self.price, dict.fromkeys(indices, Ratio(1)))
        return {
            index: self.grafted(index, [*self.pieces(index), on(self.known, Ratio(part))])
            for index, part in parts.items()
        }


def changed_line(line: pb.RevenueLine, change: pb.ContractModification) -> pb.RevenueLine:
    """Return the line as a modification leaves it."""
    parts = [part for part in change.changes if part.line_id == line.id]
    if not parts:
        return line
    now = pb.RevenueLine()
    now.CopyFrom(line)
    for part in parts:
        if part.HasField("end"):
            now.end.CopyFrom(part.end)
        if part.HasField("included_quantity"):
            now.included_quantity.CopyFrom(part.included_quantity)
    return now
