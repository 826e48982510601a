"""Owing: what of a contract will be paid back on a day, whatever the reason (32-10)."""

from collections.abc import Sequence
from dataclasses import dataclass

from dealgate.kinds.recognize.contract import Contract, added_ids
from dealgate.kinds.recognize.fees import terms_of
from dealgate.kinds.recognize.variables import Variable


@dataclass(frozen=True, slots=True)
class Standing:
    """How a contract stands on a day, in minor units.

    `worth` is what its obligations are worth, use included; `credited` is what credits took in
    all, `returned` what they took of expected returns, `rebates` of those.
    """

    worth: int
    credited: int
    returned: int
    rebates: int


def rebates(variables: Sequence[Variable], day: int) -> int:
    """Return the rebates that are expected on the day, those that were paid included."""
    revised = {later.revises for later in variables if later.known <= day}
    return sum(
        max(-variable.included, 0)
        for number, variable in enumerate(variables)
        if variable.known <= day and number not in revised
    )


def beyond(contract: Contract, day: int, standing: Standing) -> int:
    """Return what was invoiced beyond the price and any rebate.

    While use can still be charged, such an invoice is a prepayment.
    """
    if _may_be_used(contract, day):
        return 0
    due = contract.bills.until(day) - standing.credited + standing.returned
    unpaid = max(rebates(contract.variables, day) - standing.rebates, 0)
    return max(due - standing.worth - unpaid, 0)


def _may_be_used(contract: Contract, day: int) -> bool:
    """Return whether there is a line in service on the day that is charged by use."""
    added = added_ids(contract.facts)
    return any(
        line.HasField("overage_price")
        and (line.id not in added or contract.born[index] <= day)
        and day <= terms_of(contract.facts, line)(day)[1]
        for index, line in enumerate(contract.facts.lines)
    )
