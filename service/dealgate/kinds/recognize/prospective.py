"""Prospective changes: the old contract ends, and what is left of it is a new one (25-13a)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.allocation import NotAllocated, weights_of
from dealgate.kinds.recognize.change import Change
from dealgate.kinds.recognize.patterns import is_metered, shares
from dealgate.kinds.recognize.pieces import Piece, kept, on, scaled, split, total
from dealgate.kinds.recognize.tracks import Track, Tracks
from dealgate.model.ratio import Ratio
from dealgate.model.rounding import largest_remainder


@dataclass(frozen=True, slots=True)
class Remainder:
    """An obligation on the day of a change: what was, what is left of it, and when it is earned.

    `stays` is lost, or belongs to the line alone; `pooled` is for all that remains to share.
    """

    before: Sequence[Piece]
    stays: Sequence[Piece]
    pooled: Fraction
    ahead: Sequence[Piece]

    @property
    def fixed(self) -> Fraction:
        """What no other obligation gets a share of."""
        return total(self.before) + total(self.stays)


def prospective(change: Change) -> Tracks:
    """What is left and the change go to what remains; what is earned or cancelled stays.

    A new price of use alone, which names lines that are paid by use and no other, is theirs.
    """
    if change.facts.changes and all(is_metered(change.line(index)) for index in change.scope()):
        return change.metered()
    left = {index: _remainder(change, index) for index in _open(change)}
    weights = _weights(change, left)
    if not weights:
        return change.metered()
    pool = sum((one.pooled for one in left.values()), Ratio(change.price))
    if pool < 0:
        raise NotAllocated("MORE_THAN_REMAINS", [f"{change.path}.price_change"])
    whole = sum(weights.values())
    exact = [one.fixed + pool * weights.get(index, 0) / whole for index, one in left.items()]
    return {
        index: _changed(change, index, left[index], Ratio(amount))
        for index, amount in zip(left, largest_remainder(exact), strict=True)
    }


def _open(change: Change) -> list[int]:
    """Return the obligations that may have something left: those there are, and the added."""
    return [*dict.fromkeys((*change.tracks, *change.added()))]


def _remainder(change: Change, index: int) -> Remainder:
    """Of a line that is paid by use nothing is for others to share."""
    before, after = split(change.pieces(index), change.day, change.contract.calendar)
    ahead = _ahead(change, index)
    metered = is_metered(change.line(index))
    stays = [piece for piece in after if metered or piece.lost or piece.own]
    return Remainder(before, stays, total(after) - total(stays), ahead)


def _ahead(change: Change, index: int) -> list[Piece]:
    """Return when what remains of an obligation is earned; of an added one all remains."""
    line = change.line(index)
    if is_metered(line):
        return []
    pieces = shares(line, change.contract.conventions(index))
    if index in change.tracks:
        _, pieces = split(pieces, change.day, change.contract.calendar)
    return kept(pieces)


def _weights(change: Change, left: Mapping[int, Remainder]) -> dict[int, Fraction]:
    """Return what remains of each obligation, weighed by what it sells for alone.

    If nothing remains to be served, what is left goes where it was, at once.
    """
    served = {index: total(one.ahead) for index, one in left.items() if total(one.ahead)}
    if not served:
        return {index: abs(one.pooled) for index, one in left.items() if one.pooled}
    prices = weights_of(change.contract, [*served])
    weights = {index: prices[index] * part * change.growth(index) for index, part in served.items()}
    return weights if sum(weights.values()) else served


def _changed(change: Change, index: int, left: Remainder, amount: Fraction) -> Track:
    rest, later = amount - left.fixed, [*_again(left)]
    if rest:
        later += scaled(left.ahead, rest) if total(left.ahead) else [on(change.day, rest)]
    return change.grafted(index, [*left.before, *later])


def _again(left: Remainder) -> Sequence[Piece]:
    """Lay what belongs to the line alone over what remains of it as it is now."""
    mine = [piece for piece in left.stays if piece.own and not piece.lost]
    if not mine or not total(left.ahead):
        return left.stays
    others = [piece for piece in left.stays if piece.lost or not piece.own]
    return [*others, *scaled(left.ahead, total(mine), own=True)]
