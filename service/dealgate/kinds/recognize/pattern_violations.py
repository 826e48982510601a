"""What can be wrong with the facts of each pattern: spans, deliveries, milestones, usage."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.model.checks import (
    non_negative,
    non_negative_money,
    plain_decimal,
    required,
    share,
)
from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.model.money import to_minor
from dealgate.v1 import recognize_pb2 as pb

Check = Callable[[str, pb.RevenueLine, int], Iterator[Violation]]


def pattern_violations(path: str, line: pb.RevenueLine, today: int) -> Iterator[Violation]:
    """Yield what is wrong with what the pattern of the line at `path` is told by."""
    yield from PATTERNS.get(line.pattern, _nothing)(path, line, today)


def happened(path: str, day: Date, today: int) -> list[Violation]:
    """What is told to have happened cannot lie after the day of as_of."""
    return [Violation(path, "is after as_of")] if day_number(day) > today else []


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
    for place, step in enumerate(line.ramp):
        here = f"{path}.ramp[{place}]"
        yield from non_negative_money(f"{here}.price", step.price)
        if not step.HasField("start"):
            yield Violation(f"{here}.start", "is required")
            return
        if not before < day_number(step.start) <= last or (
            not place and before + 1 != day_number(step.start)
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


def _milestone(path: str, line: pb.RevenueLine, today: int) -> Iterator[Violation]:
    yield from required(f"{path}.milestones", line.milestones)
    shares = Decimal(0)
    price = to_minor(line.price) if line.HasField("price") else 0
    for place, one in enumerate(line.milestones):
        here = f"{path}.milestones[{place}]"
        if one.HasField("share") == one.HasField("amount"):
            yield Violation(here, "needs a share or an amount, and not both")
        elif one.HasField("amount") and not price:
            yield Violation(f"{here}.amount", "needs a price of the line, which is not 0")
        elif one.HasField("amount"):
            shares += Decimal(to_minor(one.amount)) / price
        yield from share(f"{here}.share", one.share)
        shares += plain_decimal(one.share) or 0
        if one.HasField("accepted_on"):
            yield from happened(f"{here}.accepted_on", one.accepted_on, today)
    if shares > 1:
        yield Violation(f"{path}.milestones", "are more than the whole line together")


def _usage(path: str, line: pb.RevenueLine, today: int) -> Iterator[Violation]:
    included = plain_decimal(line.included_quantity) or Decimal(0)
    yield from non_negative(f"{path}.included_quantity", included)
    used = Decimal(0)
    for place, record in enumerate(line.usage):
        here = f"{path}.usage[{place}]"
        yield from _on(here, record.on, record.HasField("on"))
        yield from _quantity(f"{here}.quantity", record.quantity)
        used += plain_decimal(record.quantity) or 0
        if record.HasField("on"):
            yield from happened(f"{here}.on", record.on, today)
    if used > included and not line.HasField("overage_price"):
        yield Violation(f"{path}.overage_price", "is required: more was used than is included")
    if not included and line.HasField("price") and to_minor(line.price):
        yield Violation(f"{path}.included_quantity", "is required: the price pays for something")


def _custom(path: str, line: pb.RevenueLine, _: int) -> Iterator[Violation]:
    weights = Decimal(0)
    for place, one in enumerate(line.custom):
        here = f"{path}.custom[{place}]"
        yield from _on(here, one.on, one.HasField("on"))
        yield from _quantity(f"{here}.weight", one.weight)
        weights += plain_decimal(one.weight) or 0
    if not weights:
        yield Violation(f"{path}.custom", "needs weights, and one of them more than 0")


def _on(path: str, day: Date, given: object) -> Iterator[Violation]:
    del day
    yield from required(f"{path}.on", given)


def _quantity(path: str, value: DecimalMessage) -> Iterator[Violation]:
    number = plain_decimal(value)
    if number is None:
        yield Violation(path, "is required")
    else:
        yield from non_negative(path, number)


def _nothing(_path: str, _line: pb.RevenueLine, _today: int) -> Iterator[Violation]:
    return iter(())


PATTERNS: Mapping[int, Check] = {
    pb.RECOGNITION_PATTERN_RATABLE: _ratable,
    pb.RECOGNITION_PATTERN_POINT_IN_TIME: _point_in_time,
    pb.RECOGNITION_PATTERN_MILESTONE: _milestone,
    pb.RECOGNITION_PATTERN_USAGE: _usage,
    pb.RECOGNITION_PATTERN_CUSTOM: _custom,
}
