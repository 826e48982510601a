"""Patterns: when a line earns its price, as shares that sum to 1."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.recognize.calendar import Calendar, Span
from dealgate.kinds.recognize.pieces import Piece, on, scaled, split, total
from dealgate.kinds.recognize.terms import ProrationName
from dealgate.model.days import day_number
from dealgate.model.money import to_minor
from dealgate.model.parts import fraction
from dealgate.v1 import recognize_pb2 as pb

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Conventions:
    """What rules and parameters say about one line."""

    proration: ProrationName
    as_priced: bool = False
    breakage: bool = False


def shares(line: pb.RevenueLine, conventions: Conventions, calendar: Calendar) -> list[Piece]:
    """Return when the line earns its price: pieces that sum to 1, a cancellation included."""
    pieces = [*PATTERNS[line.pattern](line, conventions)]
    left = ONE - total(pieces)
    if left:
        pieces.append(Piece(left))
    if not line.HasField("cancelled_on"):
        return pieces
    served, rest = split(pieces, day_number(line.cancelled_on) + 1, calendar)
    lost = total(rest)
    if conventions.breakage:
        return [*served, on(day_number(line.cancelled_on), lost)]
    return [*served, Piece(lost, lost=True)]


def volume(line: pb.RevenueLine, conventions: Conventions, calendar: Calendar) -> Fraction:
    """Return how much service there is, in the pattern's own units; 1 if it has none."""
    if line.pattern == pb.RECOGNITION_PATTERN_RATABLE:
        span = _service(line, conventions)
        return span.measure(span.first, span.last, calendar)
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
    prices = [Fraction(to_minor(step.price)) for step in line.ramp if step.HasField("price")]
    if not conventions.as_priced or len(prices) < len(line.ramp) or not sum(prices):
        return [Piece(ONE, span)]
    starts = [day_number(step.start) for step in line.ramp]
    ends = [*(start - 1 for start in starts[1:]), span.last]
    steps = [
        Piece(price, Span(max(first, span.first), last, conventions.proration))
        for price, first, last in zip(prices, starts, ends, strict=True)
        if last >= span.first
    ]
    return scaled(steps, ONE) if total(steps) else [Piece(ONE, span)]


def _point_in_time(line: pb.RevenueLine, _: Conventions) -> Sequence[Piece]:
    return [on(day_number(line.delivered_on), ONE)] if line.HasField("delivered_on") else []


def _milestone(line: pb.RevenueLine, _: Conventions) -> Iterator[Piece]:
    for milestone in line.milestones:
        share = fraction(milestone.share)
        if milestone.HasField("amount"):
            share = Fraction(to_minor(milestone.amount), to_minor(line.price))
        if milestone.HasField("accepted_on"):
            yield on(day_number(milestone.accepted_on), share)


def _usage(line: pb.RevenueLine, _: Conventions) -> Iterator[Piece]:
    included, used = fraction(line.included_quantity), Fraction(0)
    for record in sorted(line.usage, key=lambda one: day_number(one.on)):
        part = min(fraction(record.quantity), included - used)
        if part > 0:
            yield on(day_number(record.on), part / included)
            used += part
    if included > used and line.HasField("end"):
        # What is prepaid and not used by the last day never will be.
        yield on(day_number(line.end), (included - used) / included)


def _custom(line: pb.RevenueLine, _: Conventions) -> Sequence[Piece]:
    pieces = [on(day_number(one.on), fraction(one.weight)) for one in line.custom]
    return scaled(pieces, ONE)


Pattern = Callable[[pb.RevenueLine, Conventions], Iterator[Piece] | Sequence[Piece]]
PATTERNS: Mapping[int, Pattern] = {
    pb.RECOGNITION_PATTERN_RATABLE: _ratable,
    pb.RECOGNITION_PATTERN_POINT_IN_TIME: _point_in_time,
    pb.RECOGNITION_PATTERN_MILESTONE: _milestone,
    pb.RECOGNITION_PATTERN_USAGE: _usage,
    pb.RECOGNITION_PATTERN_CUSTOM: _custom,
}
