"""Where in its source a part of an expression begins; the parser gives its operator's place."""

from dealgate.language import syntax
from dealgate.language.syntax import Node, Tree


def begin(tree: Tree, node: Node) -> int:
    """Return the offset of the first code point of all that a node is made of."""
    return min(_own(tree, part) for part in syntax.walk(node))


def _own(tree: Tree, node: Node) -> int:
    """Return where a node stands: a function at its name, for the parser gives its bracket."""
    offset = tree.offset(node)
    if syntax.kind(node) == "select_expr" and node.select_expr.test_only:
        return offset - len("has")
    call = node.call_expr
    if syntax.kind(node) == "call_expr" and call.function.isidentifier():
        return offset - len(call.function)
    return offset
