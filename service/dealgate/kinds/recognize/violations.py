"""What can be wrong with the facts of a recognition, as a whole: ids, currency, references."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from dealgate.kinds.recognize.account_violations import account_violations
from dealgate.kinds.recognize.amounts import amounts
from dealgate.kinds.recognize.booking_violations import booking_violations
from dealgate.kinds.recognize.calendar_violations import calendar_violations
from dealgate.kinds.recognize.change_violations import change_violations
from dealgate.kinds.recognize.line_violations import line_violations
from dealgate.kinds.recognize.modified_violations import modified_violations
from dealgate.kinds.recognize.plain import Lines, elaborate
from dealgate.kinds.recognize.plain_contract import is_plain_contract
from dealgate.kinds.recognize.price_violations import price_violations
from dealgate.kinds.recognize.sizes import size_violations
from dealgate.kinds.recognize.terms import RecognizeParameters
from dealgate.kinds.recognize.uses import used
from dealgate.kinds.recognize.variable_violations import variable_violations
from dealgate.model.amounts import bounded_sum, currency_code, total
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    are_usual_ids,
    required,
    required_id,
    same_currency,
    unique_ids,
)
from dealgate.model.errors import Violation
from dealgate.model.malformed import malformed, plain_decimal
from dealgate.model.ratio import Ratio
from dealgate.v1 import attribute_pb2
from dealgate.v1 import recognize_pb2 as pb

# Ten trillion units at rates up to 100,000 still fit into 64 bits.
RATE_MAX = 10**5
LISTS = (
    *("lines", "periods", "variable", "discounts", "modifications", "credits", "invoices"),
    *("contracts", "costs", "bad_debts"),
)


def violations(
    facts: pb.RecognizeFacts, parameters: RecognizeParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch).

    Only malformed values are reported if there are any: nothing else can be said of an invalid day.
    Contradictions between fields are reported only if each of them is sound.
    """
    del parameters
    wrong = malformed(facts)
    if wrong:
        return wrong
    found = _beyond(facts, as_of)
    told = {violation.field for violation in found}
    found += [violation for violation in out_of_bounds(facts) if violation.field not in told]
    return found or _together(facts)


def sound_violations(
    facts: pb.RecognizeFacts, parameters: RecognizeParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    del parameters
    if is_plain_contract(facts):
        return ()
    return _beyond(facts, as_of) or _together(facts)


def _beyond(facts: pb.RecognizeFacts, as_of: int) -> list[Violation]:
    lines = elaborate(facts.lines)
    return [
        *required_id("contract.id", facts.contract.id),
        *required("lines", facts.lines),
        *_ids(facts),
        *size_violations(facts, lines),
        *_amounts(facts, lines),
        *_reporting(facts),
        *line_violations(facts, lines, as_of),
        *variable_violations(facts, as_of),
        *change_violations(facts, as_of),
        *booking_violations(facts),
        *account_violations(facts, as_of),
    ]


def _together(facts: pb.RecognizeFacts) -> Sequence[Violation]:
    return calendar_violations(facts) or [*modified_violations(facts)] or [*price_violations(facts)]


def _ids(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    for name in LISTS:
        items = getattr(facts, name)
        if not items or are_usual_ids([item.id for item in items]):
            continue
        for index, item in enumerate(items):
            yield from required_id(f"{name}[{index}].id", item.id)
        yield from unique_ids(name, (item.id for item in items))


def _amounts(facts: pb.RecognizeFacts, lines: Lines) -> Iterator[Violation]:
    given = [*amounts(facts)]
    yield from same_currency(given)
    whole = Ratio(total(amount for _, amount in given)) + sum(_overage(line) for _, line in lines)
    yield from bounded_sum("lines", whole, subject="amounts, and usage at overage_price,")
    priced = [facts.contract, *facts.lines]
    if facts.lines and not any(promise.HasField("price") for promise in priced):
        yield Violation("contract.price", "is required, unless lines have a price")


def _overage(line: pb.RevenueLine) -> Fraction:
    if not line.HasField("overage_price"):
        return Ratio(0)
    return used(line) * (abs(int(line.overage_price.units)) + 1)


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
    yield from currency_code("contract.reporting_currency", facts.contract.reporting_currency)
    for index, period in enumerate(facts.periods):
        rate = plain_decimal(period.rate)
        if rate is None or not 0 < rate <= RATE_MAX:
            cure = (
                f"must be given, more than 0 and at most {RATE_MAX}: there is a reporting_currency"
            )
            yield Violation(f"periods[{index}].rate", cure)
