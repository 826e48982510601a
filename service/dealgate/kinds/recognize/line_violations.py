"""What can be wrong with the lines of a contract."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.recognize.contract import is_discount
from dealgate.model.business_time import ordinal
from dealgate.model.checks import (
    non_negative,
    non_negative_money,
    plain_decimal,
    required,
    share,
)
from dealgate.model.days import day_number, precedes
from dealgate.model.errors import Violation
from dealgate.model.money import to_minor
from dealgate.v1 import recognize_pb2 as pb

Check = Callable[[str, pb.RevenueLine, int], Iterator[Violation]]


def line_violations(facts: pb.RecognizeFacts, as_of: int) -> Iterator[Violation]:
    """Yield what is wrong with each line at `as_of`; nothing in the facts is malformed."""
    today = ordinal(as_of)
    ids = {line.id for line in facts.lines}
    for place, line in enumerate(facts.lines):
        path = f"lines[{place}]"
        yield from _line(path, line, ids)
        yield from _standalone(f"{path}.standalone_price", line.standalone_price)
        yield from _option(f"{path}.option", line)
        yield from _returns(f"{path}.returns", line)
        yield from PATTERNS.get(line.pattern, _nothing)(path, line, today)
        yield from _foreign(path, line)


def happened(path: str, day: Date, today: int) -> list[Violation]:
    """What is told to have happened cannot lie after the day of as_of."""
    return [Violation(path, "is after as_of")] if day_number(day) > today else []


def _line(path: str, line: pb.RevenueLine, ids: set[str]) -> Iterator[Violation]:
    part = line.HasField("distinct") and not line.distinct
    if not line.pattern and not is_discount(line) and not part:
        yield Violation(f"{path}.pattern", "is required, unless the line is not distinct")
    if line.part_of and (line.part_of not in ids or line.part_of == line.id):
        yield Violation(f"{path}.part_of", "is the id of no other line")
    yield from non_negative_money(f"{path}.supplier_cost", line.supplier_cost)
    yield from non_negative_money(f"{path}.overage_price", line.overage_price)
    if precedes(line, "cancelled_on", line, "start"):
        yield Violation(f"{path}.cancelled_on", "is before start")


def _standalone(path: str, told: pb.StandalonePrice) -> Iterator[Violation]:
    for name in ("observable", "low", "high", "market", "cost"):
        yield from non_negative_money(f"{path}.{name}", getattr(told, name))
    if told.HasField("low") != told.HasField("high"):
        yield Violation(path, "has one end of the range; give low and high")
    elif told.HasField("low") and to_minor(told.low) > to_minor(told.high):
        yield Violation(f"{path}.low", "is more than high")
    if told.HasField("cost") != told.HasField("margin"):
        yield Violation(path, "needs cost and margin, or neither")
    yield from non_negative(f"{path}.margin", plain_decimal(told.margin) or Decimal(0))


def _option(path: str, line: pb.RevenueLine) -> Iterator[Violation]:
    if not line.HasField("option"):
        return
    for name in ("expected_purchases", "incremental_discount", "likelihood"):
        yield from required(f"{path}.{name}", line.option.HasField(name))
    yield from non_negative_money(f"{path}.expected_purchases", line.option.expected_purchases)
    yield from share(f"{path}.incremental_discount", line.option.incremental_discount)
    yield from share(f"{path}.likelihood", line.option.likelihood)


def _returns(path: str, line: pb.RevenueLine) -> Iterator[Violation]:
    if not line.HasField("returns"):
        return
    quantity, expected = (plain_decimal(n) for n in (line.returns.quantity, line.returns.expected))
    if quantity is None or quantity <= 0:
        yield Violation(f"{path}.quantity", "must be given and more than 0")
    elif expected is None or not 0 <= expected <= quantity:
        yield Violation(f"{path}.expected", "must be given, from 0 to quantity")
    yield from non_negative_money(f"{path}.cost", line.returns.cost)
    if line.pattern != pb.RECOGNITION_PATTERN_POINT_IN_TIME:
        yield Violation(path, "belongs to POINT_IN_TIME alone")


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


def _foreign(path: str, line: pb.RevenueLine) -> Iterator[Violation]:
    """Facts of another pattern would be dropped in silence, so they are refused."""
    given = {field.name for field, _ in line.ListFields()}
    for name, pattern in BELONGS.items():
        if name in given and line.pattern not in {0, pattern}:
            word = pb.RecognitionPattern.Name(pattern).removeprefix("RECOGNITION_PATTERN_")
            yield Violation(f"{path}.{name}", f"belongs to {word} alone")


BELONGS: Mapping[str, pb.RecognitionPattern.ValueType] = {
    "delivered_on": pb.RECOGNITION_PATTERN_POINT_IN_TIME,
    "milestones": pb.RECOGNITION_PATTERN_MILESTONE,
    "included_quantity": pb.RECOGNITION_PATTERN_USAGE,
    "usage": pb.RECOGNITION_PATTERN_USAGE,
    "overage_price": pb.RECOGNITION_PATTERN_USAGE,
    "custom": pb.RECOGNITION_PATTERN_CUSTOM,
    "ramp": pb.RECOGNITION_PATTERN_RATABLE,
    "trial_end": pb.RECOGNITION_PATTERN_RATABLE,
    "proration": pb.RECOGNITION_PATTERN_RATABLE,
}
PATTERNS: Mapping[int, Check] = {
    pb.RECOGNITION_PATTERN_RATABLE: _ratable,
    pb.RECOGNITION_PATTERN_POINT_IN_TIME: _point_in_time,
    pb.RECOGNITION_PATTERN_MILESTONE: _milestone,
    pb.RECOGNITION_PATTERN_USAGE: _usage,
    pb.RECOGNITION_PATTERN_CUSTOM: _custom,
}
