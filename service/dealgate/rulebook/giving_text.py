"""Rows of a table that tells a fact, as one expression: one within the other, or added up."""

from collections.abc import Sequence
from typing import TypeAlias

from dealgate.model.rules import HitPolicy
from dealgate.rulebook.columns import AND, FromCells
from dealgate.rulebook.document import Scalar
from dealgate.rulebook.written import Written

ADDING = (HitPolicy.SUM, HitPolicy.COUNT)
# What rows that do not hold add to a sum, by its type.
NOTHING = {
    "int": "0",
    "double": "0.0",
    "duration": 'duration("0s")',
    "google.type.Decimal": 'decimal("0")',
}
# The tests of a row's cells, and what it tells: the cell, the expression and its type.
RowTold: TypeAlias = tuple[Sequence[tuple[Scalar, str]], tuple[Scalar, str, str]]


def chained(rows: Sequence[RowTold], rest: str, hit: HitPolicy) -> Written:
    """Write rows one within the other; `rest` names the fact that goes on if none holds."""
    if hit in ADDING:
        return _sum(rows, rest)
    text, parts = "", list[tuple[int, Scalar]]()
    for row, (cell, value, _) in rows:
        for index, (test, said) in enumerate(row):
            text += AND if index else ""
            parts.append((len(text), test))
            text += said
        text += " ? " if row else ""
        parts.append((len(text), cell))
        text += f"{value} : " if row else value
    return FromCells(text + rest, tuple(parts))


def _sum(rows: Sequence[RowTold], rest: str) -> Written:
    """Write the rows that hold side by side; `rest` names the sum of later ones."""
    text, parts = "", list[tuple[int, Scalar]]()
    for row, (cell, value, type_) in rows:
        parts.append((len(text), row[0][0] if row else cell))
        text += " + (" if text else "("
        for index, (test, said) in enumerate(row):
            text += AND if index else ""
            parts.append((len(text), test))
            text += said
        parts.append((len(text), cell))
        text += f" ? {value} : {NOTHING[type_]})" if row else f"{value})"
    return FromCells(f"{text} + {rest}" if rest else text, tuple(parts))
