"""What can be wrong with discounts, modifications, credits and invoices."""

from collections.abc import Iterator, Mapping

from dealgate.kinds.recognize.event_violations import happened
from dealgate.kinds.recognize.uses import known
from dealgate.model.checks import non_negative_money, required, unique_ids
from dealgate.model.days import day_number, precedes
from dealgate.model.errors import Violation
from dealgate.model.malformed import plain_decimal
from dealgate.model.zones import latest_day
from dealgate.v1 import recognize_pb2 as pb


def change_violations(facts: pb.RecognizeFacts, as_of: int) -> Iterator[Violation]:
    """Yield what is wrong with all that moves the price; nothing in the facts is malformed."""
    today = latest_day(as_of)
    lines = {line.id: line for line in facts.lines}
    yield from _discounts(facts, lines)
    for index, change in enumerate(facts.modifications):
        yield from _modification(f"modifications[{index}]", change, lines, today)
    yield from _added(facts)
    for index, credit in enumerate(facts.credits):
        path = f"credits[{index}]"
        yield from _dated(path, credit, today)
        if credit.HasField("amount") and min(credit.amount.units, credit.amount.nanos) >= 0:
            yield Violation(f"{path}.amount", "must be negative")
        if credit.HasField("known_on"):
            yield from happened(f"{path}.known_on", credit.known_on, today)
        yield from _named(f"{path}.line_id", credit.line_id, lines)
    for index, invoice in enumerate(facts.invoices):
        yield from _dated(f"invoices[{index}]", invoice, today)
        if min(invoice.amount.units, invoice.amount.nanos) < 0:
            cure = "must not be negative; credit notes belong into credits"
            yield Violation(f"invoices[{index}].amount", cure)


def _dated(
    path: str, event: pb.RevenueCredit | pb.RevenueInvoice, today: int
) -> Iterator[Violation]:
    yield from required(f"{path}.on", event.HasField("on"))
    yield from required(f"{path}.amount", event.HasField("amount"))
    if event.HasField("on"):
        yield from happened(f"{path}.on", event.on, today)


def _named(path: str, line_id: str, lines: Mapping[str, pb.RevenueLine]) -> Iterator[Violation]:
    """A line that is named is there; without any lines their absence says it all."""
    if line_id and lines and line_id not in lines:
        yield Violation(path, "is not the id of a line")


def _discounts(
    facts: pb.RecognizeFacts, lines: Mapping[str, pb.RevenueLine]
) -> Iterator[Violation]:
    seen: set[str] = set()
    for index, discount in enumerate(facts.discounts):
        path = f"discounts[{index}]"
        yield from required(f"{path}.amount", discount.HasField("amount"))
        yield from non_negative_money(f"{path}.amount", discount.amount)
        yield from required(f"{path}.line_ids", discount.line_ids)
        for number, line_id in enumerate(discount.line_ids):
            yield from _named(f"{path}.line_ids[{number}]", line_id, lines)
            if line_id in seen:
                yield Violation(f"{path}.line_ids[{number}]", "has a discount of its own already")
            seen.add(line_id)


def _modification(
    path: str, change: pb.ContractModification, lines: Mapping[str, pb.RevenueLine], today: int
) -> Iterator[Violation]:
    yield from required(f"{path}.on", change.HasField("on"))
    yield from required(f"{path}.price_change", change.HasField("price_change"))
    if change.HasField("known_on"):
        yield from happened(f"{path}.known_on", change.known_on, today)
    yield from unique_ids(f"{path}.changes", (part.line_id for part in change.changes), "line_id")
    for index, part in enumerate(change.changes):
        here = f"{path}.changes[{index}]"
        yield from required(f"{here}.line_id", part.line_id)
        yield from _named(f"{here}.line_id", part.line_id, lines)
        if part.line_id in lines:
            yield from _line_change(here, part, lines[part.line_id], change)
    for index, line_id in enumerate(change.added_line_ids):
        yield from _named(f"{path}.added_line_ids[{index}]", line_id, lines)


def _line_change(
    path: str, part: pb.LineChange, line: pb.RevenueLine, change: pb.ContractModification
) -> Iterator[Violation]:
    ratable = line.pattern == pb.RECOGNITION_PATTERN_RATABLE
    metered = line.pattern == pb.RECOGNITION_PATTERN_USAGE
    if part.HasField("end") and not (ratable or metered):
        yield Violation(f"{path}.end", "belongs to RATABLE and USAGE alone")
    elif precedes(part, "end", change, "on"):
        yield Violation(f"{path}.end", "is before the modification")
    if part.HasField("included_quantity"):
        if not metered:
            yield Violation(f"{path}.included_quantity", "belongs to USAGE alone")
        elif (plain_decimal(part.included_quantity) or 0) <= 0:
            yield Violation(f"{path}.included_quantity", "must be more than 0")


def _added(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    """A line is added once, and what is changed or credited before it is there cannot be."""
    days: dict[str, int] = {}
    for index, change in enumerate(facts.modifications):
        for number, line_id in enumerate(change.added_line_ids):
            path = f"modifications[{index}].added_line_ids[{number}]"
            if line_id in days:
                yield Violation(path, "was added before")
            if change.HasField("on"):
                days.setdefault(line_id, known(change, "on"))
    for index, change in enumerate(facts.modifications):
        for number, part in enumerate(change.changes):
            early = change.HasField("on") and known(change, "on") <= days.get(part.line_id, 0)
            if early:
                path = f"modifications[{index}].changes[{number}].line_id"
                yield Violation(path, "is not there yet: it is added on that day, or later")
    for index, credit in enumerate(facts.credits):
        if credit.HasField("on") and day_number(credit.on) < days.get(credit.line_id, 0):
            yield Violation(f"credits[{index}].line_id", "is not there yet: it is added later")
