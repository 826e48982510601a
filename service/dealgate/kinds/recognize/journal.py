"""The journal: what to book in each period; debits equal credits in each."""

from collections.abc import Iterator, Mapping, Sequence

from dealgate.kinds.recognize.balances import Ledger, Standing
from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.uses import known
from dealgate.model import words
from dealgate.model.days import day_number
from dealgate.model.money import to_minor
from dealgate.v1 import recognize_pb2 as pb

Entry = tuple[pb.RevenueAccount.ValueType, int, str]


def journal(ledger: Ledger) -> Iterator[pb.JournalLine]:
    """Yield what to book, by your codes if you gave some; in every period debits equal credits."""
    last, codes = Standing(), codes_of(ledger.contract)
    taxes, debts = _taxes(ledger.contract), _debts(ledger.contract)
    for number, standing in enumerate(ledger.standings()):
        entries = [
            *_revenue(ledger, number, last, standing, taxes[number]),
            *_beside(ledger, number, taxes[number], debts[number]),
            *_costs(ledger, number),
        ]
        for account, debit, code in entries:
            if debit:
                yield pb.JournalLine(
                    period_id=ledger.contract.facts.periods[number].id,
                    account=account,
                    debit=ledger.money(debit) if debit > 0 else None,
                    credit=ledger.money(-debit) if debit < 0 else None,
                    code=code or codes.get(account, ""),
                )
        last = standing


def codes_of(contract: Contract) -> Mapping[int, str]:
    """Return your code for each account: the question's, else that of the rules."""
    codes: dict[int, str] = {
        words.number_of(pb.RevenueAccount, name): code
        for name, code in contract.parameters.accounts.items()
    }
    for row in contract.facts.accounts:
        codes[row.account] = row.code
    return codes


def is_balanced(lines: Sequence[pb.JournalLine]) -> bool:
    """Return whether debits equal credits in every period."""
    sums: dict[str, int] = {}
    for line in lines:
        debit = to_minor(line.debit) if line.HasField("debit") else -to_minor(line.credit)
        sums[line.period_id] = sums.get(line.period_id, 0) + debit
    return not any(sums.values())


def _revenue(
    ledger: Ledger, number: int, last: Standing, now: Standing, tax: int
) -> Iterator[Entry]:
    """What belongs to the price."""
    asset, cost = ledger.asset[number], ledger.cost[number]
    yield pb.REVENUE_ACCOUNT_RECEIVABLE, ledger.invoiced[number] + tax, ""
    for code, revenue in _by_code(ledger, number).items():
        yield pb.REVENUE_ACCOUNT_REVENUE, -revenue, code
    yield pb.REVENUE_ACCOUNT_DEFERRED_REVENUE, max(last.net, 0) - max(now.net, 0), ""
    yield pb.REVENUE_ACCOUNT_CONTRACT_ASSET, max(-now.net, 0) - max(-last.net, 0), ""
    yield pb.REVENUE_ACCOUNT_REFUND_LIABILITY, last.liability - now.liability, ""
    yield pb.REVENUE_ACCOUNT_RETURN_ASSET, asset, ""
    yield pb.REVENUE_ACCOUNT_COST_OF_SALES, cost, ""
    yield pb.REVENUE_ACCOUNT_INVENTORY, -asset - cost, ""


def _beside(ledger: Ledger, number: int, tax: int, bad: int) -> Iterator[Entry]:
    """What is not part of the price: interest, tax, and what customers will not pay."""
    interest = ledger.contract.interest
    if interest is not None:
        yield pb.REVENUE_ACCOUNT_INTEREST_INCOME, -interest.income[number], ""
        yield pb.REVENUE_ACCOUNT_INTEREST_EXPENSE, interest.expense[number], ""
    yield pb.REVENUE_ACCOUNT_TAX_PAYABLE, -tax, ""
    yield pb.REVENUE_ACCOUNT_BAD_DEBT_EXPENSE, bad, ""
    yield pb.REVENUE_ACCOUNT_ALLOWANCE, -bad, ""


def _costs(ledger: Ledger, number: int) -> Iterator[Entry]:
    """Costs of obtaining the contract."""
    capitalized, expensed, amortized, impaired = (
        sum(column[number] for column in columns)
        for columns in (
            [cost.capitalized for cost in ledger.costs],
            [cost.expensed for cost in ledger.costs],
            [cost.amortized for cost in ledger.costs],
            [cost.impaired for cost in ledger.costs],
        )
    )
    yield pb.REVENUE_ACCOUNT_CONTRACT_COST, capitalized - amortized - impaired, ""
    yield pb.REVENUE_ACCOUNT_CONTRACT_COST_EXPENSE, expensed + amortized, ""
    yield pb.REVENUE_ACCOUNT_IMPAIRMENT_LOSS, impaired, ""
    yield pb.REVENUE_ACCOUNT_ACCRUED_COMMISSION, -capitalized - expensed, ""


def _taxes(contract: Contract) -> list[int]:
    """Return the tax of each period; that of credits goes back."""
    taxes = [0] * len(contract.calendar.ends)
    for invoice in contract.facts.invoices:
        if invoice.HasField("tax"):
            taxes[contract.calendar.index(day_number(invoice.on))] += to_minor(invoice.tax)
    for credit in contract.facts.credits:
        if credit.HasField("tax"):
            taxes[contract.calendar.index(known(credit, "on"))] += to_minor(credit.tax)
    return taxes


def _debts(contract: Contract) -> list[int]:
    """Return what became known of each period not to be paid."""
    debts = [0] * len(contract.calendar.ends)
    for debt in contract.facts.bad_debts:
        debts[contract.calendar.index(day_number(debt.on))] += to_minor(debt.amount)
    return debts


def _by_code(ledger: Ledger, number: int) -> dict[str, int]:
    """Return the revenue of a period by the code of its lines."""
    revenue: dict[str, int] = {}
    for obligation in ledger.obligations:
        code = ledger.contract.facts.lines[obligation.index].revenue_account
        revenue[code] = revenue.get(code, 0) + obligation.slots[number]
    return revenue
