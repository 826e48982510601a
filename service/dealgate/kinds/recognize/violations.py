"""What can be wrong with the facts of a recognition, as a whole: sizes, currency, references."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from google.type.money_pb2 import Money

from dealgate.kinds.recognize.calendar_violations import calendar_violations
from dealgate.kinds.recognize.change_violations import change_violations
from dealgate.kinds.recognize.line_violations import line_violations
from dealgate.kinds.recognize.terms import RecognizeParameters
from dealgate.model import money
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    at_most,
    malformed,
    plain_decimal,
    required,
    required_id,
    same_currency,
    unique_ids,
)
from dealgate.model.errors import Violation
from dealgate.v1 import attribute_pb2
from dealgate.v1 import recognize_pb2 as pb

LINES_MAX = 500
PERIODS_MAX = 480
# Lines times periods, for the contract and every change of it: more takes a second and longer.
WORK_MAX = 40_000
# Ten trillion units at rates up to 100,000 still fit into 64 bits.
UNITS_MAX = 10**13
RATE_MAX = 10**5
LISTS = ("lines", "periods", "variable", "discounts", "modifications", "credits", "invoices")


def violations(
    facts: pb.RecognizeFacts, parameters: RecognizeParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch).

    What is malformed is told first: nothing else can be said of a day that is none.
    """
    del parameters
    wrong = malformed(facts)
    if wrong:
        return wrong
    found = [
        *required_id("contract.id", facts.contract.id),
        *required("lines", facts.lines),
        *_ids(facts),
        *_sizes(facts),
        *_amounts(facts),
        *_reporting(facts),
        *line_violations(facts, as_of),
        *change_violations(facts, as_of),
    ]
    told = {violation.field for violation in found}
    found += [violation for violation in out_of_bounds(facts) if violation.field not in told]
    return found or calendar_violations(facts)


def _ids(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    for name in LISTS:
        items = getattr(facts, name)
        for place, item in enumerate(items):
            yield from required_id(f"{name}[{place}].id", item.id)
        yield from unique_ids(name, (item.id for item in items))


def _sizes(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    for name, most in (("lines", LINES_MAX), ("periods", PERIODS_MAX)):
        yield from at_most(name, getattr(facts, name), most, "split the contract")
    rounds = 1 + len(facts.modifications) + len(facts.credits)
    used = sum(len(line.usage) + len(line.custom) + len(line.milestones) for line in facts.lines)
    if (len(facts.lines) * len(facts.periods) + used) * rounds > WORK_MAX:
        cure = f"times periods and changes are more than {WORK_MAX}; give fewer periods"
        yield Violation("lines", cure)


def amounts(facts: pb.RecognizeFacts) -> list[tuple[str, Money]]:
    """Return every amount in the contract's currency, with its path."""
    found = [("contract.price", facts.contract.price)]
    for place, line in enumerate(facts.lines):
        path = f"lines[{place}]"
        found += [
            (f"{path}.{field.name}", value)
            for field, value in line.ListFields()
            if isinstance(value, Money)
        ]
        told = line.standalone_price
        found += [
            (f"{path}.standalone_price.{field.name}", value)
            for field, value in told.ListFields()
            if isinstance(value, Money)
        ]
        found += [
            (f"{path}.milestones[{n}].amount", m.amount) for n, m in enumerate(line.milestones)
        ]
        found += [(f"{path}.ramp[{n}].price", step.price) for n, step in enumerate(line.ramp)]
        found.append((f"{path}.returns.cost", line.returns.cost))
        found.append((f"{path}.option.expected_purchases", line.option.expected_purchases))
    for place, one in enumerate(facts.variable):
        found += [
            (f"variable[{place}].scenarios[{n}].amount", case.amount)
            for n, case in enumerate(one.scenarios)
        ]
        found.append((f"variable[{place}].certain", one.certain))
    found += [(f"discounts[{n}].amount", one.amount) for n, one in enumerate(facts.discounts)]
    found += [
        (f"modifications[{n}].price_change", one.price_change)
        for n, one in enumerate(facts.modifications)
    ]
    found += [(f"credits[{n}].amount", one.amount) for n, one in enumerate(facts.credits)]
    found += [(f"invoices[{n}].amount", one.amount) for n, one in enumerate(facts.invoices)]
    return [(path, amount) for path, amount in found if amount.currency_code]


def _amounts(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    given = amounts(facts)
    yield from same_currency(given)
    whole = sum(abs(amount.units) + 1 for _, amount in given) + sum(map(_overage, facts.lines))
    if whole > UNITS_MAX:
        cure = f"amounts, and usage at overage_price, are more than {UNITS_MAX} units together"
        yield Violation("lines", cure)
    priced = [facts.contract, *facts.lines]
    if facts.lines and not any(one.HasField("price") for one in priced):
        yield Violation("contract.price", "is required, unless lines have a price")


def _overage(line: pb.RevenueLine) -> Decimal:
    used = sum((plain_decimal(record.quantity) or Decimal(0) for record in line.usage), Decimal(0))
    return (
        used * (abs(line.overage_price.units) + 1) if line.HasField("overage_price") else Decimal(0)
    )


def _reporting(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    if facts.contract.rounding not in {
        0,
        attribute_pb2.ROUNDING_METHOD_CUMULATIVE,
        attribute_pb2.ROUNDING_METHOD_PLUG_LAST,
        attribute_pb2.ROUNDING_METHOD_LARGEST_REMAINDER,
    }:
        yield Violation("contract.rounding", "must be CUMULATIVE, PLUG_LAST or LARGEST_REMAINDER")
    if not facts.contract.reporting_currency:
        return
    if money.exponent(facts.contract.reporting_currency) is None:
        yield Violation("contract.reporting_currency", "is no ISO 4217 code")
    for place, period in enumerate(facts.periods):
        rate = plain_decimal(period.rate)
        if rate is None or not 0 < rate <= RATE_MAX:
            cure = (
                f"must be given, more than 0 and at most {RATE_MAX}: there is a reporting_currency"
            )
            yield Violation(f"periods[{place}].rate", cure)
