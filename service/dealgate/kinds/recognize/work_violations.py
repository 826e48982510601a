"""What can be wrong with work that is done in parts: milestones, and progress."""

from collections.abc import Iterator
from fractions import Fraction

from google.type.money_pb2 import Money

from dealgate.kinds.recognize.event_violations import happened, in_time
from dealgate.model.checks import non_negative_money, required, required_id, share, unique_ids
from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.model.money import to_minor
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb


def milestone_violations(path: str, line: pb.RevenueLine, today: int) -> Iterator[Violation]:
    """Yield what is wrong with milestones: ids, parts of the whole, and when they were accepted."""
    yield from required(f"{path}.milestones", line.milestones)
    ids = (milestone.id for milestone in line.milestones)
    yield from unique_ids(f"{path}.milestones", ids)
    shares = Ratio(0)
    for index, milestone in enumerate(line.milestones):
        here = f"{path}.milestones[{index}]"
        yield from required_id(f"{here}.id", milestone.id)
        yield from _part(here, milestone, line)
        yield from share(f"{here}.share", milestone.share)
        shares += _share(milestone, line)
        if milestone.HasField("accepted_on"):
            yield from happened(f"{here}.accepted_on", milestone.accepted_on, today)
            yield from in_time(here, "accepted_on", milestone, line)
        if milestone.HasField("known_on"):
            yield from happened(f"{here}.known_on", milestone.known_on, today)
    if shares > 1:
        yield Violation(f"{path}.milestones", "are more than the whole line together")


def _part(path: str, milestone: pb.RevenueMilestone, line: pb.RevenueLine) -> Iterator[Violation]:
    if milestone.HasField("share") == milestone.HasField("amount"):
        yield Violation(path, "needs a share or an amount, and not both")
    elif milestone.HasField("amount") and not _minor(line.price):
        yield Violation(f"{path}.amount", "needs a price of the line, which is not 0")
    else:
        yield from non_negative_money(f"{path}.amount", milestone.amount)


def _share(milestone: pb.RevenueMilestone, line: pb.RevenueLine) -> Fraction:
    if not milestone.HasField("amount"):
        return fraction(milestone.share)
    price = _minor(line.price)
    return Ratio(to_minor(milestone.amount), price) if price else Ratio(0)


def progress_violations(path: str, line: pb.RevenueLine, today: int) -> Iterator[Violation]:
    """Yield what is wrong with progress: one a day, by share or by cost, and never too late."""
    days: set[int] = set()
    for index, record in enumerate(line.progress):
        here = f"{path}.progress[{index}]"
        yield from required(f"{here}.on", record.HasField("on"))
        yield from _done(here, record)
        if not record.HasField("on"):
            continue
        yield from happened(f"{here}.on", record.on, today)
        yield from in_time(here, "on", record, line)
        if day_number(record.on) in days:
            yield Violation(f"{here}.on", "repeats a day: there is one progress a day")
        days.add(day_number(record.on))


def _done(path: str, record: pb.ProgressRecord) -> Iterator[Violation]:
    by_cost = record.HasField("incurred")
    if record.HasField("share") == by_cost or by_cost != record.HasField("expected_cost"):
        yield Violation(path, "needs a share, or incurred and expected_cost, and not both")
    elif by_cost:
        yield from non_negative_money(f"{path}.incurred", record.incurred)
        if to_minor(record.expected_cost) <= 0:
            yield Violation(f"{path}.expected_cost", "must be more than 0")
        elif to_minor(record.incurred) > to_minor(record.expected_cost):
            yield Violation(f"{path}.incurred", "is more than expected_cost")


def _minor(amount: Money) -> int:
    return to_minor(amount) if amount.currency_code else 0
