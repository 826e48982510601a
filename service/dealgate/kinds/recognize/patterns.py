"""Patterns: when a line earns its price, as shares that sum to 1."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from google.protobuf.message import Message

from dealgate.kinds.recognize.calendar import Calendar
from dealgate.kinds.recognize.pieces import Piece, on, scaled, split, total
from dealgate.kinds.recognize.progress import progressed
from dealgate.kinds.recognize.spans import Span
from dealgate.kinds.recognize.terms import ProrationName
from dealgate.kinds.recognize.uses import Use, draws, known, late_days
from dealgate.model.days import day_number
from dealgate.model.money import to_minor
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb

ONE = Ratio(1)


@dataclass(frozen=True, slots=True)
class Conventions:
    """What rules and parameters say about the line at `path`, and what was used of it.

    `sold_until` is the last day by which the prices of a ramp were agreed.
    """

    path: str
    proration: ProrationName
    calendar: Calendar
    as_priced: bool = False
    breakage: bool = False
    uses: Sequence[Use] = ()
    sold_until: int = 0


def is_metered(line: pb.RevenueLine) -> bool:
    """Return whether the line is paid by use alone: no price pays for it, nothing is included."""
    return line.pattern == pb.RECOGNITION_PATTERN_USAGE and not fraction(line.included_quantity)


def shares(line: pb.RevenueLine, conventions: Conventions) -> list[Piece]:
    """Return when the line earns its price: pieces that sum to 1, a cancellation included."""
    pieces = [*PATTERNS[line.pattern](line, conventions)]
    left = ONE - total(pieces)
    if left:
        pieces.append(Piece(left))
    if not line.HasField("cancelled_on"):
        return pieces
    return cancelled(pieces, line, conventions)


def cancelled(
    pieces: Sequence[Piece], line: pb.RevenueLine, conventions: Conventions
) -> list[Piece]:
    """Return the pieces after the line's cancellation: what is not served is lost, or kept."""
    day = day_number(line.cancelled_on)
    served, rest = split(pieces, day + 1, conventions.calendar)
    gone = [piece for piece in rest if piece.lost]
    left = total(rest) - total(gone)
    if not left:
        return [*served, *gone]
    return [*served, *gone, on(day, left) if conventions.breakage else Piece(left, lost=True)]


def volume(line: pb.RevenueLine, conventions: Conventions) -> Fraction:
    """Return how much service there is, in the pattern's own units; 1 if it has none."""
    if line.pattern == pb.RECOGNITION_PATTERN_RATABLE:
        span = _service(line, conventions)
        return span.measure(span.first, span.last, conventions.calendar) or ONE
    if line.pattern == pb.RECOGNITION_PATTERN_USAGE:
        return fraction(line.included_quantity) or ONE
    return ONE


def _service(line: pb.RevenueLine, conventions: Conventions) -> Span:
    first, last = day_number(line.start), day_number(line.end)
    if line.HasField("trial_end"):
        first = max(first, day_number(line.trial_end) + 1)
    return Span(first, last, conventions.proration)


def _ratable(line: pb.RevenueLine, conventions: Conventions) -> Sequence[Piece]:
    span = _service(line, conventions)
    steps = [*_steps(line, span, conventions)] if conventions.as_priced else []
    return scaled(steps, ONE) if total(steps) else [Piece(ONE, span)]


def _steps(line: pb.RevenueLine, span: Span, conventions: Conventions) -> Iterator[Piece]:
    """Yield the stretches of a ramp at their prices; one that was cut or extended in proportion.

    An amendment that ends the line ends its ramp there; one that extends it extends the last step.
    """
    if not line.ramp or not all(step.HasField("price") for step in line.ramp):
        return
    starts = [day_number(step.start) for step in line.ramp]
    agreed = max(conventions.sold_until, starts[-1])
    ends = [*(start - 1 for start in starts[1:]), agreed]
    for step, first, last in zip(line.ramp, starts, ends, strict=True):
        until = span.last if last == agreed else min(last, span.last)
        begin = max(first, span.first)
        if begin <= until:
            stretch = Span(begin, until, conventions.proration)
            sold = Span(begin, max(last, begin), conventions.proration)
            growth = _days(stretch, conventions) / _days(sold, conventions)
            yield Piece(to_minor(step.price) * growth, stretch)


def _days(span: Span, conventions: Conventions) -> Fraction:
    return span.measure(span.first, span.last, conventions.calendar) or ONE


def _point_in_time(line: pb.RevenueLine, conventions: Conventions) -> Sequence[Piece]:
    if not line.HasField("delivered_on"):
        return []
    return [_late(line, "delivered_on", ONE, conventions)]


def _late(event: Message, name: str, share: Fraction, conventions: Conventions) -> Piece:
    """Return what an event earns on the day on which it became known."""
    day, own = known(event, name), day_number(getattr(event, name))
    index = conventions.calendar.index
    return on(day, share, caught=f"{conventions.path}.{name}" if index(day) > index(own) else "")


def _milestone(line: pb.RevenueLine, conventions: Conventions) -> Iterator[Piece]:
    """Once all are accepted nothing is left to wait for: the last one earns what is left over."""
    left, last = ONE, 0
    for milestone in line.milestones:
        share = fraction(milestone.share)
        if milestone.HasField("amount"):
            share = Ratio(to_minor(milestone.amount), to_minor(line.price))
        if milestone.HasField("accepted_on"):
            last = max(last, known(milestone, "accepted_on"))
            yield _late(milestone, "accepted_on", share, conventions)
        left -= share
    if left and all(milestone.HasField("accepted_on") for milestone in line.milestones):
        yield on(last, left)


def _usage(line: pb.RevenueLine, conventions: Conventions) -> Iterator[Piece]:
    """What is prepaid and not used by the last day never will be: it is earned then."""
    last = day_number(line.end) if line.HasField("end") else None
    late, path = late_days(conventions.uses, conventions.calendar), f"{conventions.path}.usage"
    pieces = [
        on(day, share, caught=path if day in late else "")
        for day, share in progressed(line, [*draws(line, conventions.uses)])
        if last is None or day <= last
    ]
    yield from pieces
    if last is not None and not is_metered(line):
        left = ONE - total(pieces)
        if left:
            yield on(last, left)


def _custom(line: pb.RevenueLine, _: Conventions) -> Sequence[Piece]:
    pieces = [on(day_number(part.on), fraction(part.weight)) for part in line.custom]
    return scaled(pieces, ONE)


def _progress(line: pb.RevenueLine, _: Conventions) -> Iterator[Piece]:
    """Each record says how far the work has come in all; the difference is earned on its day."""
    before = Ratio(0)
    for record in sorted(line.progress, key=lambda record: day_number(record.on)):
        share = fraction(record.share)
        if record.HasField("incurred"):
            share = Ratio(to_minor(record.incurred), to_minor(record.expected_cost))
        yield on(day_number(record.on), share - before)
        before = share


Pattern = Callable[[pb.RevenueLine, Conventions], Iterator[Piece] | Sequence[Piece]]
PATTERNS: Mapping[int, Pattern] = {
    pb.RECOGNITION_PATTERN_RATABLE: _ratable,
    pb.RECOGNITION_PATTERN_POINT_IN_TIME: _point_in_time,
    pb.RECOGNITION_PATTERN_MILESTONE: _milestone,
    pb.RECOGNITION_PATTERN_USAGE: _usage,
    pb.RECOGNITION_PATTERN_CUSTOM: _custom,
    pb.RECOGNITION_PATTERN_PROGRESS: _progress,
}
