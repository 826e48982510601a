"""The default row of a table, its last: what it says if no other row holds.

Its cells are `else`: a row above that waits for facts leaves it open. Or `else, also if unknown`:
then each test above also asks whether its fact is known, so a row that waits does not hold.
"""

from collections.abc import Sequence

from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cell_doubts import FACT
from dealgate.rulebook.cell_values import CellFault
from dealgate.rulebook.cells import ANY
from dealgate.rulebook.document import Scalar

ELSE, ELSE_UNKNOWN = "else", "else, also if unknown"
# Cells that ask whether a fact is known, which is never unknown.
ASKING = {"known", "unknown"}


def is_default(cell: Scalar) -> bool:
    """Tell whether a cell is one of a default row."""
    return cell.value in {ELSE, ELSE_UNKNOWN}


def passes_over(rows: Sequence[Sequence[Scalar]]) -> bool:
    """Tell whether the last row counts although a row above it is unknown."""
    return any(cell.value == ELSE_UNKNOWN for row in rows[-1:] for cell in row)


def check_default(cell: Scalar, *, is_last: bool) -> None:
    """Raise CellFault if a cell of a default row stands elsewhere."""
    if is_default(cell) and not is_last:
        hint = f'write `-` for anything, and a text in quotes: """{ELSE}"""'
        raise CellFault(0, f"`{ELSE}` stands in the last row alone", hint)


def check_stated(cell: Scalar, *, passing_over: bool) -> None:
    """Raise CellFault if a condition stands where it must be asked whether facts are known."""
    if passing_over and cell.value not in ANY:
        message = "whether its facts are known cannot be asked of a condition"
        hint = f"write has(…) && … in it, and let the last row say `{ELSE}`"
        raise CellFault(0, message, hint)


def known_too(cell: Scalar, column: Column, said: str) -> str:
    """Return the test of a cell, false where its fact is not known. Raises CellFault."""
    if cell.value in ANY or not said or cell.value in ASKING:
        return said
    if not FACT.fullmatch(column.operand):
        message = f"whether {column.operand} is known cannot be asked, and the last row needs it"
        raise CellFault(0, message, f"let the last row say `{ELSE}`, or ask facts themselves")
    return f"has({column.operand}) && {said}"
