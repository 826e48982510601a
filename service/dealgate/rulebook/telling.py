"""What a table that tells a fact needs of its rows beyond their order.

`unique` and `any` promise that no two rows hold which tell different things, and `proof/telling.py`
proves it of the rows, kept as a table. `collect min` and `max` rank rows by what they tell, which
must be known when rules are read: a row that waits for facts then leaves open what it could change,
and no more.
"""

from collections.abc import Sequence
from typing import Any

from google.protobuf.empty_pb2 import Empty
from pydantic import BaseModel

from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.syntax import Tree
from dealgate.language.values import NoValue, Value
from dealgate.model.faults import Fault
from dealgate.model.rules import AnyTable, HitPolicy, Rule, Table
from dealgate.rulebook.columns import AND, FromCells
from dealgate.rulebook.document import Fields, Scalar
from dealgate.rulebook.scope import Scope
from dealgate.rulebook.written import Written

PROVED = (HitPolicy.UNIQUE, HitPolicy.ANY)
MONEY = "google.type.Money"
# What one of two values is the less of.
ORDERED = {
    *("int", "uint", "double", "timestamp", "duration"),
    *("google.type.Decimal", "google.type.Date", MONEY),
}

Tests = Sequence[tuple[Scalar, str]]
Row = tuple[Tests, tuple[Scalar, str, str]]


class Telling(BaseModel):
    """What a row tells, as CEL."""

    value: str


def table_of(entry: Fields, hit: HitPolicy, rows: Sequence[Row], scope: Scope) -> AnyTable:
    """Return the rows but the default one as a table of which `hit` is to be proved."""
    id_ = entry.get("id")
    name = id_.value if isinstance(id_, Scalar) else ""
    rules = [_rule(name, number, row, scope) for number, row in enumerate(rows[:-1], 1)]
    return Table(name, hit, (), rules, entry.location)


def _rule(table: str, number: int, row: Row, scope: Scope) -> Rule[Any]:
    text, parts = "", list[tuple[int, Scalar]]()
    for index, (cell, said) in enumerate(row[0]):
        text += AND if index else ""
        parts.append((len(text), cell))
        text += said
    when = scope.typed(FromCells(text, tuple(parts)), f"row {number}", "bool")
    cell, value, _ = row[1]
    return Rule(f"{table}/{number}", when, Telling(value=value), "", cell.location)


def in_order(
    rows: Sequence[Row], scope: Scope, faults: list[Fault], *, least: bool
) -> Sequence[Row] | None:
    """Return the rows by what they tell, the default row last; None if it has faults."""
    before = len(faults)
    type_ = rows[0][1][2]
    if type_ not in ORDERED:
        told = f"none of several {type_.rsplit('.', 1)[-1]} values is the least"
        faults.append(rows[0][1][0].fault(told, "give numbers, amounts or dates"))
        return None
    ranked = [(_value(row, number, scope, faults), row) for number, row in enumerate(rows[:-1], 1)]
    if len(faults) > before:
        return None
    currencies = {value[0] for value, _ in ranked} if type_ == MONEY else set()
    if len(currencies) > 1:
        told = f"none of amounts in {' and '.join(sorted(currencies))} is the least"
        faults.append(rows[0][1][0].fault(told, "give amounts in one currency"))
        return None
    ranked.sort(key=lambda pair: pair[0], reverse=not least)
    return [*(row for _, row in ranked), rows[-1]]


def _value(row: Row, number: int, scope: Scope, faults: list[Fault]) -> Any:
    cell = row[1][0]
    typed = scope.check(cell, f"row {number}")
    value: Value | None = None
    if typed is not None and scope.is_constant(Written(cell.value, ((0, cell),))):
        names = {n: compile_exact(Tree(c.ast))(NOTHING) for n, c in scope.constants.items()}
        value = compile_exact(Tree(typed.ast))(Frame(Empty(), names))
    if value is None or isinstance(value, NoValue):
        message = f"row {number}: this is computed, but rows are ranked by their values"
        hint = "write a value; for the smaller of two computed ones, use a fact: a < b ? a : b"
        faults.append(cell.fault(message, hint))
    return value


NOTHING = Frame(Empty(), {})
