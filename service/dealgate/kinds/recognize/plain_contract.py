"""Plain contracts, as most are: plain lines, the periods that hold them, and nothing else.

Of a plain contract is known at one look that nothing is wrong with it; the checks look at others.
"""

from collections.abc import Sequence

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
ALONE = FIELDS - {"contract_id", "revenue_account"}


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
        price = given.get("price")
        if price is None or not NEEDED <= given.keys() <= ALONE:
            return False
        if given["pattern"] != pb.RECOGNITION_PATTERN_RATABLE or price.currency_code != currency:
            return False
        if not first <= day_number(given["start"]) <= day_number(given["end"]) <= last:
            return False
        if price.units < 0 or price.nanos < 0:
            return False
        units += price.units + 1
    return units <= SUM_MAX
