"""What can be wrong with the finance periods: gaps, overlaps, and days that none covers."""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from google.type.date_pb2 import Date

from dealgate.kinds.recognize.account_violations import booked_days
from dealgate.kinds.recognize.calendar import is_without_gaps
from dealgate.model.checks import required
from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.v1 import recognize_pb2 as pb

# The days of the lists of a line that have to be in a period.
DAYS = {
    "milestones": ("accepted_on", "known_on"),
    "usage": ("on", "known_on"),
    "custom": ("on",),
    "progress": ("on",),
    "breakage": ("known_on",),
}


def calendar_violations(facts: pb.RecognizeFacts) -> Sequence[Violation]:
    """Return what is wrong with the periods, and every day that needs one and has none.

    A day without a period would be revenue that silently is in no schedule.
    """
    if not facts.periods:
        return [Violation("periods", "are required: revenue belongs into finance periods")]
    violations = [] if is_without_gaps(facts.periods) else [*_periods(facts.periods)]
    return violations or [*_uncovered(facts)]


def _periods(periods: Sequence[pb.FinancePeriod]) -> Iterator[Violation]:
    whole = True
    for index, period in enumerate(periods):
        for name in ("start", "end"):
            yield from required(f"periods[{index}].{name}", period.HasField(name))
            whole = whole and period.HasField(name)
    if not whole:
        return
    for index, period in enumerate(periods):
        if day_number(period.end) < day_number(period.start):
            yield Violation(f"periods[{index}].end", "is before start")
    for index, (one, after) in enumerate(pairwise(periods), 1):
        if day_number(after.start) != day_number(one.end) + 1:
            cure = f"must be the day after periods[{index - 1}].end: no gaps, no overlaps"
            yield Violation(f"periods[{index}].start", cure)


def _uncovered(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    first, last = day_number(facts.periods[0].start), day_number(facts.periods[-1].end)
    days = ((path, day_number(day)) for path, day in _days(facts))
    for path, number in chain(days, booked_days(facts)):
        if not first <= number <= last:
            yield Violation(path, "is in no finance period; give all periods that it needs")
    signed = facts.contract
    if signed.HasField("signed_on") and day_number(signed.signed_on) > last:
        yield Violation("contract.signed_on", "is after the last finance period")


def _days(facts: pb.RecognizeFacts) -> Iterator[tuple[str, Date]]:
    yield from _days_of_lines(facts)
    for index, change in enumerate(facts.modifications):
        yield f"modifications[{index}].on", change.on
        for number, one in enumerate(change.changes):
            if one.HasField("end"):
                yield f"modifications[{index}].changes[{number}].end", one.end
    for name in ("credits", "invoices"):
        for index, one in enumerate(getattr(facts, name)):
            yield f"{name}[{index}].on", one.on
    for name in ("variable", "modifications", "credits"):
        for index, one in enumerate(getattr(facts, name)):
            if one.HasField("known_on"):
                yield f"{name}[{index}].known_on", one.known_on


def _days_of_lines(facts: pb.RecognizeFacts) -> Iterator[tuple[str, Date]]:
    for index, line in enumerate(facts.lines):
        path = f"lines[{index}]"
        for name in ("start", "end", "delivered_on", "cancelled_on", "known_on"):
            if line.HasField(name):
                yield f"{path}.{name}", getattr(line, name)
        if line.pattern == pb.RECOGNITION_PATTERN_RATABLE and not line.HasField("returns"):
            continue  # what has lists of days is of another pattern
        for name, days in DAYS.items():
            for number, one in enumerate(getattr(line, name)):
                for day in days:
                    if one.HasField(day):
                        yield f"{path}.{name}[{number}].{day}", getattr(one, day)
        for number, later in enumerate(line.returns.revisions):
            yield f"{path}.returns.revisions[{number}].known_on", later.known_on
