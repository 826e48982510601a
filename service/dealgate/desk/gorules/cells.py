"""Cells of a decision table: ours where they test their column alone, else a condition in CEL."""

import re
from collections.abc import Sequence
from decimal import Decimal

from dealgate.desk.gorules.cel import Writer
from dealgate.desk.gorules.terms import Scalar, Shape, Term, both
from dealgate.desk.gorules.zen_parser import SELF
from dealgate.desk.gorules.zen_tree import Interval, Items, Literal, Node, Pair, Prefixed

PLAIN = re.compile(r"[^\"\\\n]*")
ORDERED = frozenset({"<", "<=", ">", ">="})


def cell_of(test: Node, column: Term, writer: Writer) -> tuple[str, str]:
    """Return a cell, and a condition beside it; each may be empty. Raises NotSaid."""
    column = _typed(test, column)
    plain = not column.needs and (not column.has or _names_texts(test))
    cell = _cell(test, column.shape) if plain else None
    if cell is not None and not (cell == "unknown" and not column.is_fact):
        return cell, ""
    return "", both(column.needs, writer.test(test))


def _names_texts(test: Node) -> bool:
    """Whether a test is of texts that are not empty: none that is missing equals them."""
    match test:
        case Pair("or", left, right):
            return _names_texts(left) and _names_texts(right)
        case Pair("==", _, Literal(str() as text)):
            return bool(text)
    return False


def _typed(test: Node, column: Term) -> Term:
    """Learn the type of a column from what its cell compares it with."""
    match test:
        case Pair("and" | "or", left, _):
            return _typed(left, column)
        case Pair(_, left, right) if left == SELF:
            shape = _shape(right)
            return column.as_(shape) if shape else column
    return column


def _shape(node: Node) -> Scalar | None:
    match node:
        case Literal(bool()):
            return "bool"
        case Literal(Decimal()) | Interval():
            return "number"
        case Literal(str()):
            return "text"
        case Prefixed("-", _):
            return "number"
        case Items((first, *_)):
            return _shape(first)
    return None


def _cell(test: Node, shape: Shape) -> str | None:
    """Return a test of `$` alone as a cell of ours; None: it has none."""
    match test:
        case Pair("or", _, _):
            return _list(_values(test), shape)
        case Pair("and", Pair(low, a, least), Pair(high, b, most)) if a == b == SELF:
            return _between(low, least, high, most)
        case Pair(operator, left, right) if left == SELF:
            return _compared(operator, right, shape)
    return None


def _compared(operator: str, right: Node, shape: Shape) -> str | None:
    match operator, right:
        case "in", Interval(low, high, has_low, has_high, False):
            return _range(low, high, has_low=has_low, has_high=has_high)
        case "in" | "not in", Items(items):
            listed = _list(items, shape)
            return listed and (listed if operator == "in" else f"not({listed})")
        case "==" | "!=", Literal(None):
            return "unknown" if operator == "==" else "known"
        case "==" | "!=", _:
            value = _value(right, shape)
            return value and (value if operator == "==" else f"not({value})")
    value = _value(right, "number") if operator in ORDERED else None
    return value and f"{operator} {value}"


def _values(test: Node) -> list[Node]:
    """Return the values that a test lists; None among them: something else."""
    match test:
        case Pair("or", left, right):
            return [*_values(left), *_values(right)]
        case Pair("==", left, right) if left == SELF:
            return [right]
    return [test]


def _list(items: Sequence[Node], shape: Shape) -> str | None:
    values = [_value(each, shape) for each in items]
    return ", ".join(map(str, values)) if values and all(values) else None


def _value(node: Node, shape: Shape) -> str | None:
    match node:
        case Literal(bool() as value) if shape == "bool":
            return "true" if value else "false"
        case Literal(Decimal() as value) if shape == "number":
            return f"{value:f}"
        case Prefixed("-", Literal(Decimal() as value)) if shape == "number":
            return f"{-value:f}"
        case Literal(str() as value) if shape == "text" and PLAIN.fullmatch(value):
            return f'"{value}"'
    return None


def _range(low: Node, high: Node, *, has_low: bool, has_high: bool) -> str | None:
    least, most = _value(low, "number"), _value(high, "number")
    if least is None or most is None:
        return None
    return f"{'[' if has_low else '('}{least}..{most}{']' if has_high else ')'}"


def _between(low: str, least: Node, high: str, most: Node) -> str | None:
    if low in {">", ">="} and high in {"<", "<="}:
        return _range(least, most, has_low=low == ">=", has_high=high == "<=")
    return None
