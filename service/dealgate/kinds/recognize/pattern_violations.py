"""What can be wrong with the facts of each pattern: spans, deliveries, milestones, usage."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from dealgate.kinds.recognize.event_violations import happened, in_time, quantity
from dealgate.kinds.recognize.work_violations import milestone_violations, progress_violations
from dealgate.model.checks import (
    non_negative,
    non_negative_money,
    required,
)
from dealgate.model.days import day_number, precedes
from dealgate.model.errors import Violation
from dealgate.model.malformed import plain_decimal
from dealgate.model.money import to_minor
from dealgate.v1 import recognize_pb2 as pb

Check = Callable[[str, pb.RevenueLine, int], Iterator[Violation]]


def pattern_violations(path: str, line: pb.RevenueLine, today: int) -> Iterator[Violation]:
    """Yield what is wrong with what the pattern of the line at `path` is told by."""
    yield from PATTERNS.get(line.pattern, _nothing)(path, line, today)


def _ratable(path: str, line: pb.RevenueLine, _: int) -> Iterator[Violation]:
    yield from required(f"{path}.start", line.HasField("start"))
    yield from required(f"{path}.end", line.HasField("end"))
    if not line.HasField("start") or not line.HasField("end"):
        return
    first, last = day_number(line.start), day_number(line.end)
    if last < first:
        yield Violation(f"{path}.end", "is before start")
    if line.HasField("trial_end") and day_number(line.trial_end) >= last:
        yield Violation(f"{path}.trial_end", "leaves no day of service")
    yield from _ramp(path, line, first, last)


def _ramp(path: str, line: pb.RevenueLine, first: int, last: int) -> Iterator[Violation]:
    before = first - 1
    for index, step in enumerate(line.ramp):
        here = f"{path}.ramp[{index}]"
        yield from non_negative_money(f"{here}.price", step.price)
        if not step.HasField("start"):
            yield Violation(f"{here}.start", "is required")
            return
        if not before < day_number(step.start) <= last or (
            not index and before + 1 != day_number(step.start)
        ):
            yield Violation(
                f"{here}.start", "must come after the one before; the first is the line's"
            )
        before = day_number(step.start)
    prices = [to_minor(step.price) for step in line.ramp if step.HasField("price")]
    whole = to_minor(line.price) if line.HasField("price") else None
    if prices and len(prices) == len(line.ramp) and whole not in {None, sum(prices)}:
        yield Violation(f"{path}.ramp", "does not sum to the line's price")


def _point_in_time(path: str, line: pb.RevenueLine, today: int) -> Iterator[Violation]:
    if line.HasField("delivered_on"):
        yield from happened(f"{path}.delivered_on", line.delivered_on, today)
        yield from in_time(path, "delivered_on", line, line)


def _usage(path: str, line: pb.RevenueLine, today: int) -> Iterator[Violation]:
    included = plain_decimal(line.included_quantity) or Decimal(0)
    yield from non_negative(f"{path}.included_quantity", included)
    for index, record in enumerate(line.usage):
        if not _is_sound(record, today):
            yield from _use(f"{path}.usage[{index}]", record, today)
    for index, estimate in enumerate(line.breakage):
        yield from _breakage(f"{path}.breakage[{index}]", estimate, included, today)
    if not included and line.HasField("price") and to_minor(line.price):
        yield Violation(f"{path}.included_quantity", "is required: the price pays for something")


def _is_sound(record: pb.UsageRecord, today: int) -> bool:
    """There may be tens of thousands of them, and hardly one is wrong."""
    day = record.on
    return (
        not record.HasField("known_on")
        and record.HasField("on")
        and (plain_decimal(record.quantity) or Decimal(-1)) >= 0
        and day_number(day) <= today
    )


def _use(path: str, record: pb.UsageRecord, today: int) -> Iterator[Violation]:
    yield from required(f"{path}.on", record.HasField("on"))
    yield from quantity(f"{path}.quantity", record.quantity)
    if record.HasField("on"):
        yield from happened(f"{path}.on", record.on, today)
    if record.HasField("known_on"):
        yield from happened(f"{path}.known_on", record.known_on, today)


def _breakage(
    path: str, estimate: pb.BreakageEstimate, included: Decimal, today: int
) -> Iterator[Violation]:
    quantity = plain_decimal(estimate.quantity)
    if quantity is None or not 0 <= quantity < included:
        cure = "must be given, from 0 to less than included_quantity"
        yield Violation(f"{path}.quantity", cure)
    if estimate.HasField("known_on"):
        yield from happened(f"{path}.known_on", estimate.known_on, today)


def _custom(path: str, line: pb.RevenueLine, _: int) -> Iterator[Violation]:
    weights = Decimal(0)
    for index, part in enumerate(line.custom):
        here = f"{path}.custom[{index}]"
        yield from required(f"{here}.on", part.HasField("on"))
        yield from quantity(f"{here}.weight", part.weight)
        weights += plain_decimal(part.weight) or 0
        if precedes(line, "end", part, "on"):
            yield Violation(f"{here}.on", "is after end")
    if not weights:
        yield Violation(f"{path}.custom", "needs weights, and one of them more than 0")


def _nothing(_path: str, _line: pb.RevenueLine, _today: int) -> Iterator[Violation]:
    return iter(())


PATTERNS: Mapping[int, Check] = {
    pb.RECOGNITION_PATTERN_RATABLE: _ratable,
    pb.RECOGNITION_PATTERN_POINT_IN_TIME: _point_in_time,
    pb.RECOGNITION_PATTERN_MILESTONE: milestone_violations,
    pb.RECOGNITION_PATTERN_USAGE: _usage,
    pb.RECOGNITION_PATTERN_CUSTOM: _custom,
    pb.RECOGNITION_PATTERN_PROGRESS: progress_violations,
}
