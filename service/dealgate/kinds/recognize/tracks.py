"""Tracks (step 5): each obligation's exact amounts over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from dealgate.kinds.recognize.allocation import Allocated
from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.patterns import cancelled, is_metered, shares
from dealgate.kinds.recognize.pieces import Piece, grafted, gross, kept, on, scaled, total
from dealgate.kinds.recognize.uses import known, last_day
from dealgate.model.days import day_number
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb


@dataclass(frozen=True)
class Track:
    """An obligation: its line as it stands now, and its pieces, which sum to a whole amount.

    `sums` are what is kept and what is lost of them, if that is known without adding up: of
    thousands of credits each would add up the thousands before it.
    """

    index: int
    line: pb.RevenueLine
    pieces: Sequence[Piece] = ()
    sums: tuple[Fraction, Fraction] | None = None

    @property
    def amount(self) -> int:
        """All that it is worth but for what is charged by use, in minor units."""
        return int(self.kept + self.lost)

    @cached_property
    def kept(self) -> Fraction:
        """What is earned or will be."""
        return self.sums[0] if self.sums else total(kept(self.pieces))

    @cached_property
    def lost(self) -> Fraction:
        """What will never be earned."""
        return self.sums[1] if self.sums else total(piece for piece in self.pieces if piece.lost)


Tracks = dict[int, Track]
SIGNED = "contract.signed_on"


def begun(contract: Contract, index: int, allocated: Allocated) -> Track:
    """Return the track of an obligation at the start of the contract."""
    line = as_known(contract.facts.lines[index], 0)
    pieces = laid(contract, line, index, Ratio(allocated.amount - allocated.own))
    pieces += laid(contract, line, index, Ratio(allocated.own), own=True)
    return Track(index, line, grafted((), pieces, contract.born[index], contract.calendar, SIGNED))


def laid(
    contract: Contract,
    line: pb.RevenueLine,
    index: int,
    amount: Fraction,
    *,
    own: bool = False,
    day: int = 0,
) -> list[Piece]:
    """Return an amount as the line's pattern earns it, as if it had been so from the start.

    What a line that is paid by use has beside its fees is earned on `day`, on which it became
    known; without one, with the last use so far: before that nobody knows what it depends on.
    """
    if not amount:
        return []
    if not is_metered(line):
        return scaled(shares(line, contract.conventions(index)), amount, own=own)
    last = max((use.day for use in contract.uses[index]), default=0)
    if not last and line.HasField("end"):
        last = last_day(line)
    when = day or last
    return [on(when, amount, own=own) if when else Piece(amount, own=own)]


def added_pieces(
    contract: Contract, track: Track, amount: int, day: int, fact: str, *, own: bool
) -> Track:
    """Return the track with an amount that became known on the day by a fact, caught up."""
    pieces = laid(contract, track.line, track.index, Ratio(amount), own=own, day=day)
    later = grafted((), pieces, max(day, contract.born[track.index]), contract.calendar, fact)
    return Track(track.index, track.line, [*track.pieces, *later])


def ended(contract: Contract, track: Track, line: pb.RevenueLine) -> list[Piece]:
    """Return what a line earns that was cancelled, as it became known later; credits stay.

    Before the day on which the contract, or the line, came to be nothing was earned: what was
    served until an earlier end was caught up on that day, and is laid where it belongs.
    """
    index = track.index
    if is_metered(line) or day_number(line.cancelled_on) >= contract.born[index]:
        return cancelled(track.pieces, line, contract.conventions(index))
    sold = gross(track.pieces)
    own = total(piece for piece in sold if piece.own)
    return [
        *laid(contract, line, index, total(sold) - own),
        *laid(contract, line, index, own, own=True),
        *(piece for piece in track.pieces if piece.credit),
    ]


def is_late(line: pb.RevenueLine) -> bool:
    """Return whether the line's cancellation became known after its day."""
    if not line.HasField("cancelled_on"):
        return False
    return known(line, "cancelled_on") > day_number(line.cancelled_on)


def amounts(tracks: Iterable[Track]) -> int:
    """Return what the obligations are worth together, but for what is charged by use."""
    return sum(track.amount for track in tracks)


def as_known(line: pb.RevenueLine, day: int) -> pb.RevenueLine:
    """Return the line as it was known on a day, without a cancellation that came later."""
    if not is_late(line) or known(line, "cancelled_on") < day:
        return line
    first = pb.RevenueLine()
    first.CopyFrom(line)
    first.ClearField("cancelled_on")
    return first
