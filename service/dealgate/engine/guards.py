"""The test of one enum field that a rule over a list begins with, if it does: "x.type == DEMO"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dealgate.language import syntax
from dealgate.language.syntax import Node, Tree


@dataclass(frozen=True, slots=True)
class Guard:
    """The leftmost conjunct of a rule: an enum field has one of these numbers; then the `rest`."""

    field: str
    numbers: tuple[int, ...]
    rest: Sequence[Node]


def guard_of(tree: Tree, variable: str) -> Guard | None:
    """Return the guard of a rule whose condition begins with the test of an enum field."""
    node, rest = tree.root, list[Node]()
    while syntax.kind(node) == "call_expr" and node.call_expr.function == "_&&_":
        node, right = syntax.operands(node)
        rest.insert(0, right)
    if syntax.kind(node) != "call_expr" or node.call_expr.function not in {"_==_", "@in"}:
        return None
    tested, against = syntax.operands(node)
    if syntax.kind(tested) != "select_expr" or tested.select_expr.test_only:
        return None
    enum = tree.field(tested)
    if enum is None or not enum.enum_type or enum.is_repeated:
        return None
    if syntax.path(tested.select_expr.operand) != variable:
        return None
    several = node.call_expr.function == "@in"
    nodes = list(against.list_expr.elements) if several else [against]
    numbers = [_number(tree, number) for number in nodes]
    if not numbers or not all(isinstance(number, int) for number in numbers):
        return None
    return Guard(enum.name, tuple(numbers), rest)


def _number(tree: Tree, node: Node) -> Any:
    if syntax.kind(node) == "const_expr":
        return syntax.constant(node.const_expr)
    return tree.constant(node)
