"""Crediting: what a refund or credit note takes back, and from whom, on the day it is booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.fees import Fees
from dealgate.kinds.recognize.pieces import (
    Piece,
    earned,
    grafted,
    gross,
    kept,
    on,
    rescaled,
    scaled,
    total,
)
from dealgate.kinds.recognize.returning import Returns
from dealgate.kinds.recognize.tracks import Track, Tracks
from dealgate.model import money
from dealgate.model.ratio import Ratio


@dataclass(frozen=True, slots=True)
class Taken:
    """What a credit of `amount` took, in minor units; `left` is what nobody was worth.

    `returned` was expected to come back and `lost` was cancelled, by obligation; `rebates` were
    expected, `beyond` was invoiced beyond the price: they were not part of it any more.
    """

    tracks: Tracks
    amount: int
    returned: Mapping[int, int]
    rebates: int
    lost: Mapping[int, int]
    beyond: int
    left: int


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed back on a day: by expected returns, by rebates, and beyond the price."""

    returned: Mapping[int, int]
    rebates: int
    beyond: int


@dataclass(frozen=True, slots=True)
class Credit:
    """An amount that goes back on a day, from the obligations in `named`; `path` is its fact's."""

    path: str
    day: int
    amount: int
    named: Sequence[int]


def expected_back(track: Track, returns: Returns, day: int, contract: Contract) -> int:
    """Return what is expected to go back of all that is earned by the end of the day."""
    share = returns.share(day)
    return round(share * earned(gross(track.pieces), day + 1, contract.calendar)) if share else 0


@dataclass(slots=True)
class Taking:
    """A credit on its way through the obligations; `left` is what still has to be found."""

    contract: Contract
    tracks: Tracks
    fees: Fees
    credit: Credit
    left: int

    def returned(self, owed: Mapping[int, int]) -> dict[int, int]:
        """Take what was expected to go back."""
        return {index: self._draw(max(owed.get(index, 0), 0)) for index in self.credit.named}

    def settled(self, owed: int) -> int:
        """Take what is not part of the price any more."""
        return self._draw(owed)

    def lost(self) -> dict[int, int]:
        """Take what a cancellation left unserved."""
        taken = {}
        for index in self.credit.named:
            lost = self.tracks[index].lost
            taken[index] = self._draw(max(round(lost), 0))
            self._take(index, taken[index], min(Ratio(taken[index]), lost))
        return taken

    def earned(self, indices: Sequence[int]) -> None:
        """Take what is earned or will be, by what each obligation is worth, and none beyond it."""
        worth = {index: self._worth(index) for index in indices}
        most = min(self.left, sum(worth.values()))
        if most > 0:
            parts = money.allocate(most, [*worth.values()])
            for index, part in zip(worth, parts, strict=True):
                self._take(index, self._draw(part), Ratio(0))

    def _draw(self, amount: int) -> int:
        taken = min(self.left, amount)
        self.left -= taken
        return taken

    def _worth(self, index: int) -> int:
        charged = self.fees[index].until(self.credit.day)
        return max(int(self.tracks[index].kept + charged), 0)

    def _take(self, index: int, amount: int, lost: Fraction) -> None:
        """Take an amount, `lost` of it never to be earned; use that was charged goes back now."""
        if not amount:
            return
        track, day, left = self.tracks[index], self.credit.day, amount - lost
        price, charged = track.kept, self.fees[index].until(day)
        back = left * price / (price + charged) if price > 0 < price + charged else Ratio(0)
        pieces = _scaled([piece for piece in track.pieces if piece.lost], -lost)
        if _may_return(self.contract, index):
            pieces += [*kept(track.pieces), *self._mirrored(track, back)]
        else:
            pieces += self._scaled(track, back)
        rest = [on(day, back - left, credit=True)] if left != back else []
        self.tracks[index] = Track(
            index, track.line, [*pieces, *rest], (track.kept - left, track.lost - lost)
        )

    def _scaled(self, track: Track, back: Fraction) -> list[Piece]:
        """Lessen all that is earned or will be; what was earned before goes back on the day."""
        old, calendar = kept(track.pieces), self.contract.calendar
        if not track.kept or not back:
            return old
        return rescaled(old, track.kept, back, self.credit.day, calendar, self.credit.path)

    def _mirrored(self, track: Track, back: Fraction) -> list[Piece]:
        """Set a negative schedule beside the one that expected returns are a share of."""
        old = gross(kept(track.pieces))
        if not back or not total(old):
            return [on(self.credit.day, -back, credit=True)] if back else []
        mirror = scaled(old, -back)
        path = self.credit.path
        new = grafted((), mirror, self.credit.day, self.contract.calendar, path)
        return [replace(piece, credit=True) for piece in new]


def _may_return(contract: Contract, index: int) -> bool:
    lines = (index, *contract.obligations.parts[index])
    return any(contract.facts.lines[line].HasField("returns") for line in lines)


def credited(contract: Contract, tracks: Tracks, fees: Fees, credit: Credit, owed: Owed) -> Taken:
    """Take a credit from the obligations that it names.

    First what is owed back already: expected returns, rebates, cancelled service, and what was
    invoiced beyond the price. Then revenue: what has been earned before the day goes back on it,
    the rest lessens what is to come. What they are not worth, the others are asked for.
    """
    taking = Taking(contract, dict(tracks), fees, credit, credit.amount)
    returned = taking.returned(owed.returned)
    rebates = taking.settled(owed.rebates)
    lost = taking.lost()
    beyond = taking.settled(owed.beyond)
    for indices in (credit.named, [*tracks]):
        taking.earned(indices)
    return Taken(taking.tracks, credit.amount, returned, rebates, lost, beyond, taking.left)


def _scaled(pieces: Sequence[Piece], change: Fraction) -> list[Piece]:
    whole = total(pieces)
    if not whole:
        return [*pieces]
    return [replace(piece, amount=piece.amount * (whole + change) / whole) for piece in pieces]
