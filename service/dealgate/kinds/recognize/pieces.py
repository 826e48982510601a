"""Pieces: the exact amounts of an obligation, and the spans over which they are earned."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dealgate.kinds.recognize.calendar import Calendar, Span


@dataclass(frozen=True, slots=True)
class Piece:
    """An exact amount (minor units), earned evenly over `span`; without it, nobody knows when.

    `lost` is what will never be earned.
    """

    amount: Fraction
    span: Span | None = None
    lost: bool = False


def on(day: int, amount: Fraction) -> Piece:
    """Return an amount that is earned on one day."""
    return Piece(amount, Span(day, day))


def total(pieces: Iterable[Piece]) -> Fraction:
    """Return the exact sum."""
    return sum((piece.amount for piece in pieces), Fraction(0))


def scaled(pieces: Sequence[Piece], amount: Fraction) -> list[Piece]:
    """Return the pieces in the same proportions, with `amount` as their sum, which was not 0."""
    factor = amount / total(pieces)
    return [replace(piece, amount=piece.amount * factor) for piece in pieces]


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


def by_slot(pieces: Iterable[Piece], calendar: Calendar) -> list[Fraction]:
    """Return the exact amount of every slot of the calendar."""
    slots = [Fraction(0)] * (len(calendar.ends) + 2)
    for piece in pieces:
        if piece.span is None:
            slots[calendar.cancelled if piece.lost else calendar.waiting] += piece.amount
            continue
        rate = piece.amount / piece.span.measure(piece.span.first, piece.span.last, calendar)
        for place, first, last in calendar.overlaps(piece.span.first, piece.span.last):
            slots[place] += rate * piece.span.measure(first, last, calendar)
    return slots


def folded(slots: Sequence[Fraction], place: int) -> list[Fraction]:
    """Return the slots with all that is earned before `place` moved to it."""
    found = list(slots)
    if not place:
        return found
    found[place] += sum(slots[:place])
    found[:place] = [Fraction(0)] * place
    return found


def _cut(piece: Piece, span: Span, day: int, calendar: Calendar) -> tuple[Piece, Piece]:
    whole = span.measure(span.first, span.last, calendar)
    share = span.measure(span.first, day - 1, calendar) / whole
    part = replace(span, whole=span.whole or (span.first, span.last))
    head = Piece(piece.amount * share, replace(part, last=day - 1))
    return head, Piece(piece.amount * (1 - share), replace(part, first=day))
