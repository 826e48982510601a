"""Plain contracts, as most are: plain lines, the periods that hold them, and nothing else.

One pass shows that nothing is wrong with a plain contract; the checks examine others.
"""

from collections.abc import Sequence
from typing import Any

from google.type.money_pb2 import Money

from dealgate.kinds.recognize.calendar import Calendar, sound_calendar
from dealgate.kinds.recognize.plain import FIELDS, NEEDED, told
from dealgate.kinds.recognize.sizes import FACTS, WORK_MAX
from dealgate.model.amounts import SUM_MAX
from dealgate.model.checks import ID_LENGTH, are_usual_ids
from dealgate.model.days import day_number
from dealgate.v1 import recognize_pb2 as pb

# What a plain contract may tell, and a line of one: nothing that is held against anything else.
TOLD = frozenset({"contract", "lines", "periods"})
TERMS = frozenset(
    (
        *("id", "signed_on", "approved", "collectible", "terminable_without_penalty"),
        *("financing_months", "properties"),
    )
)
ALONE = (FIELDS - {"contract_id", "revenue_account"}) | {"standalone_price"}
# The one way to tell what a line sells for alone that nothing else is held against.
OBSERVED = frozenset({"observable"})


def is_plain_contract(facts: pb.RecognizeFacts) -> bool:
    """Tell at one look that nothing is wrong with a contract, as is nearly always so."""
    contract, lines = facts.contract, facts.lines
    if not (told(facts).keys() <= TOLD and told(contract).keys() <= TERMS and lines):
        return False
    size = len(lines), len(facts.periods)
    if size[0] > FACTS["lines"] or size[1] > FACTS["periods"] or size[0] * size[1] > WORK_MAX:
        return False
    calendar = sound_calendar(facts.periods)
    return (
        calendar is not None
        and 0 < len(contract.id) <= ID_LENGTH
        and not (contract.HasField("signed_on") and _is_after(contract, calendar))
        and are_usual_ids([line.id for line in lines])
        and _are_alone(lines, calendar)
    )


def _is_after(contract: pb.RevenueContract, calendar: Calendar) -> bool:
    return day_number(contract.signed_on) > calendar.ends[-1]


def _are_alone(lines: Sequence[pb.RevenueLine], calendar: Calendar) -> bool:
    """Tell whether lines are plain, within the calendar, and priced in one currency."""
    first, last, currency = calendar.starts[0], calendar.ends[-1], lines[0].price.currency_code
    units = 0
    for line in lines:
        given = told(line)
        if not NEEDED <= given.keys() <= ALONE:
            return False
        amounts = _amounts(given)
        if given["pattern"] != pb.RECOGNITION_PATTERN_RATABLE or not amounts:
            return False
        if not first <= day_number(given["start"]) <= day_number(given["end"]) <= last:
            return False
        for amount in amounts:
            if amount.currency_code != currency or amount.units < 0 or amount.nanos < 0:
                return False
            units += amount.units + 1
    return units <= SUM_MAX


def _amounts(given: dict[str, Any]) -> list[Money]:
    """Return the amounts of a line that is plain; none: it has no price, or more is told of it."""
    price, alone = given.get("price"), given.get("standalone_price")
    if price is None or alone is None:
        return [price] if price is not None else []
    return [price, alone.observable] if told(alone).keys() == OBSERVED else []
