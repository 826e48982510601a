"""The journal: what to book in each period; debits equal credits in each."""

from collections.abc import Iterator, Sequence

from dealgate.kinds.recognize.balances import Ledger, Standing
from dealgate.model.money import to_minor
from dealgate.v1 import recognize_pb2 as pb


def journal(ledger: Ledger) -> Iterator[pb.JournalLine]:
    """Yield what to book; in every period debits equal credits."""
    last = Standing()
    for number, standing in enumerate(ledger.standings()):
        for account, debit in _entries(ledger, number, last, standing):
            if debit:
                yield pb.JournalLine(
                    period_id=ledger.contract.facts.periods[number].id,
                    account=account,
                    debit=ledger.money(debit) if debit > 0 else None,
                    credit=ledger.money(-debit) if debit < 0 else None,
                )
        last = standing


def is_balanced(lines: Sequence[pb.JournalLine]) -> bool:
    """Return whether debits equal credits in every period."""
    sums: dict[str, int] = {}
    for line in lines:
        debit = to_minor(line.debit) if line.HasField("debit") else -to_minor(line.credit)
        sums[line.period_id] = sums.get(line.period_id, 0) + debit
    return not any(sums.values())


def _entries(
    ledger: Ledger, number: int, last: Standing, now: Standing
) -> Iterator[tuple[pb.RevenueAccount.ValueType, int]]:
    asset, cost = ledger.asset[number], ledger.cost[number]
    yield pb.REVENUE_ACCOUNT_RECEIVABLE, ledger.invoiced[number]
    yield pb.REVENUE_ACCOUNT_REVENUE, -ledger.revenue[number]
    yield pb.REVENUE_ACCOUNT_DEFERRED_REVENUE, max(last.net, 0) - max(now.net, 0)
    yield pb.REVENUE_ACCOUNT_CONTRACT_ASSET, max(-now.net, 0) - max(-last.net, 0)
    yield pb.REVENUE_ACCOUNT_REFUND_LIABILITY, last.liability - now.liability
    yield pb.REVENUE_ACCOUNT_RETURN_ASSET, asset
    yield pb.REVENUE_ACCOUNT_COST_OF_SALES, cost
    yield pb.REVENUE_ACCOUNT_INVENTORY, -asset - cost
