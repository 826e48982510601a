"""What the answer says of obligations and the price, and the proof that nothing was lost."""

from collections.abc import Sequence

from google.type.money_pb2 import Money

from dealgate.kinds.recognize.allocation import Allocated
from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.settling import Settled
from dealgate.kinds.recognize.standalone import RESIDUAL
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import recognize_pb2 as pb


def obligation(
    contract: Contract, one: Settled, allocated: Allocated | None
) -> pb.PerformanceObligation:
    """Return an obligation; `allocated` is None for a line that a modification added."""
    line = contract.facts.lines[one.place]
    answer = pb.PerformanceObligation(
        line_id=line.id,
        combined_line_ids=[contract.facts.lines[part].id for part in contract.combined[one.place]],
        pattern=line.pattern,
        total=_money(contract, sum(one.slots)),
        unscheduled=_money(contract, one.slots[contract.calendar.waiting]),
        cancelled=_money(contract, one.slots[contract.calendar.cancelled]),
        schedule=[
            pb.PeriodAmount(period_id=period.id, amount=_money(contract, one.slots[place]))
            for place, period in enumerate(contract.facts.periods)
            if one.slots[place]
        ],
    )
    if allocated is not None:
        _describe(answer, contract, allocated)
    return answer


def _describe(answer: pb.PerformanceObligation, contract: Contract, allocated: Allocated) -> None:
    answer.allocated.CopyFrom(_money(contract, allocated.amount))
    answer.method = allocated.standalone.method
    price = allocated.standalone.price
    if price is not None:
        answer.standalone_price.CopyFrom(_money(contract, round(price)))
    elif allocated.standalone.method == RESIDUAL:
        answer.standalone_price.CopyFrom(_money(contract, allocated.amount))


def transaction_price(contract: Contract, obligations: Sequence[Settled]) -> pb.TransactionPrice:
    """Return what the contract is worth, from its parts and not from the schedules."""
    facts = contract.facts
    parts = {
        "fixed": contract.fixed,
        "variable": sum(one.included for one in contract.variable),
        "modified": sum(to_minor(one.price_change) for one in facts.modifications),
        "credited": sum(to_minor(one.amount) for one in facts.credits),
        "returns": -sum(sum(one.liability) for one in obligations),
        "overage": sum(one.overage for one in obligations),
    }
    parts["total"] = sum(parts.values())
    return pb.TransactionPrice(**{name: _money(contract, part) for name, part in parts.items()})


def reconciliation(
    contract: Contract, obligations: Sequence[Settled], outcome: pb.RecognizeOutcome
) -> pb.ScheduleReconciliation:
    """Set the schedules beside the price, and the debits beside the credits."""
    count = len(contract.calendar.ends)
    scheduled = sum(sum(one.slots[:count]) for one in obligations)
    waiting = sum(one.slots[contract.calendar.waiting] for one in obligations)
    cancelled = sum(one.slots[contract.calendar.cancelled] for one in obligations)
    whole = to_minor(outcome.transaction_price.total)
    return pb.ScheduleReconciliation(
        scheduled=_money(contract, scheduled),
        unscheduled=_money(contract, waiting),
        cancelled=_money(contract, cancelled),
        total=outcome.transaction_price.total,
        balanced=scheduled + waiting + cancelled == whole and is_balanced(outcome.journal),
    )


def is_balanced(journal: Sequence[pb.JournalLine]) -> bool:
    """Return whether debits equal credits in every period."""
    sums: dict[str, int] = {}
    for line in journal:
        debit = to_minor(line.debit) if line.HasField("debit") else -to_minor(line.credit)
        sums[line.period_id] = sums.get(line.period_id, 0) + debit
    return not any(sums.values())


def _money(contract: Contract, amount: int) -> Money:
    return from_minor(amount, contract.currency)
