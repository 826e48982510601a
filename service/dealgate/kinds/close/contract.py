"""What every contract must satisfy, whatever the rules say: its term and its sums."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from google.type.money_pb2 import Money

from dealgate.model.days import day_number, months_later
from dealgate.model.gates.findings import GateFinding, block
from dealgate.model.malformed import plain_decimal
from dealgate.model.money import from_minor, to_minor
from dealgate.model.ratio import Ratio
from dealgate.v1 import close_pb2 as pb

DATES = ("start_date", "end_date", "term_months")


def contract_findings(facts: pb.CloseFacts, totals: Sequence[int | None]) -> Iterator[GateFinding]:
    """Yield what is wrong with the contract of a deal that is to be won; `totals` of its items."""
    yield from _term(facts.contract)
    yield from _total(facts, totals)
    for index, item in enumerate(facts.items):
        yield from _item(f"items[{index}]", item, facts.contract)


def term_ends(contract: pb.SalesContract) -> tuple[int, ...]:
    """Return the last days that start and term may give, the usual one first; none: not known.

    It is a day before as many months are over. A term that begins on a day which the last month
    does not have, such as 29 February or 31 August, is over on that month's last day, and both
    conventions are in use: it ends the day before, or on that day.
    """
    if not (contract.HasField("start_date") and contract.HasField("term_months")):
        return ()
    start = contract.start_date
    return _ends(start.year, start.month, start.day, contract.term_months)


@lru_cache(maxsize=4096)
def _ends(year: int, month: int, day: int, months: int) -> tuple[int, ...]:
    """Return the last days of a term: contracts begin on the same few days, for as many months."""
    over = months_later(dt.date(year, month, day).toordinal(), months)
    is_shorter = dt.date.fromordinal(over).day < day
    return (over - 1, over) if is_shorter else (over - 1,)


def term_end(contract: pb.SalesContract) -> int | None:
    """Return the last day that start and term give: of two the one that the contract says."""
    ends = term_ends(contract)
    if len(ends) > 1 and contract.HasField("end_date"):
        end = day_number(contract.end_date)
        return end if end in ends else ends[0]
    return ends[0] if ends else None


def item_totals(facts: pb.CloseFacts) -> Sequence[int | None]:
    """Return what each item costs, in minor units; None if it does not say."""
    return [_total_of(item) for item in facts.items]


def items_total(totals: Sequence[int | None]) -> int | None:
    """Return the sum of all items in minor units; None if one does not say, or there are none."""
    return sum(filter(None, totals)) if totals and None not in totals else None


def computed(item: pb.ContractItem) -> int | None:
    """Return quantity times unit price, rounded half to even; None if one is not known."""
    exact = _exact(item)
    return None if exact is None else round(exact)


def _exact(item: pb.ContractItem) -> Fraction | int | None:
    quantity = plain_decimal(item.quantity)
    if quantity is None or not item.HasField("unit_price"):
        return None
    price, whole = to_minor(item.unit_price), int(quantity)
    if whole == quantity:
        return price * whole
    return price * Ratio(quantity)


def _differs(item: pb.ContractItem) -> bool:
    """Tell whether the total is not a nearest minor unit: a half may be rounded either way."""
    exact = _exact(item)
    if exact is None or not item.HasField("total"):
        return False
    above, below = exact.numerator, exact.denominator
    return 2 * abs(to_minor(item.total) * below - above) > below


def _total_of(item: pb.ContractItem) -> int | None:
    return to_minor(item.total) if item.HasField("total") else computed(item)


def _term(contract: pb.SalesContract) -> Iterator[GateFinding]:
    unknown = tuple(f"contract.{name}" for name in DATES if not contract.HasField(name))  # type: ignore[arg-type]
    if unknown:
        yield block("TERM_UNKNOWN", "A contract says when it runs.", missing=unknown)
    elif day_number(contract.end_date) not in term_ends(contract):
        yield block(
            "TERM_MISMATCH",
            "It ends a day before its months are over, and says another day.",
            field="contract.end_date",
            next_="Correct the start, the end or the term.",
        )


def _total(facts: pb.CloseFacts, totals: Sequence[int | None]) -> Iterator[GateFinding]:
    whole = items_total(totals)
    unknown: tuple[str, ...] = () if facts.contract.HasField("total") else ("contract.total",)
    if not facts.items:
        unknown = (*unknown, "items")
    unknown += tuple(f"items[{index}].total" for index, total in enumerate(totals) if total is None)
    if unknown:
        yield block("TOTAL_UNKNOWN", "A contract says what it costs, by item.", missing=unknown)
    elif whole != to_minor(facts.contract.total):
        yield block(
            "TOTAL_MISMATCH",
            "The items do not add up to the contract's total.",
            field="contract.total",
            next_="Correct the items or the total, to the last cent.",
        )


def _item(path: str, item: pb.ContractItem, contract: pb.SalesContract) -> Iterator[GateFinding]:
    if _differs(item):
        yield block(
            "ITEM_TOTAL_MISMATCH",
            "Quantity times unit price is another amount.",
            field=f"{path}.total",
            next_="Correct the item.",
        )
    early = item.HasField("start_date") and contract.HasField("start_date")
    late = item.HasField("end_date") and contract.HasField("end_date")
    early = early and day_number(item.start_date) < day_number(contract.start_date)
    late = late and day_number(item.end_date) > day_number(contract.end_date)
    if early or late:
        yield block(
            "ITEM_OUTSIDE_TERM",
            "The item is served outside of the contract's term.",
            field=f"{path}.start_date" if early else f"{path}.end_date",
            next_="Correct the dates of the item or of the contract.",
        )


def bounded(item: pb.ContractItem, units_max: int) -> bool:
    """Return whether quantity times unit price is at most that many units."""
    quantity = abs(plain_decimal(item.quantity) or Decimal(0))
    most: Decimal = quantity * (abs(item.unit_price.units) + 1)
    return most <= units_max


def total_message(facts: pb.CloseFacts, totals: Sequence[int | None]) -> Money | None:
    """Return the sum of all items, which cost `totals`, as money, or None."""
    whole = items_total(totals)
    if whole is None:
        return None
    first = facts.items[0]
    return from_minor(whole, (first.total.currency_code or first.unit_price.currency_code))
