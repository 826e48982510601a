"""What amounts say about each other: none takes back more than there is."""

from collections.abc import Iterator

from dealgate.kinds.recognize.contract import added_ids, fixed_price
from dealgate.kinds.recognize.fees import terms_of
from dealgate.kinds.recognize.financing import grown_at_transfer
from dealgate.kinds.recognize.standalone import price_of
from dealgate.kinds.recognize.uses import charged, first_day, known, uses_of
from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.model.money import minor_per_unit, to_minor
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb

# Units: what amounts may be together anyhow.
AMOUNT_MAX = 10**13


def price_violations(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    """Yield each amount that takes back more than the contract can be worth.

    Each field is sound by itself. What depends on rules or on the schedule is for the answer:
    it names it as missing.
    """
    fixed = fixed_price(facts)
    if fixed < 0:
        name = "contract.price" if facts.contract.HasField("price") else "lines"
        yield Violation(name, "must not be negative: discounts are no more than the price")
        return
    yield from _suppliers(facts, fixed)
    yield from _discounts(facts)
    yield from _taxes(facts)
    yield from _interest(facts)
    if not (facts.modifications or facts.variable or facts.credits or facts.bad_debts):
        return  # Charges matter to them alone, and may be those of tens of thousands of records.
    fees = sum(_fees(facts, line) for line in facts.lines)
    yield from _modifications(facts, fixed + fees + _bonus(facts))
    yield from _rebates(facts, fixed + fees)
    yield from _credits(facts, fixed + fees + _bonus(facts))
    yield from _debts(facts, fixed + fees + _bonus(facts))


def _suppliers(facts: pb.RecognizeFacts, fixed: int) -> Iterator[Violation]:
    added, theirs = added_ids(facts), 0
    for index, line in enumerate(facts.lines):
        if not line.HasField("supplier_cost") or line.principal:
            continue
        cost = to_minor(line.supplier_cost)
        theirs += 0 if line.id in added else cost
        if (line.HasField("price") and cost > to_minor(line.price)) or theirs > fixed:
            path = f"lines[{index}].supplier_cost"
            yield Violation(path, "is more than the price; a principal says principal: true")
            return


def _discounts(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    lines = {line.id: line for line in facts.lines}
    for index, discount in enumerate(facts.discounts):
        prices = [price_of(lines[line_id]).price for line_id in discount.line_ids]
        known_prices = [price for price in prices if price is not None]
        if len(known_prices) == len(prices) and to_minor(discount.amount) > sum(known_prices):
            path = f"discounts[{index}].amount"
            yield Violation(path, "is more than its lines sell for together")


def _modifications(facts: pb.RecognizeFacts, worth: int) -> Iterator[Violation]:
    ordered = sorted(enumerate(facts.modifications), key=lambda pair: known(pair[1], "on"))
    for index, change in ordered:
        worth += to_minor(change.price_change)
        if worth < 0:
            path = f"modifications[{index}].price_change"
            yield Violation(path, "takes back more than the contract is worth")
            return


def _rebates(facts: pb.RecognizeFacts, worth: int) -> Iterator[Violation]:
    """What is used later may still pay for a rebate on it, so with such lines nobody can say."""
    if any(line.pattern == pb.RECOGNITION_PATTERN_USAGE for line in facts.lines):
        return
    worth += sum(max(to_minor(change.price_change), 0) for change in facts.modifications)
    for index, amount in enumerate(facts.variable):
        for number, case in enumerate(amount.scenarios):
            if fraction(case.probability) and to_minor(case.amount) < -worth:
                path = f"variable[{index}].scenarios[{number}].amount"
                yield Violation(path, "is a rebate that exceeds the price")


def _credits(facts: pb.RecognizeFacts, worth: int) -> Iterator[Violation]:
    """No more goes back than the contract is worth, or than was invoiced."""
    worth += sum(to_minor(change.price_change) for change in facts.modifications)
    left = max(worth, sum(to_minor(invoice.amount) for invoice in facts.invoices))
    for index, credit in sorted(enumerate(facts.credits), key=lambda pair: day_number(pair[1].on)):
        left += to_minor(credit.amount)
        if left < 0:
            cure = "is more than the contract is worth, with the credits before it"
            yield Violation(f"credits[{index}].amount", cure)
            return


def _debts(facts: pb.RecognizeFacts, worth: int) -> Iterator[Violation]:
    """No more is written off than was to be paid, and no more is paid after all than that."""
    worth += sum(max(to_minor(change.price_change), 0) for change in facts.modifications)
    invoiced = sum(to_minor(invoice.amount) + _tax(invoice) for invoice in facts.invoices)
    written = 0
    debts = sorted(enumerate(facts.bad_debts), key=lambda pair: day_number(pair[1].on))
    for index, debt in debts:
        written += to_minor(debt.amount)
        path = f"bad_debts[{index}].amount"
        if written < 0:
            yield Violation(path, "is paid after all, and was not written off before")
            return
        if written > max(worth, invoiced):
            yield Violation(path, "is more than the customer has to pay")
            return


def _taxes(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    """No more tax is refunded than was collected, if invoices are given."""
    left = sum(map(_tax, facts.invoices))
    for index, credit in enumerate(facts.credits):
        left += _tax(credit)
        if left < 0 and facts.invoices:
            yield Violation(f"credits[{index}].tax", "is more than the tax of all invoices")
            return


def _tax(document: pb.RevenueInvoice | pb.RevenueCredit) -> int:
    return to_minor(document.tax) if document.HasField("tax") else 0


def _interest(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    """What early payments grow to until control passes fits into an amount."""
    if not facts.HasField("financing"):
        return
    grown = grown_at_transfer(facts.financing)
    most = AMOUNT_MAX * minor_per_unit(facts.financing.payments[0].amount.currency_code)
    if grown > most:
        cure = f"makes payments grow to more than {AMOUNT_MAX} units until transfer_on"
        yield Violation("financing.annual_rate", cure)


def _bonus(facts: pb.RecognizeFacts) -> int:
    return sum(
        max([0, *(to_minor(case.amount) for case in amount.scenarios)]) for amount in facts.variable
    )


def _fees(facts: pb.RecognizeFacts, line: pb.RevenueLine) -> int:
    if not line.HasField("overage_price"):
        return 0
    over = charged(uses_of(line), terms_of(facts, line), first_day(line))
    return round(to_minor(line.overage_price) * sum((quantity for _, quantity in over), Ratio(0)))
