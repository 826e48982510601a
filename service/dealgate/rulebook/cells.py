"""Cells of decision tables: DMN's unary tests, typed by their column, become CEL conditions.

- or empty            anything          DE                    this value
>= 250  < 5  != 5     compared          DE, FR                one of these
[50..250)  (1..5]     between           not(DE, FR)           none of these
known  unknown        whether it is     in core_markets       one of a constant list
"""

from collections.abc import Sequence
from dataclasses import replace

from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cell_lexemes import EXAMPLES
from dealgate.rulebook.cell_reader import CellReader
from dealgate.rulebook.cell_values import CellFault
from dealgate.rulebook.foreign import foreign
from dealgate.rulebook.habits import anywhere, unseen
from dealgate.rulebook.spans import Allowed, Span
from dealgate.rulebook.text_doubts import whole_test

ANY = {"", "-"}


def condition(cell: str, column: Column) -> str:
    """Return what a cell says, as CEL; empty: nothing. Raises CellFault."""
    if cell in ANY:
        return ""
    if hidden := unseen(cell):
        raise CellFault(*hidden)
    spoilt = anywhere(cell) if not cell.startswith(('"', "'")) else None
    if spoilt:
        raise CellFault(0, *spoilt)
    is_text = column.type == "string" and not column.enum
    names = {*column.constants, *column.enum}
    elsewhere = None if cell in names else (whole_test if is_text else foreign)(cell)
    if elsewhere:
        raise CellFault(0, *elsewhere)
    read = CellReader(cell, column)
    said = read.read()
    if column.allowed is not None:
        column.allowed.check(read.spans)
    return said


def named_in(cell: str, column: Column) -> Sequence[Span]:
    """Return the values and ranges that a cell lists; raises CellFault if it says anything else."""
    # A list of values has no tests: what stands there is text.
    read = CellReader(cell, replace(column, allowed=Allowed([Span(0, cell)])))
    read.read()
    if read.spans and not read.denies:
        return read.spans
    raise CellFault(0, f"'{cell}' is not a value, nor a range of values", EXAMPLES)
