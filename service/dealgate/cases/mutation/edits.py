"""Changes one node of a checked expression, and leaves the rest as it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dealgate.language import syntax
from dealgate.language.syntax import Node
from dealgate.language.v1 import checked_pb2

Checked: TypeAlias = Any
Change: TypeAlias = Callable[[Node, Checked], None]


@dataclass(frozen=True, slots=True)
class Edit:
    """One disturbance of an expression: the text `before` at `offset` became `after`.

    `node` is the id of the node that came to mean something else. `after` is empty if something
    was left out. `ast` is the whole expression after it.
    """

    node: int
    offset: int
    before: str
    after: str
    ast: bytes = field(repr=False)


def edited(ast: bytes, node: int, change: Change) -> bytes:
    """Return `ast` after `change` was made to the node of that id."""
    checked = checked_pb2.CheckedExpr.FromString(ast)
    target = next(candidate for candidate in syntax.walk(checked.expr) if candidate.id == node)
    change(target, checked)
    made: bytes = checked.SerializeToString(deterministic=True)
    return made


def replaced_by(other: Node) -> Change:
    """Put a copy of `other`, a node of the same expression, where the node was."""
    copied = _copy(other)
    return lambda node, _: node.CopyFrom(copied)


def renamed(function: str, overload: str) -> Change:
    """Call another function with the same operands."""

    def change(node: Node, checked: Checked) -> None:
        node.call_expr.function = function
        checked.reference_map[node.id].overload_id[:] = [overload]

    return change


def negated(node: Node, checked: Checked) -> None:
    """Put `!` before the node."""
    inner, new = _copy(node), max(checked.type_map) + 1
    node.Clear()
    node.id = new
    node.call_expr.function = "!_"
    node.call_expr.args.append(inner)
    checked.type_map[new].primitive = 1
    checked.reference_map[new].overload_id.append("logical_not")


def without(index: int) -> Change:
    """Drop an element of a list."""

    def change(node: Node, _: Checked) -> None:
        del node.list_expr.elements[index]

    return change


def chained(function: str, parts: Sequence[Node], ids: list[int]) -> Node:
    """Return the parts joined by a connective, whose nodes take ids from `ids`."""
    joined = _copy(parts[0])
    for part in parts[1:]:
        node = checked_pb2.Expr(id=ids.pop())
        node.call_expr.function = function
        node.call_expr.args.extend([joined, part])
        joined = node
    return joined


def _copy(node: Node) -> Node:
    copied = checked_pb2.Expr()
    copied.CopyFrom(node)
    return copied
