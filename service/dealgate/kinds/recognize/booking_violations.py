"""What can be wrong with what was booked in closed periods."""

from collections.abc import Iterator

from dealgate.model.checks import required
from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.v1 import recognize_pb2 as pb


def booking_violations(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    """Yield what is wrong with closed periods and what was booked in them."""
    closed = _closed(facts)
    if facts.HasField("closed_through") and facts.periods and closed is None:
        cure = "must be the end of a period, and not of the last: an open one has to follow"
        yield Violation("closed_through", cure)
    if facts.booked and not facts.HasField("closed_through"):
        yield Violation("closed_through", "is required: something was booked")
    lines = {line.id for line in facts.lines}
    seen: set[tuple[str, str]] = set()
    for index, row in enumerate(facts.booked):
        path, key = f"booked[{index}]", (row.line_id, row.period_id)
        yield from required(f"{path}.amount", row.HasField("amount"))
        if row.line_id not in lines:
            yield Violation(f"{path}.line_id", "is not the id of a line")
        if closed is not None and row.period_id not in closed:
            yield Violation(f"{path}.period_id", "is not the id of a closed period")
        elif key in seen:
            yield Violation(path, "is booked before: give one amount for a line and period")
        seen.add(key)


def _closed(facts: pb.RecognizeFacts) -> set[str] | None:
    """Return the periods that are closed; None if closed_through ends none, or the last."""
    if not facts.HasField("closed_through"):
        return None
    last = day_number(facts.closed_through)
    ended = [period for period in facts.periods if period.HasField("end")]
    if last not in [day_number(period.end) for period in ended[:-1]]:
        return None
    return {period.id for period in ended if day_number(period.end) <= last}
