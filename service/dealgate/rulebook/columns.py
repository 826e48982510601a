"""Columns of decision tables that ask something: a header is a CEL expression, cells are tests."""

from collections.abc import Mapping
from typing import Protocol

from dealgate.model.faults import Fault
from dealgate.model.rules import Expression
from dealgate.rulebook.cell_columns import Column, operand, short_names
from dealgate.rulebook.cell_values import READERS
from dealgate.rulebook.cells import ANY
from dealgate.rulebook.document import Node, Scalar
from dealgate.rulebook.written import Written

ID, BECAUSE = "id", "because"
WHEN = "when"  # a column whose cells are conditions, each with facts of its own
AND = " && "


class Names(Protocol):
    """What expressions of a rule set may mention."""

    @property
    def constant_types(self) -> Mapping[str, str]:
        """The constants with their types."""

    @property
    def fact_names(self) -> frozenset[str]:
        """What the kind's facts are called."""

    def check(
        self,
        node: Node,
        subject: str,
        expected: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Expression | None:
        """Return the expression in `node`, typed; None if it has faults, which are added."""


class FromCells(Written):
    """An expression put together from cells: what is wrong in it stands at one of them."""

    def fault(self, offset: int, message: str, hint: str = "") -> Fault:
        """Return a fault at the cell that the text at `offset` came from."""
        _, cell = [part for part in self.parts if part[0] <= max(offset, 0)][-1]
        return cell.fault(message, hint)


def stated(cell: Scalar, names: Names, subject: str, variables: Mapping[str, str]) -> str:
    """Return the condition in a cell below `when`; empty: it says nothing, or has faults."""
    if cell.value in ANY:
        return ""
    typed = names.check(cell, f"{subject}: {WHEN}", "bool", variables)
    return "" if typed is None else f"({typed.source})"


def column_of(
    header: Scalar, names: Names, variables: Mapping[str, str], faults: list[Fault]
) -> tuple[Expression, Column] | None:
    """Return what a column asks; None if its header has faults, which are added."""
    subject = f"column {header.value}"
    expression = names.check(header, subject, None, variables)
    if expression is None:
        return None
    if expression.type in READERS:
        enum, constants = short_names(expression.enum), names.constant_types
        text = operand(expression.source)
        return expression, Column(text, expression.type, enum, constants, names.fact_names)
    short = expression.type.rsplit(".", 1)[-1]
    message = f"{subject}: cells cannot say anything about a {short}"
    faults.append(header.fault(message, "name a single value, such as one of its fields"))
    return None
