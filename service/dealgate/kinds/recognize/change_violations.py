"""What can be wrong with variable amounts, discounts, modifications, credits and invoices."""

from collections.abc import Iterator
from decimal import Decimal

from dealgate.kinds.recognize.pattern_violations import happened
from dealgate.model.business_time import ordinal
from dealgate.model.checks import (
    non_negative_money,
    plain_decimal,
    required,
    share,
    unique_ids,
)
from dealgate.model.days import precedes
from dealgate.model.errors import Violation
from dealgate.v1 import recognize_pb2 as pb


def change_violations(facts: pb.RecognizeFacts, as_of: int) -> Iterator[Violation]:
    """Yield what is wrong with all that moves the price; nothing in the facts is malformed."""
    today = ordinal(as_of)
    ids = {line.id for line in facts.lines}
    for place, one in enumerate(facts.variable):
        yield from _variable(f"variable[{place}]", one, ids)
    yield from _discounts(facts, ids)
    for place, change in enumerate(facts.modifications):
        yield from _modification(f"modifications[{place}]", change, facts)
    yield from _added(facts)
    for place, credit in enumerate(facts.credits):
        path = f"credits[{place}]"
        yield from _dated(path, credit, today)
        if credit.HasField("amount") and min(credit.amount.units, credit.amount.nanos) >= 0:
            yield Violation(f"{path}.amount", "must be negative")
        yield from _known(f"{path}.line_id", credit.line_id, ids)
    for place, invoice in enumerate(facts.invoices):
        yield from _dated(f"invoices[{place}]", invoice, today)


def _dated(path: str, one: pb.RevenueCredit | pb.RevenueInvoice, today: int) -> Iterator[Violation]:
    yield from required(f"{path}.on", one.HasField("on"))
    yield from required(f"{path}.amount", one.HasField("amount"))
    if one.HasField("on"):
        yield from happened(f"{path}.on", one.on, today)


def _known(path: str, line_id: str, ids: set[str]) -> Iterator[Violation]:
    """A line that is named is there; without any lines their absence says it all."""
    if line_id and ids and line_id not in ids:
        yield Violation(path, "is the id of no line")


def _variable(path: str, one: pb.VariableConsideration, ids: set[str]) -> Iterator[Violation]:
    yield from required(f"{path}.method", one.method)
    yield from required(f"{path}.scenarios", one.scenarios)
    whole = Decimal(0)
    for place, case in enumerate(one.scenarios):
        here = f"{path}.scenarios[{place}]"
        yield from required(f"{here}.amount", case.HasField("amount"))
        yield from required(f"{here}.probability", case.HasField("probability"))
        yield from share(f"{here}.probability", case.probability)
        whole += plain_decimal(case.probability) or 0
    if one.scenarios and whole != 1:
        yield Violation(f"{path}.scenarios", "have probabilities that do not sum to 1")
    yield from _known(f"{path}.line_id", one.line_id, ids)


def _discounts(facts: pb.RecognizeFacts, ids: set[str]) -> Iterator[Violation]:
    seen: set[str] = set()
    for place, one in enumerate(facts.discounts):
        path = f"discounts[{place}]"
        yield from required(f"{path}.amount", one.HasField("amount"))
        yield from non_negative_money(f"{path}.amount", one.amount)
        yield from required(f"{path}.line_ids", one.line_ids)
        for number, line_id in enumerate(one.line_ids):
            yield from _known(f"{path}.line_ids[{number}]", line_id, ids)
            if line_id in seen:
                yield Violation(f"{path}.line_ids[{number}]", "has a discount of its own already")
            seen.add(line_id)


def _modification(
    path: str, change: pb.ContractModification, facts: pb.RecognizeFacts
) -> Iterator[Violation]:
    lines = {line.id: line for line in facts.lines}
    yield from required(f"{path}.on", change.HasField("on"))
    yield from required(f"{path}.price_change", change.HasField("price_change"))
    yield from unique_ids(f"{path}.changes", (one.line_id for one in change.changes), "line_id")
    for place, one in enumerate(change.changes):
        here = f"{path}.changes[{place}]"
        yield from required(f"{here}.line_id", one.line_id)
        yield from _known(f"{here}.line_id", one.line_id, {*lines})
        if one.line_id in lines:
            yield from _line_change(here, one, lines[one.line_id], change)
    for number, line_id in enumerate(change.added_line_ids):
        yield from _known(f"{path}.added_line_ids[{number}]", line_id, {*lines})


def _line_change(
    path: str, one: pb.LineChange, line: pb.RevenueLine, change: pb.ContractModification
) -> Iterator[Violation]:
    ratable = line.pattern == pb.RECOGNITION_PATTERN_RATABLE
    metered = line.pattern == pb.RECOGNITION_PATTERN_USAGE
    if one.HasField("end") and not (ratable or metered):
        yield Violation(f"{path}.end", "belongs to RATABLE and USAGE alone")
    elif precedes(one, "end", change, "on"):
        yield Violation(f"{path}.end", "is before the modification")
    if one.HasField("included_quantity"):
        if not metered:
            yield Violation(f"{path}.included_quantity", "belongs to USAGE alone")
        elif (plain_decimal(one.included_quantity) or 0) <= 0:
            yield Violation(f"{path}.included_quantity", "must be more than 0")


def _added(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    """A line is added once, and what is changed or credited before it is there cannot be."""
    seen: set[str] = set()
    for place, change in enumerate(facts.modifications):
        for number, line_id in enumerate(change.added_line_ids):
            if line_id in seen:
                path = f"modifications[{place}].added_line_ids[{number}]"
                yield Violation(path, "was added before")
            seen.add(line_id)
