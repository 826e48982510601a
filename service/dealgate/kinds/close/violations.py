"""What can be wrong with the facts of a closing."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from dealgate.kinds.close.contract import bounded
from dealgate.kinds.close.terms import CloseParameters
from dealgate.model import words
from dealgate.model.amounts import SUM_MAX, bounded_sum, total
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    are_usual_ids,
    at_most,
    has_come,
    has_happened,
    non_negative_money,
    not_after,
    optional_id,
    required,
    required_id,
    same_currency,
    unique_ids,
)
from dealgate.model.days import in_order, precedes
from dealgate.model.errors import Violation
from dealgate.model.exchange import exchange_violations
from dealgate.model.gates.violations import approvals, survivor
from dealgate.model.malformed import malformed, plain_decimal
from dealgate.v1 import close_pb2 as pb

ITEMS_MAX = 1000
YEAR_MAX = 9000
NOTICES = (15, 30, 45, 60, 90, 120)
PRICES = [
    field.name
    for field in pb.ContractItem.DESCRIPTOR.fields
    if field.message_type is Money.DESCRIPTOR
]
SIGNED = (pb.CONTRACT_STATUS_SIGNED, pb.CONTRACT_STATUS_ACTIVATED)


def violations(
    facts: pb.CloseFacts, parameters: CloseParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch).

    Only malformed values are reported if there are any: nothing else can be said of an invalid day.
    """
    return malformed(facts) or [
        *out_of_bounds(facts),
        *sound_violations(facts, parameters, as_of),
    ]


def sound_violations(
    facts: pb.CloseFacts, parameters: CloseParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    del parameters
    return [
        *required_id("opportunity.id", facts.opportunity.id),
        *optional_id("opportunity.owner_id", facts.opportunity.owner_id),
        *required("ending", facts.ending),
        *_contract(facts.contract, as_of),
        *_items(facts),
        *_amounts(facts),
        *_together(facts, as_of),
        *approvals(facts.approvals, as_of),
        *survivor(facts.closure, facts.opportunity.id),
        *exchange_violations(facts, as_of),
    ]


def _contract(contract: pb.SalesContract, as_of: int) -> Iterator[Violation]:
    yield from optional_id("contract.id", contract.id)
    for name in ("start_date", "end_date"):
        if getattr(contract, name).year > YEAR_MAX:
            yield Violation(f"contract.{name}", f"is after the year {YEAR_MAX}")
    if precedes(contract, "end_date", contract, "start_date"):
        yield Violation("contract.end_date", "is before start_date")
    notice = contract.owner_expiration_notice_days
    if contract.HasField("owner_expiration_notice_days") and notice not in NOTICES:
        cure = f"must be one of {', '.join(map(str, NOTICES))}"
        yield Violation("contract.owner_expiration_notice_days", cure)
    yield from _signatures(contract, as_of)


def _signatures(contract: pb.SalesContract, as_of: int) -> Iterator[Violation]:
    for name in ("customer_signed_date", "company_signed_date"):
        signed: Date = getattr(contract, name)
        given = signed.ByteSize() > 0
        if given:
            yield from has_come(f"contract.{name}", signed, as_of)
        if not given and contract.status in SIGNED:
            word = words.of(pb.ContractStatus, contract.status).upper()
            yield Violation(f"contract.{name}", f"is required: the contract is {word}")


def _is_usual_item(item: pb.ContractItem) -> bool:
    """Tell at one look that nothing is wrong with an item, its id apart."""
    quantity = plain_decimal(item.quantity) or 0
    current, contracted = item.current_price, item.contracted_price
    return (
        quantity >= 0
        and min(current.units, current.nanos, contracted.units, contracted.nanos) >= 0
        and in_order(item.start_date) <= in_order(item.end_date)
        and quantity * (abs(item.unit_price.units) + 1) <= SUM_MAX
    )


def _items(facts: pb.CloseFacts) -> Iterator[Violation]:
    amends = facts.contract.kind == pb.CONTRACT_KIND_AMENDMENT
    yield from at_most("items", facts.items, ITEMS_MAX)
    are_usual = are_usual_ids([item.id for item in facts.items])
    if are_usual and all(map(_is_usual_item, facts.items)):
        return
    for index, item in enumerate(facts.items):
        path = f"items[{index}]"
        yield from required_id(f"{path}.id", item.id)
        if not amends:
            yield from _not_reduced(f"{path}.quantity", item)
        yield from non_negative_money(f"{path}.current_price", item.current_price)
        yield from non_negative_money(f"{path}.contracted_price", item.contracted_price)
        if precedes(item, "end_date", item, "start_date"):
            yield Violation(f"{path}.end_date", "is before start_date")
        if not bounded(item, SUM_MAX):
            yield Violation(path, f"costs more than {SUM_MAX} units")
    yield from unique_ids("items", (item.id for item in facts.items))


def _not_reduced(path: str, item: pb.ContractItem) -> list[Violation]:
    """Only an amendment takes back what was sold before, as CPQ tools write it."""
    wrong = (plain_decimal(item.quantity) or Decimal(0)) < 0
    cure = "must not be negative, unless the contract is an AMENDMENT"
    return [Violation(path, cure)] if wrong else []


def _together(facts: pb.CloseFacts, as_of: int) -> Iterator[Violation]:
    """Yield what contradicts itself only when facts are put side by side."""
    prior, deal = facts.prior, facts.opportunity
    if precedes(prior, "end_date", prior, "earliest_item_end_date"):
        yield Violation("prior.earliest_item_end_date", "is after prior.end_date")
    for name in ("created_at", "closed_at"):
        yield from has_happened(f"opportunity.{name}", getattr(deal, name), as_of)
    if deal.HasField("created_at") and deal.HasField("closed_at"):
        created = "opportunity.created_at"
        yield from not_after(created, deal.created_at, "opportunity.closed_at", deal.closed_at)
    amends = facts.contract.kind == pb.CONTRACT_KIND_AMENDMENT
    if not amends and min(facts.contract.total.units, facts.contract.total.nanos) < 0:
        yield Violation("contract.total", "must not be negative, unless it is an AMENDMENT")
    if facts.prior.id and facts.prior.id == facts.contract.id:
        yield Violation("prior.id", "is the contract itself")


def _are_usual_amounts(facts: pb.CloseFacts) -> bool:
    """Tell at one look that amounts are in one currency, and few enough to be added up."""
    amounts = [facts.opportunity.amount, facts.contract.total]
    for item in facts.items:
        amounts += [getattr(item, name) for name in PRICES]
    units = sum([abs(amount.units) + 1 for amount in amounts])
    return units <= SUM_MAX and len({amount.currency_code for amount in amounts} - {""}) <= 1


def _amounts(facts: pb.CloseFacts) -> list[Violation]:
    if _are_usual_amounts(facts):
        return []
    given: list[tuple[str, Money]] = [
        ("opportunity.amount", facts.opportunity.amount),
        ("contract.total", facts.contract.total),
    ]
    for index, item in enumerate(facts.items):
        given += [
            (f"items[{index}].{field.name}", value)
            for field, value in item.ListFields()
            if isinstance(value, Money)
        ]
    whole = total(amount for _, amount in given)
    return [*same_currency(given), *bounded_sum("items", whole)]
