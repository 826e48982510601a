"""What the answer says of obligations and the price, and the proof that nothing was lost."""

from collections.abc import Iterator, Sequence

from google.type.money_pb2 import Money

from dealgate.kinds.recognize.allocation import Allocated
from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.journal import is_balanced
from dealgate.kinds.recognize.patterns import is_metered
from dealgate.kinds.recognize.settling import Settled
from dealgate.kinds.recognize.standalone import RESIDUAL
from dealgate.kinds.recognize.timeline import Timeline
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import recognize_pb2 as pb
from dealgate.v1.gate_pb2 import REASON_SEVERITY_INFO


def obligation(
    contract: Contract, settled: Settled, allocated: Allocated | None
) -> pb.PerformanceObligation:
    """Return an obligation; `allocated` is None for a line that a modification added."""
    line = contract.facts.lines[settled.index]
    parts = contract.obligations.parts[settled.index]
    answer = pb.PerformanceObligation(
        line_id=line.id,
        combined_line_ids=[contract.facts.lines[part].id for part in parts],
        pattern=line.pattern,
        total=_money(contract, sum(settled.slots)),
        unscheduled=_money(contract, settled.slots[contract.calendar.waiting]),
        cancelled=_money(contract, settled.slots[contract.calendar.cancelled]),
        schedule=[
            pb.PeriodAmount(period_id=period.id, amount=_money(contract, settled.slots[slot]))
            for slot, period in enumerate(contract.facts.periods)
            if settled.slots[slot]
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


def transaction_price(timeline: Timeline, obligations: Sequence[Settled]) -> pb.TransactionPrice:
    """Return what the contract is worth, from its parts and not from the schedules."""
    contract = timeline.contract
    facts, taken = contract.facts, [taken for _, taken in timeline.taken]
    interest = contract.interest.total if contract.interest else 0
    parts = {
        "fixed": contract.fixed + interest,
        "financing": -interest,
        "variable": sum(contract.variables[number].included for number in timeline.active),
        "modified": sum(to_minor(change.price_change) for change in facts.modifications),
        "credited": sum(to_minor(credit.amount) for credit in facts.credits),
        "returns": -sum(sum(obligation.liability) for obligation in obligations),
        "overage": sum(obligation.overage for obligation in obligations),
        "settled": sum(credit.rebates + credit.beyond for credit in taken),
    }
    parts["total"] = sum(parts.values())
    return pb.TransactionPrice(**{name: _money(contract, part) for name, part in parts.items()})


def reconciliation(
    contract: Contract, obligations: Sequence[Settled], outcome: pb.RecognizeOutcome
) -> pb.ScheduleReconciliation:
    """Set the schedules beside the price, and the debits beside the credits."""
    count = len(contract.calendar.ends)
    scheduled = sum(sum(obligation.slots[:count]) for obligation in obligations)
    waiting = sum(obligation.slots[contract.calendar.waiting] for obligation in obligations)
    cancelled = sum(obligation.slots[contract.calendar.cancelled] for obligation in obligations)
    whole = to_minor(outcome.transaction_price.total)
    return pb.ScheduleReconciliation(
        scheduled=_money(contract, scheduled),
        unscheduled=_money(contract, waiting),
        cancelled=_money(contract, cancelled),
        total=outcome.transaction_price.total,
        balanced=scheduled + waiting + cancelled == whole and is_balanced(outcome.journal),
    )


def catch_ups(timeline: Timeline) -> Iterator[pb.CatchUp]:
    """Yield what falls into a period although it belongs to earlier ones, by fact and line."""
    contract = timeline.contract
    facts, calendar = contract.facts, contract.calendar
    for index in sorted(timeline.tracks):
        pieces = [*timeline.tracks[index].pieces, *timeline.fees[index].pieces]
        amounts: dict[tuple[str, int], int] = {}
        for piece in pieces:
            if piece.caught and piece.span is not None:
                key = piece.caught, calendar.index(piece.span.first)
                amounts[key] = amounts.get(key, 0) + round(piece.amount)
        for (fact, slot), amount in amounts.items():
            if amount:
                yield pb.CatchUp(
                    field=fact,
                    line_id=facts.lines[index].id,
                    period_id=facts.periods[slot].id,
                    amount=_money(contract, amount),
                )


def late(contract: Contract, obligations: Sequence[Settled]) -> Iterator[pb.LateRevenue]:
    """Yield each closed period of each obligation that differs from what was booked in it."""
    facts = contract.facts
    for obligation in obligations:
        for slot, difference in obligation.late.items():
            yield pb.LateRevenue(
                line_id=facts.lines[obligation.index].id,
                period_id=facts.periods[slot].id,
                amount=_money(contract, difference),
            )


def _money(contract: Contract, amount: int) -> Money:
    return from_minor(amount, contract.currency)


def excluded(contract: Contract) -> Iterator[pb.ExcludedAmount]:
    """Yield what is booked and is not part of the price, by name."""
    facts = contract.facts
    for name in ("invoices", "credits"):
        for index, document in enumerate(getattr(facts, name)):
            if document.HasField("tax"):
                yield pb.ExcludedAmount(
                    exclusion=pb.EXCLUSION_TAX, field=f"{name}[{index}].tax", amount=document.tax
                )
    for index, debt in enumerate(facts.bad_debts):
        yield pb.ExcludedAmount(
            exclusion=pb.EXCLUSION_BAD_DEBT, field=f"bad_debts[{index}]", amount=debt.amount
        )
    if contract.interest is not None:
        yield pb.ExcludedAmount(
            exclusion=pb.EXCLUSION_INTEREST,
            field="financing",
            amount=_money(contract, contract.interest.total),
        )


def undated(timeline: Timeline) -> Iterator[pb.RevenueReason]:
    """Yield a reason for variable amounts that move with use because nobody says when they came."""
    contract = timeline.contract
    metered = [i for i in contract.first() if is_metered(contract.facts.lines[i])]
    numbers = []
    for number in timeline.active:
        variable = contract.variables[number]
        homes = contract.indices([variable.line])[:1] if variable.line else contract.first()
        if not variable.known and set(homes) <= set(metered):
            numbers.append(number)
    if numbers:
        yield pb.RevenueReason(
            code="KNOWN_ON_UNKNOWN",
            severity=REASON_SEVERITY_INFO,
            message="Without known_on it counts with the last use so far, and moves with it.",
            elements=numbers,
        )
