"""What must hold of each line after every modification of it, as it does at the start."""

from collections.abc import Iterator

from dealgate.kinds.recognize.change import changed_line
from dealgate.kinds.recognize.fees import terms_of
from dealgate.kinds.recognize.uses import charged, first_day, known, uses_of
from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb


def modified_violations(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    """Yield what a modification makes impossible, and use that nothing pays for, changes counted.

    Each field is sound by itself.
    """
    lines = {line.id: line for line in facts.lines}
    ordered = sorted(enumerate(facts.modifications), key=lambda pair: known(pair[1], "on"))
    for index, change in ordered:
        for number, part in enumerate(change.changes):
            path = f"modifications[{index}].changes[{number}]"
            lines[part.line_id] = changed_line(lines[part.line_id], change)
            yield from _shortened(path, part, lines[part.line_id])
            yield from _lessened(path, part, lines[part.line_id])
    for index, line in enumerate(facts.lines):
        yield from _unpaid(f"lines[{index}]", facts, line)


def _shortened(path: str, part: pb.LineChange, line: pb.RevenueLine) -> Iterator[Violation]:
    """The steps of a ramp behind the new end are dropped; a line needs a day of service."""
    if not part.HasField("end"):
        return
    first = day_number(line.start) if line.HasField("start") else 0
    if line.HasField("trial_end"):
        first = max(first, day_number(line.trial_end) + 1)
    if day_number(part.end) < first:
        yield Violation(f"{path}.end", "leaves no day of service; cancel the line instead")


def _lessened(path: str, part: pb.LineChange, line: pb.RevenueLine) -> Iterator[Violation]:
    included = fraction(line.included_quantity)
    if part.HasField("included_quantity") and any(
        fraction(estimate.quantity) >= included for estimate in line.breakage
    ):
        yield Violation(f"{path}.included_quantity", "must be more than what will never be used")


def _unpaid(path: str, facts: pb.RecognizeFacts, line: pb.RevenueLine) -> Iterator[Violation]:
    """What is used beyond what is included then, or after the last day, has a price."""
    if line.HasField("overage_price") or not line.usage:
        return
    over = charged(uses_of(line), terms_of(facts, line), first_day(line))
    if sum((quantity for _, quantity in over), Ratio(0)):
        cure = "is required: more was used than is included, or outside of the days of service"
        yield Violation(f"{path}.overage_price", cure)
