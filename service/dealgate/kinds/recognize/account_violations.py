"""What can be wrong with other contracts, financing, costs, debts and accounts."""

from collections.abc import Iterator
from decimal import Decimal

from dealgate.kinds.recognize.contract import fixed_price
from dealgate.kinds.recognize.costs import amount_of
from dealgate.kinds.recognize.event_violations import happened
from dealgate.model.checks import at_most, non_negative, non_negative_money, required
from dealgate.model.days import day_number, precedes
from dealgate.model.errors import Violation
from dealgate.model.malformed import plain_decimal
from dealgate.model.money import to_minor
from dealgate.model.zones import latest_day
from dealgate.v1 import recognize_pb2 as pb

# More digits than a rate has would be an attack: it is raised to the power of the months.
RATE_DECIMALS = 8
PAYMENTS_MAX = 400
TESTS_MAX = 480
COMMISSION_MAX = 10_000
CODE_LENGTH = 64


def account_violations(facts: pb.RecognizeFacts, as_of: int) -> Iterator[Violation]:
    """Yield what is wrong with them; nothing in the facts is malformed."""
    today = latest_day(as_of)
    yield from _contracts(facts)
    if facts.HasField("financing"):
        yield from _financing(facts)
    for index, cost in enumerate(facts.costs):
        yield from _cost(f"costs[{index}]", cost, today)
    for index, debt in enumerate(facts.bad_debts):
        yield from required(f"bad_debts[{index}].on", debt.HasField("on"))
        yield from required(f"bad_debts[{index}].amount", debt.HasField("amount"))
        if debt.HasField("on"):
            yield from happened(f"bad_debts[{index}].on", debt.on, today)
    yield from _accounts(facts)
    yield from _taxes(facts)


def _contracts(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    ids = {contract.id for contract in facts.contracts} | {facts.contract.id}
    for index, contract in enumerate(facts.contracts):
        if contract.id and contract.id == facts.contract.id:
            yield Violation(f"contracts[{index}].id", "is the id of the first contract")
        yield from non_negative_money(f"contracts[{index}].price", contract.price)
    for index, line in enumerate(facts.lines):
        if line.contract_id and line.contract_id not in ids:
            yield Violation(f"lines[{index}].contract_id", "is not the id of a contract")


def _financing(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    told, path = facts.financing, "financing"
    yield from required(f"{path}.annual_rate", told.HasField("annual_rate"))
    yield from required(f"{path}.transfer_on", told.HasField("transfer_on"))
    yield from required(f"{path}.payments", told.payments)
    yield from at_most(f"{path}.payments", told.payments, PAYMENTS_MAX)
    exponent = (plain_decimal(told.annual_rate) or Decimal(0)).as_tuple().exponent
    if isinstance(exponent, int) and exponent < -RATE_DECIMALS:
        yield Violation(f"{path}.annual_rate", f"has more than {RATE_DECIMALS} decimals")
    for index, payment in enumerate(told.payments):
        here = f"{path}.payments[{index}]"
        yield from required(f"{here}.on", payment.HasField("on"))
        yield from required(f"{here}.amount", payment.HasField("amount"))
        if payment.HasField("amount") and to_minor(payment.amount) <= 0:
            yield Violation(f"{here}.amount", "must be more than 0")
    paid = [to_minor(pay.amount) for pay in told.payments if pay.HasField("amount")]
    if paid and sum(paid) != fixed_price(facts):
        yield Violation(f"{path}.payments", "do not sum to the fixed price")


def _cost(path: str, cost: pb.ObtainingCost, today: int) -> Iterator[Violation]:
    by_amount, by_commission = cost.HasField("amount"), cost.commission.HasField("earned")
    if by_amount == by_commission or (by_amount and cost.HasField("commission")):
        yield Violation(path, "needs an amount, or a commission with earned, and not both")
    else:
        name = "amount" if by_amount else "commission.earned"
        yield from non_negative(f"{path}.{name}", amount_of(cost))
    for name in ("legs", "bonuses", "reversals"):
        rows = getattr(cost.commission, name)
        yield from at_most(f"{path}.commission.{name}", rows, COMMISSION_MAX)
    yield from required(f"{path}.incurred_on", cost.HasField("incurred_on"))
    yield from required(f"{path}.benefit_end", cost.HasField("benefit_end"))
    start = "benefit_start" if cost.HasField("benefit_start") else "incurred_on"
    for name in dict.fromkeys((start, "incurred_on")):
        if precedes(cost, "benefit_end", cost, name):
            yield Violation(f"{path}.benefit_end", f"is before {name}")
            break
    if cost.HasField("incurred_on"):
        yield from happened(f"{path}.incurred_on", cost.incurred_on, today)
    yield from at_most(f"{path}.impairment_tests", cost.impairment_tests, TESTS_MAX)
    for index, test in enumerate(cost.impairment_tests):
        yield from _test(f"{path}.impairment_tests[{index}]", test, cost, today)


def _test(
    path: str, test: pb.ImpairmentTest, cost: pb.ObtainingCost, today: int
) -> Iterator[Violation]:
    yield from required(f"{path}.on", test.HasField("on"))
    yield from required(f"{path}.remaining_costs", test.HasField("remaining_costs"))
    for name in ("remaining_costs", "remaining_consideration"):
        yield from non_negative_money(f"{path}.{name}", getattr(test, name))
    if test.HasField("on"):
        yield from happened(f"{path}.on", test.on, today)
        if precedes(test, "on", cost, "incurred_on"):
            yield Violation(f"{path}.on", "is before incurred_on")


def _accounts(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    seen: set[int] = set()
    for index, row in enumerate(facts.accounts):
        path = f"accounts[{index}]"
        yield from required(f"{path}.account", row.account)
        yield from required(f"{path}.code", row.code)
        if len(row.code) > CODE_LENGTH:
            yield Violation(f"{path}.code", f"is longer than {CODE_LENGTH} characters")
        if row.account in seen:
            yield Violation(f"{path}.account", "has a code already")
        seen.add(row.account)
    for index, line in enumerate(facts.lines):
        if len(line.revenue_account) > CODE_LENGTH:
            cure = f"is longer than {CODE_LENGTH} characters"
            yield Violation(f"lines[{index}].revenue_account", cure)


def _taxes(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    for index, invoice in enumerate(facts.invoices):
        yield from non_negative_money(f"invoices[{index}].tax", invoice.tax)
    for index, credit in enumerate(facts.credits):
        if max(credit.tax.units, credit.tax.nanos) > 0:
            yield Violation(f"credits[{index}].tax", "must be 0 or negative")


def booked_days(facts: pb.RecognizeFacts) -> Iterator[tuple[str, int]]:
    """Yield each day of them that has to be in a finance period, with its path."""
    told = facts.financing
    if told.HasField("transfer_on"):
        yield "financing.transfer_on", day_number(told.transfer_on)
    for index, payment in enumerate(told.payments):
        yield f"financing.payments[{index}].on", day_number(payment.on)
    for index, debt in enumerate(facts.bad_debts):
        yield f"bad_debts[{index}].on", day_number(debt.on)
    for index, cost in enumerate(facts.costs):
        yield f"costs[{index}].incurred_on", day_number(cost.incurred_on)
        yield f"costs[{index}].benefit_end", day_number(cost.benefit_end)
        if cost.HasField("benefit_start"):
            yield f"costs[{index}].benefit_start", day_number(cost.benefit_start)
        for number, test in enumerate(cost.impairment_tests):
            yield f"costs[{index}].impairment_tests[{number}].on", day_number(test.on)
