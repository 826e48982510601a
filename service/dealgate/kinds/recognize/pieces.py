"""Pieces: the exact amounts of an obligation, and the spans over which they are earned."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dealgate.kinds.recognize.calendar import Calendar
from dealgate.kinds.recognize.spans import Span
from dealgate.model.ratio import Ratio


@dataclass(frozen=True, slots=True)
class Piece:
    """An exact amount (minor units), earned evenly over `span`; without it, nobody knows when.

    `lost` is what will never be earned; `own` is what belongs to the line alone, so that no
    change of the contract gives it to another one. `caught` names the fact by which it is earned
    in a later period than the one that it belongs to. `credit` is what a credit took of goods that
    may come back: it lessens revenue, and not what is expected to come back.
    """

    amount: Fraction
    span: Span | None = None
    lost: bool = False
    own: bool = False
    caught: str = ""
    credit: bool = False


def on(
    day: int, amount: Fraction, *, own: bool = False, caught: str = "", credit: bool = False
) -> Piece:
    """Return an amount that is earned on one day."""
    return Piece(amount, Span(day, day), own=own, caught=caught, credit=credit)


def total(pieces: Iterable[Piece]) -> Fraction:
    """Return the exact sum."""
    return _sum(piece.amount for piece in pieces)


def _sum(amounts: Iterable[Fraction]) -> Fraction:
    """There may be thousands: those of one denominator are added first."""
    above: dict[int, int] = {}
    for amount in amounts:
        below = amount.denominator
        above[below] = above.get(below, 0) + amount.numerator
    return sum((Ratio(part, below) for below, part in above.items()), Ratio(0))


def kept(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces that are earned, or will be."""
    return [piece for piece in pieces if not piece.lost]


def gross(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces without what credits took."""
    return [piece for piece in pieces if not piece.credit]


def scaled(pieces: Sequence[Piece], amount: Fraction, *, own: bool = False) -> list[Piece]:
    """Return the pieces in the same proportions, with `amount` as their sum, which was not 0."""
    factor = amount / total(pieces)
    return [replace(piece, amount=piece.amount * factor, own=own) for piece in pieces]


def split(pieces: Iterable[Piece], day: int, calendar: Calendar) -> tuple[list[Piece], list[Piece]]:
    """Return what is earned before `day`, and what is from it on, waits, or is lost."""
    before: list[Piece] = []
    after: list[Piece] = []
    for piece in pieces:
        if piece.span is None or piece.span.first >= day:
            after.append(piece)
        elif piece.span.last < day:
            before.append(piece)
        else:
            head, tail = _cut(piece, piece.span, day, calendar)
            before.append(head)
            after.append(tail)
    return before, after


def earned(pieces: Iterable[Piece], day: int, calendar: Calendar) -> Fraction:
    """Return what is earned before `day`."""
    return total(split(pieces, day, calendar)[0])


def grafted(
    old: Iterable[Piece], new: Sequence[Piece], day: int, calendar: Calendar, fact: str
) -> list[Piece]:
    """Return `old` before the day and `new` from it on; what they differ by falls on the day.

    So nothing moves that was earned before `fact` became known.
    """
    if not day:
        return [*new]
    before, _ = split(old, day, calendar)
    past, later = split(new, day, calendar)
    difference = total(past) - total(before)
    start = calendar.starts[calendar.index(day)]
    early = earned(past, start, calendar) - earned(before, start, calendar)
    caught = [on(day, early, caught=fact), on(day, difference - early)]
    return [*before, *(piece for piece in caught if piece.amount), *later]


def rescaled(
    pieces: Sequence[Piece],
    whole: Fraction,
    back: Fraction,
    day: int,
    calendar: Calendar,
    fact: str,
) -> list[Piece]:
    """Return the pieces, which sum to `whole`, less `back`, as if it had been so from the start.

    What that moves falls on the day. What was before is not added up again: there may be
    thousands of pieces, and hardly any ahead.
    """
    before, after = split(pieces, day, calendar)
    factor = (whole - back) / whole
    start = calendar.starts[calendar.index(day)]
    past = whole - total(after)
    here = total(split(_reaching(before, start), start, calendar)[1])
    early, recent = (past - here) * (factor - 1), here * (factor - 1)
    caught = [on(day, early, caught=fact), on(day, recent)]
    later = [replace(piece, amount=piece.amount * factor) for piece in after]
    return [*before, *(piece for piece in caught if piece.amount), *later]


def _reaching(pieces: Iterable[Piece], day: int) -> Iterator[Piece]:
    return (piece for piece in pieces if piece.span is not None and piece.span.last >= day)


def by_slot(pieces: Iterable[Piece], calendar: Calendar) -> list[Fraction]:
    """Return the exact amount of every slot of the calendar."""
    slots: list[list[Fraction]] = [[] for _ in range(len(calendar.ends) + 2)]
    for piece in pieces:
        if piece.span is None:
            slots[calendar.cancelled if piece.lost else calendar.waiting].append(piece.amount)
            continue
        if piece.span.first == piece.span.last:
            # What is used is earned on single days, and there may be tens of thousands of them.
            slots[calendar.index(piece.span.first)].append(piece.amount)
            continue
        for index, share in piece.span.by_period(calendar):
            slots[index].append(piece.amount * share)
    return [*map(_sum, slots)]


def _cut(piece: Piece, span: Span, day: int, calendar: Calendar) -> tuple[Piece, Piece]:
    share = span.share(span.first, day - 1, calendar)
    part = replace(span, whole=span.served)
    head = replace(piece, amount=piece.amount * share, span=replace(part, last=day - 1))
    tail = replace(piece, amount=piece.amount * (1 - share), span=replace(part, first=day))
    return head, tail
