"""Chains of `&&` or `||`, of which the parser builds balanced trees."""

from collections.abc import Iterator

from dealgate.language import syntax
from dealgate.language.syntax import Node

CONNECTIVES = ("_&&_", "_||_")


def links(node: Node, function: str) -> Iterator[Node]:
    """Yield what a chain of one connective joins, in source order."""
    if is_call(node, function):
        for operand in node.call_expr.args:
            yield from links(operand, function)
    else:
        yield node


def joints(node: Node, function: str) -> Iterator[Node]:
    """Yield the connectives of a chain, in source order."""
    if is_call(node, function):
        yield from joints(node.call_expr.args[0], function)
        yield node
        yield from joints(node.call_expr.args[1], function)


def is_call(node: Node, function: str) -> bool:
    """Tell whether a node calls this function or operator."""
    return syntax.kind(node) == "call_expr" and bool(node.call_expr.function == function)
