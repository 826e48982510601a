"""What can be wrong with the lines of a contract."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from dealgate.kinds.recognize.combining import is_discount
from dealgate.kinds.recognize.event_violations import happened
from dealgate.kinds.recognize.pattern_violations import pattern_violations
from dealgate.kinds.recognize.plain import Lines
from dealgate.model import words
from dealgate.model.checks import non_negative, non_negative_money, required, share
from dealgate.model.days import precedes
from dealgate.model.errors import Violation
from dealgate.model.malformed import plain_decimal
from dealgate.model.money import to_minor
from dealgate.model.zones import latest_day
from dealgate.v1 import recognize_pb2 as pb


def line_violations(facts: pb.RecognizeFacts, elaborate: Lines, as_of: int) -> Iterator[Violation]:
    """Yield what is wrong with each line at `as_of`; nothing in the facts is malformed.

    Only `elaborate` lines are looked at: plain ones are sound, as long as each has an id.
    """
    today = latest_day(as_of)
    lines = {line.id: line for line in facts.lines}
    for index, line in enumerate(facts.lines) if "" in lines else elaborate:
        path = f"lines[{index}]"
        yield from _line(path, line)
        yield from _part(f"{path}.part_of", line, lines)
        yield from _standalone(f"{path}.standalone_price", line.standalone_price)
        yield from _option(f"{path}.option", line)
        yield from _returns(f"{path}.returns", line, today)
        yield from pattern_violations(path, line, today)
        yield from _foreign(path, line)


def _line(path: str, line: pb.RevenueLine) -> Iterator[Violation]:
    part = line.HasField("distinct") and not line.distinct
    if not line.pattern and not is_discount(line) and not part:
        yield Violation(f"{path}.pattern", "is required, unless the line is not distinct")
    yield from non_negative_money(f"{path}.supplier_cost", line.supplier_cost)
    yield from non_negative_money(f"{path}.overage_price", line.overage_price)
    if precedes(line, "cancelled_on", line, "start"):
        yield Violation(f"{path}.cancelled_on", "is before start")
    ratable = line.pattern == pb.RECOGNITION_PATTERN_RATABLE
    if precedes(line, "end", line, "start") and not ratable:
        yield Violation(f"{path}.end", "is before start")


def _part(
    path: str, line: pb.RevenueLine, lines: Mapping[str, pb.RevenueLine]
) -> Iterator[Violation]:
    """A line is part of another one that promises something, and of itself in no way."""
    passed, whole = {line.id}, line
    while whole.part_of in lines and whole.part_of not in passed:
        passed.add(whole.part_of)
        whole = lines[whole.part_of]
    if line.part_of and (line.part_of not in lines or line.part_of == line.id):
        yield Violation(path, "is not the id of another line")
    elif line.part_of and is_discount(lines[line.part_of]):
        yield Violation(path, "is a discount, and promises nothing")
    elif whole.part_of and whole.part_of == line.id:
        yield Violation(path, "goes round in a circle")


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


def _returns(path: str, line: pb.RevenueLine, today: int) -> Iterator[Violation]:
    if not line.HasField("returns"):
        return
    quantity, expected = (plain_decimal(n) for n in (line.returns.quantity, line.returns.expected))
    if quantity is None or quantity <= 0:
        yield Violation(f"{path}.quantity", "must be given and more than 0")
        return
    if expected is None or not 0 <= expected <= quantity:
        yield Violation(f"{path}.expected", "must be given, from 0 to quantity")
    for index, later in enumerate(line.returns.revisions):
        here = f"{path}.revisions[{index}]"
        yield from required(f"{here}.known_on", later.HasField("known_on"))
        if later.HasField("known_on"):
            yield from happened(f"{here}.known_on", later.known_on, today)
        expected = plain_decimal(later.expected)
        if expected is None or not 0 <= expected <= quantity:
            yield Violation(f"{here}.expected", "must be given, from 0 to quantity")
    yield from non_negative_money(f"{path}.cost", line.returns.cost)
    if line.pattern != pb.RECOGNITION_PATTERN_POINT_IN_TIME:
        yield Violation(path, "belongs to POINT_IN_TIME alone")


def _foreign(path: str, line: pb.RevenueLine) -> Iterator[Violation]:
    """Facts of another pattern would be dropped in silence, so they are refused."""
    given = {field.name for field, _ in line.ListFields()}
    for name, pattern in BELONGS.items():
        if name in given and line.pattern not in {0, pattern}:
            word = words.of(pb.RecognitionPattern, pattern).upper()
            yield Violation(f"{path}.{name}", f"belongs to {word} alone")


BELONGS: Mapping[str, pb.RecognitionPattern.ValueType] = {
    "delivered_on": pb.RECOGNITION_PATTERN_POINT_IN_TIME,
    "milestones": pb.RECOGNITION_PATTERN_MILESTONE,
    "included_quantity": pb.RECOGNITION_PATTERN_USAGE,
    "usage": pb.RECOGNITION_PATTERN_USAGE,
    "overage_price": pb.RECOGNITION_PATTERN_USAGE,
    "breakage": pb.RECOGNITION_PATTERN_USAGE,
    "custom": pb.RECOGNITION_PATTERN_CUSTOM,
    "progress": pb.RECOGNITION_PATTERN_PROGRESS,
    "ramp": pb.RECOGNITION_PATTERN_RATABLE,
    "trial_end": pb.RECOGNITION_PATTERN_RATABLE,
    "proration": pb.RECOGNITION_PATTERN_RATABLE,
}
