"""Booking: what was recognised in periods that are closed."""

from collections.abc import Mapping

from dealgate.kinds.recognize.contract import Contract
from dealgate.model.days import day_number
from dealgate.model.money import to_minor


def booked_through(contract: Contract) -> tuple[int, Mapping[tuple[int, int], int]] | None:
    """Return how many periods are closed, and what was booked by obligation and period.

    None if nobody says what was booked: then closed periods are as they are computed.
    """
    facts = contract.facts
    if not facts.booked:
        return None
    periods = {period.id: number for number, period in enumerate(facts.periods)}
    rows: dict[tuple[int, int], int] = {}
    homes = {name: contract.indices([name])[:1] for name in {row.line_id for row in facts.booked}}
    for row in facts.booked:
        for index in homes[row.line_id]:
            key = index, periods[row.period_id]
            rows[key] = rows.get(key, 0) + to_minor(row.amount)
    return contract.calendar.index(day_number(facts.closed_through)) + 1, rows
