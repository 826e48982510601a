"""Uses: what was used of a line by day, what of it was prepaid, and what is charged on top."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction

from google.protobuf.message import Message

from dealgate.kinds.recognize.calendar import Calendar
from dealgate.model.days import day_number
from dealgate.model.money import over_one_denominator
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb

# Behind the last day of the calendar.
NEVER = 10**7
ZERO = Decimal(0)
# Numbers of 64 characters, and as many of them as there may be, add up in fewer digits.
EXACT = Context(prec=160, traps=[Inexact])


@dataclass(frozen=True, slots=True)
class Use:
    """A quantity used `on` a day, and the `day` on which it is booked: when it became known."""

    day: int
    on: int
    quantity: Fraction


def known(event: Message, field: str) -> int:
    """Return the day on which an event is booked: its own, or that on which it became known."""
    day = day_number(getattr(event, field))
    if event.HasField("known_on"):
        return max(day, day_number(event.known_on))  # type: ignore[attr-defined]  # as HasField
    return day


def uses_of(line: pb.RevenueLine) -> Sequence[Use]:
    """Return what was used, by the day on which it is booked; what falls together is one use."""
    if not line.usage:
        return ()
    sums: dict[tuple[int, int], Decimal] = {}
    days: dict[tuple[int, int, int], int] = {}
    # Tens of thousands of records are added up as decimals: fractions take ten times as long.
    with localcontext(EXACT):
        for record in line.usage:
            on = _ordinal(days, record.on)
            day = max(on, _ordinal(days, record.known_on)) if record.HasField("known_on") else on
            sums[day, on] = sums.get((day, on), ZERO) + Decimal(record.quantity.value)
    return [Use(day, on, Ratio(quantity)) for (day, on), quantity in sorted(sums.items())]


def used(line: pb.RevenueLine) -> Fraction:
    """Return what was used of the line in all."""
    with localcontext(EXACT):
        return Ratio(sum((Decimal(record.quantity.value or 0) for record in line.usage), ZERO))


def late_days(uses: Sequence[Use], calendar: Calendar) -> set[int]:
    """Return the days on which something is booked that was used in an earlier period."""
    return {use.day for use in uses if calendar.index(use.day) > calendar.index(use.on)}


def last_day(line: pb.RevenueLine) -> int:
    """Return the last day on which what is prepaid can be used."""
    names = [name for name in ("end", "cancelled_on") if line.HasField(name)]
    return min((day_number(getattr(line, name)) for name in names), default=NEVER)


def first_day(line: pb.RevenueLine) -> int:
    """Return the first day of service, 0 if nobody says."""
    return day_number(line.start) if line.HasField("start") else 0


def draws(line: pb.RevenueLine, uses: Sequence[Use]) -> Iterator[tuple[int, Fraction]]:
    """Yield what is used of what is included, and on which day it is booked.

    What is used before the first or after the last day of service draws down nothing.
    """
    quantities, below = over_one_denominator([use.quantity for use in uses])
    left: int | Fraction = _times(fraction(line.included_quantity), below)
    first, last = first_day(line), last_day(line)
    for use, quantity in zip(uses, quantities, strict=True):
        part = min(quantity, left)
        if part > 0 and first <= use.on <= last:
            yield use.day, Ratio(part, below)
            left -= part


Terms = Callable[[int], tuple[Fraction, int]]


def charged(uses: Sequence[Use], terms: Terms, first: int = 0) -> Iterator[tuple[int, Fraction]]:
    """Yield what is used beyond what is included, and on which day it is booked.

    `terms` gives what is included on a day, and the last day of service as it stands then; `first`
    is its first day.
    """
    quantities, below = over_one_denominator([use.quantity for use in uses])
    drawn: int | Fraction = 0
    known_terms: tuple[Fraction, int] | None = None
    included: int | Fraction = 0
    for use, quantity in zip(uses, quantities, strict=True):
        now = terms(use.day)
        if now is not known_terms:
            known_terms, included = now, _times(now[0], below)
        if not first <= use.on <= now[1]:
            yield use.day, use.quantity
            continue
        # What was drawn stays drawn, even if a change includes less than that from now on.
        part = min(quantity, max(included - drawn, 0))
        drawn += part
        if quantity > part:
            yield use.day, Ratio(quantity - part, below)


def _times(quantity: Fraction, below: int) -> int | Fraction:
    """Return a quantity in the units of all: whole numbers are ten times as fast as fractions."""
    scaled = quantity * below
    return scaled.numerator if scaled.denominator == 1 else scaled


def _ordinal(days: dict[tuple[int, int, int], int], day: Message) -> int:
    key = (day.year, day.month, day.day)  # type: ignore[attr-defined]  # a google.type.Date
    number = days.get(key)
    if number is None:
        number = days[key] = day_number(day)
    return number
