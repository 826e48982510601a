"""Modifying: how a change of the contract moves what its obligations earn (25-10 to 25-13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.allocation import NotAllocated, divided, weights_of
from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.patterns import is_metered, shares, volume
from dealgate.kinds.recognize.pieces import (
    Piece,
    grafted,
    kept,
    on,
    scaled,
    split,
    total,
)
from dealgate.kinds.recognize.tracks import Track, Tracks, laid
from dealgate.kinds.recognize.uses import known
from dealgate.model.days import day_number
from dealgate.model.money import to_minor
from dealgate.model.rounding import largest_remainder
from dealgate.v1 import recognize_pb2 as pb


def modified(contract: Contract, tracks: Tracks, number: int) -> Tracks:
    """Return the tracks after the modification at `number`, by the treatment of its rule.

    Raises NotAllocated if the price has nobody to go to, or is more than there is to take back.
    """
    treatment = contract.claims.treatments.get(number)
    if treatment is None:
        raise NotAllocated("TREATMENT_UNKNOWN", [f"modifications[{number}]"])
    change = Change(contract, tracks, number)
    if treatment[0] == "separate_contract":
        return tracks | change.separate()
    if treatment[0] == "prospective":
        return tracks | change.prospective()
    return tracks | change.caught_up()


@dataclass(frozen=True, slots=True)
class Change:
    """A modification of the contract, and the obligations as they stood before it."""

    contract: Contract
    tracks: Tracks
    number: int

    def separate(self) -> Tracks:
        """What is added is a contract of its own; the old one stays as it is (25-12)."""
        added = self._added()
        if not added:
            raise NotAllocated("NOTHING_ADDED", [f"{self._path}.added_line_ids"])
        if any(index in self.tracks for index in added):
            raise NotAllocated("ADDED_NOT_DISTINCT", [f"{self._path}.added_line_ids"])
        priced = [index for index in added if not is_metered(self._line(index))] or added
        if self._price < 0:
            raise NotAllocated("MORE_THAN_REMAINS", [f"{self._path}.price_change"])
        parts = divided(self._price, weights_of(self.contract, priced))
        return {index: self._as_if(index, Fraction(parts.get(index, 0))) for index in added}

    def prospective(self) -> Tracks:
        """The old contract ends: what is left of it and the change go to what remains (25-13a).

        What is earned, cancelled, or belongs to a line alone stays.
        """
        before, after = self._halves()
        ahead = {index: self._ahead(index) for index in self._open()}
        weights = self._remaining(ahead, after)
        if not weights:
            return self._metered(self._price)
        pool = sum((total(_pooled(pieces)) for pieces in after.values()), Fraction(self._price))
        if pool < 0:
            raise NotAllocated("MORE_THAN_REMAINS", [f"{self._path}.price_change"])
        parts = _shared(pool, weights)
        stays = {index: self._fixed(before, after, index) for index in {**after, **parts}}
        exact = [total(stays[index]) + parts.get(index, 0) for index in stays]
        changed: Tracks = {}
        for index, whole in zip(stays, largest_remainder(exact), strict=True):
            rest, later = Fraction(whole) - total(stays[index]), ahead.get(index, [])
            again = self._again(stays[index], before.get(index, []), later)
            changed[index] = self._grafted(index, [*again, *self._laid(rest, later)])
        return changed

    def caught_up(self) -> Tracks:
        """All is as if it had been so from the start; the difference falls on the day (25-13b)."""
        scope = [index for index in self._scope() if not is_metered(self._line(index))]
        if not scope:
            return self._metered(self._price)
        moved: Tracks = {}
        for index, amount in self._amounts(scope).items():
            moved[index] = self._as_if(index, Fraction(amount))
        return moved

    @property
    def _path(self) -> str:
        return f"modifications[{self.number}]"

    @property
    def _facts(self) -> pb.ContractModification:
        return self.contract.facts.modifications[self.number]

    @property
    def _price(self) -> int:
        return to_minor(self._facts.price_change)

    @property
    def _day(self) -> int:
        return day_number(self._facts.on)

    @property
    def _known(self) -> int:
        return known(self._facts, "on")

    def _added(self) -> list[int]:
        return self.contract.indices(self._facts.added_line_ids)

    def _open(self) -> list[int]:
        """Return the obligations that may have something left: those there are, and the added."""
        return [*dict.fromkeys((*self.tracks, *self._added()))]

    def _scope(self) -> list[int]:
        """Return the obligations that a catch-up is about: those named and added, or all."""
        named = self.contract.indices([part.line_id for part in self._facts.changes])
        old = [index for index in named if index in self.tracks] or [*self.tracks]
        return [*dict.fromkeys((*old, *self._added()))]

    def _metered(self, price: int) -> Tracks:
        """Lines that are paid by use have nothing to share a price with: it counts on the day."""
        indices = [index for index in self._scope() if is_metered(self._line(index))]
        if not price:
            return {index: self._grafted(index, self._pieces(index)) for index in indices}
        if not indices:
            raise NotAllocated("NOTHING_REMAINS", [self._path])
        parts = divided(price, dict.fromkeys(indices, Fraction(1)))
        return {
            index: self._grafted(index, [*self._pieces(index), on(self._known, Fraction(part))])
            for index, part in parts.items()
        }

    def _remaining(
        self, ahead: Mapping[int, Sequence[Piece]], after: Mapping[int, Sequence[Piece]]
    ) -> dict[int, Fraction]:
        """Return what remains of each obligation, weighed by what it sells for alone.

        If nothing remains to be served, what is left goes where it was, at once.
        """
        served = {index: total(pieces) for index, pieces in ahead.items() if total(pieces)}
        if served:
            prices = weights_of(self.contract, [*served])
            weights = {
                index: prices[index] * part * self._growth(index) for index, part in served.items()
            }
            return weights if sum(weights.values()) else served
        left = {index: abs(total(_pooled(pieces))) for index, pieces in after.items()}
        return {index: part for index, part in left.items() if part}

    def _amounts(self, scope: Sequence[int]) -> dict[int, int]:
        """Return what each obligation is worth after a catch-up, but for what is its own."""
        old = {index: self._shared(index) for index in scope}
        whole = sum(old.values(), Fraction(self._price))
        if whole < 0:
            raise NotAllocated("MORE_THAN_REMAINS", [f"{self._path}.price_change"])
        same = not self._facts.changes and not self._added()
        if same and any(old.values()):
            return divided(whole, {index: abs(amount) for index, amount in old.items()})
        prices = weights_of(self.contract, scope)
        weights = {index: price * self._growth(index) for index, price in prices.items()}
        return divided(whole, weights)

    def _growth(self, index: int) -> Fraction:
        conventions, sold = self.contract.conventions(index), self.contract.facts.lines[index]
        if is_metered(sold):
            return Fraction(1)
        return volume(self._line(index), conventions) / volume(sold, conventions)

    def _halves(self) -> tuple[dict[int, list[Piece]], dict[int, list[Piece]]]:
        halves = {
            index: split(track.pieces, self._day, self.contract.calendar)
            for index, track in self.tracks.items()
        }
        return (
            {index: before for index, (before, _) in halves.items()},
            {index: after for index, (_, after) in halves.items()},
        )

    def _ahead(self, index: int) -> list[Piece]:
        """Return when what remains of an obligation is earned; of an added one all remains."""
        line = self._line(index)
        if is_metered(line):
            return []
        pieces = shares(line, self.contract.conventions(index))
        if index in self.tracks:
            _, pieces = split(pieces, self._day, self.contract.calendar)
        return kept(pieces)

    def _fixed(
        self,
        before: Mapping[int, Sequence[Piece]],
        after: Mapping[int, Sequence[Piece]],
        index: int,
    ) -> list[Piece]:
        """Return what no other obligation gets a share of."""
        stays = [piece for piece in after.get(index, ()) if piece.lost or piece.own]
        return [*before.get(index, ()), *stays]

    def _again(
        self, stays: Sequence[Piece], before: Sequence[Piece], ahead: Sequence[Piece]
    ) -> list[Piece]:
        """Lay what belongs to the line alone over what remains of it as it is now."""
        later = stays[len(before) :]
        mine = [piece for piece in later if piece.own and not piece.lost]
        if not mine or not total(ahead):
            return [*stays]
        others = [piece for piece in later if piece.lost or not piece.own]
        return [*before, *others, *scaled(ahead, total(mine), own=True)]

    def _laid(self, amount: Fraction, ahead: Sequence[Piece]) -> list[Piece]:
        if not amount:
            return []
        return scaled(ahead, amount) if total(ahead) else [on(self._day, amount)]

    def _as_if(self, index: int, amount: Fraction) -> Track:
        """Return the obligation as if it had been worth this, and its own, from the start."""
        line = self._line(index)
        own = total(piece for piece in self._pieces(index) if piece.own)
        pieces = laid(self.contract, line, index, amount, day=self._known)
        pieces += laid(self.contract, line, index, own, own=True, day=self._known)
        return self._grafted(index, pieces)

    def _grafted(self, index: int, pieces: Sequence[Piece]) -> Track:
        """Nothing moves that was earned before the change became known."""
        day = max(self._known, self.contract.born[index])
        new = grafted(self._pieces(index), pieces, day, self.contract.calendar, self._path)
        return Track(index, self._line(index), new)

    def _pieces(self, index: int) -> Sequence[Piece]:
        return self.tracks[index].pieces if index in self.tracks else ()

    def _shared(self, index: int) -> Fraction:
        return total(piece for piece in self._pieces(index) if not piece.own)

    def _line(self, index: int) -> pb.RevenueLine:
        """Return the line as it is from this change on."""
        sold = self.contract.facts.lines[index]
        stood = self.tracks[index].line if index in self.tracks else sold
        return changed_line(stood, self._facts)


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


def _pooled(pieces: Sequence[Piece]) -> list[Piece]:
    return [piece for piece in pieces if not piece.lost and not piece.own]


def _shared(amount: Fraction, weights: Mapping[int, Fraction]) -> dict[int, Fraction]:
    whole = sum(weights.values())
    return {index: amount * weight / whole for index, weight in weights.items()}
