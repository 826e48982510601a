"""Tracks (step 5): each obligation's exact amounts over time, and how modifications move them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.allocation import Allocated, NotAllocated, weights_of
from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.patterns import shares, volume
from dealgate.kinds.recognize.pieces import Piece, on, scaled, split, total
from dealgate.model.days import day_number
from dealgate.model.money import to_minor
from dealgate.model.rounding import largest_remainder
from dealgate.v1 import recognize_pb2 as pb


@dataclass(frozen=True, slots=True)
class Track:
    """An obligation: its line as it stands now, and its pieces, which sum to a whole amount."""

    place: int
    line: pb.RevenueLine
    pieces: Sequence[Piece]

    @property
    def amount(self) -> int:
        """All that it is worth, in minor units."""
        return int(total(self.pieces))


Tracks = dict[int, Track]


def begun(contract: Contract, allocated: dict[int, Allocated]) -> Tracks:
    """Return the tracks at the start of the contract."""
    return {place: _track(contract, place, one.amount) for place, one in allocated.items()}


def modified(contract: Contract, tracks: Tracks, number: int) -> Tracks:
    """Return the tracks after the modification at `number`, by the treatment of its rule.

    Raises NotAllocated if the price has nobody to go to.
    """
    change = contract.facts.modifications[number]
    treatment = contract.claims.treatments[number]
    added = contract.places(change.added_line_ids)
    if treatment is None:
        raise NotAllocated("TREATMENT_UNKNOWN", [f"modifications[{number}]"])
    if treatment[0] == "separate_contract":
        return tracks | _separate(contract, change, added, number)
    named = contract.places([one.line_id for one in change.changes])
    old = [place for place in (named or ([] if added else tracks)) if place in tracks]
    moved = _Moved(contract, change, {place: tracks[place] for place in old}, added)
    if treatment[0] == "prospective":
        return tracks | moved.prospective(number)
    return tracks | moved.caught_up()


def _track(contract: Contract, place: int, amount: int) -> Track:
    line = contract.facts.lines[place]
    pieces = shares(line, contract.conventions(place), contract.calendar)
    return Track(place, line, scaled(pieces, Fraction(amount)))


def _separate(
    contract: Contract, change: pb.ContractModification, added: Sequence[int], number: int
) -> Tracks:
    if not added:
        raise NotAllocated("NOTHING_ADDED", [f"modifications[{number}].added_line_ids"])
    weights = weights_of(contract, added)
    parts = _divided(Fraction(to_minor(change.price_change)), weights)
    return {place: _track(contract, place, parts[place]) for place in added}


@dataclass(frozen=True, slots=True)
class _Moved:
    contract: Contract
    change: pb.ContractModification
    old: Tracks
    added: Sequence[int]

    def prospective(self, number: int) -> Tracks:
        """What is earned or cancelled stays; the rest and the change go to the rest (25-13a)."""
        before, after = self._halves()
        for place, pieces in after.items():
            before[place] += [piece for piece in pieces if piece.lost]
            after[place] = [piece for piece in pieces if not piece.lost]
        pool = sum((total(pieces) for pieces in after.values()), Fraction(0))
        pool += to_minor(self.change.price_change)
        weights = self._weights({place: total(ahead) for place, ahead in self._ahead().items()})
        if not sum(weights.values()):
            raise NotAllocated("NOTHING_REMAINS", [f"modifications[{number}]"])
        earned = {place: total(before.get(place, ())) for place in weights}
        exact = {place: earned[place] + part for place, part in _shared(pool, weights).items()}
        whole = dict(zip(exact, largest_remainder([*exact.values()]), strict=True))
        found: Tracks = {}
        for place, ahead in self._ahead().items():
            rest = whole[place] - earned[place]
            later = scaled(ahead, rest) if total(ahead) else [on(self._day, rest)]
            found[place] = Track(place, self._line(place), [*before.get(place, ()), *later])
        return found

    def caught_up(self) -> Tracks:
        """Everything as if it had been so from the start; the difference falls on the day."""
        before, _ = self._halves()
        found: Tracks = {}
        for place, amount in self._caught_up_amounts().items():
            pieces = scaled(self._shares(place), Fraction(amount))
            past, later = split(pieces, self._day, self.contract.calendar)
            difference = total(past) - total(before.get(place, ()))
            found[place] = Track(
                place,
                self._line(place),
                [*before.get(place, ()), on(self._day, difference), *later],
            )
        return found

    def _caught_up_amounts(self) -> dict[int, int]:
        whole = Fraction(sum(track.amount for track in self.old.values()))
        whole += to_minor(self.change.price_change)
        if not self.change.changes and not self.added and any(t.amount for t in self.old.values()):
            return _divided(whole, {p: Fraction(abs(t.amount)) for p, t in self.old.items()})
        return _divided(whole, self._weights(dict.fromkeys((*self.old, *self.added), Fraction(1))))

    def _weights(self, part: dict[int, Fraction]) -> dict[int, Fraction]:
        """Return standalone prices, of each the part that counts, grown or shrunk with its line."""
        prices = weights_of(self.contract, [*part])
        return {place: prices[place] * part[place] * self._growth(place) for place in part}

    def _growth(self, place: int) -> Fraction:
        conventions, calendar = self.contract.conventions(place), self.contract.calendar
        new = volume(self._line(place), conventions, calendar)
        return new / volume(self.contract.facts.lines[place], conventions, calendar)

    def _halves(self) -> tuple[dict[int, list[Piece]], dict[int, list[Piece]]]:
        halves = {
            place: split(track.pieces, self._day, self.contract.calendar)
            for place, track in self.old.items()
        }
        return (
            {place: before for place, (before, _) in halves.items()},
            {place: after for place, (_, after) in halves.items()},
        )

    def _ahead(self) -> dict[int, list[Piece]]:
        halves = {
            place: split(self._shares(place), self._day, self.contract.calendar)[1]
            for place in (*self.old, *self.added)
        }
        return {place: [one for one in ahead if not one.lost] for place, ahead in halves.items()}

    def _shares(self, place: int) -> list[Piece]:
        conventions = self.contract.conventions(place)
        return shares(self._line(place), conventions, self.contract.calendar)

    def _line(self, place: int) -> pb.RevenueLine:
        """Return the line as it is from this change on."""
        line = pb.RevenueLine()
        line.CopyFrom(
            self.old[place].line if place in self.old else self.contract.facts.lines[place]
        )
        for one in self.change.changes:
            if one.line_id == line.id:
                if one.HasField("end"):
                    line.end.CopyFrom(one.end)
                if one.HasField("included_quantity"):
                    line.included_quantity.CopyFrom(one.included_quantity)
        return line

    @property
    def _day(self) -> int:
        return day_number(self.change.on)


def by_day(changes: Iterable[pb.ContractModification]) -> list[int]:
    """Return the numbers of the modifications in the order in which they take effect."""
    return [
        number for number, _ in sorted(enumerate(changes), key=lambda pair: day_number(pair[1].on))
    ]


def _shared(amount: Fraction, weights: dict[int, Fraction]) -> dict[int, Fraction]:
    whole = sum(weights.values())
    return {place: amount * weight / whole for place, weight in weights.items()}


def _divided(amount: Fraction, weights: dict[int, Fraction]) -> dict[int, int]:
    exact = _shared(amount, weights)
    return dict(zip(exact, largest_remainder([*exact.values()]), strict=True))
