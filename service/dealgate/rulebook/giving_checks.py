"""What rows of a table that tells a fact must have in common, and how they must end."""

from collections.abc import Sequence

from dealgate.model.faults import Fault
from dealgate.model.rules import HitPolicy
from dealgate.rulebook.defaults import ELSE, is_default
from dealgate.rulebook.document import Scalar
from dealgate.rulebook.giving_text import ADDING, NOTHING
from dealgate.rulebook.sheet import Row


def check_ends(
    tests: Sequence[Sequence[tuple[Scalar, str]]],
    rows: Sequence[Row],
    hit: HitPolicy,
    faults: list[Fault],
) -> None:
    """The last row holds if no other does, and it alone; a sum needs none."""
    if hit in ADDING:
        default = next(filter(is_default, rows[-1]), None)
        if default is not None:
            message = f"hit: {hit.value} has no default: if no row holds, it is 0"
            faults.append(default.fault(message, "delete the row"))
        return
    for number, row in enumerate(rows[:-1]):
        if not tests[number]:
            message = f"row {number + 1}: it always holds, so no row below it is ever reached"
            faults.append(row[0].fault(message, "write it last"))
    last = rows[-1]
    if tests[-1]:
        message = "the fact has no value if no row matches"
        hint = f"end with a row whose cells are `{ELSE}`: the fact needs a value"
        faults.append(last[0].fault(message, hint))


def check_types(
    values: Sequence[tuple[Scalar, str, str] | None], hit: HitPolicy, faults: list[Fault]
) -> None:
    """All values are of one type; what is summed can be."""
    told = [value for value in values if value is not None]
    first = told[0][2]
    for number, (cell, _, type_) in enumerate(told, 1):
        if type_ != first:
            message = f"row {number}: this is a {_short(type_)}, and row 1 gives a {_short(first)}"
            faults.append(cell.fault(message, "give all rows the same type"))
    if hit is HitPolicy.SUM and first not in NOTHING:
        message = f"hit: {hit.value}: nothing sums a {_short(first)}"
        faults.append(told[0][0].fault(message, "sum numbers, decimals or spans of time"))


def _short(type_: str) -> str:
    return type_.rsplit(".", 1)[-1]
