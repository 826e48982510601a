"""Values that a declared field never has: a condition that compares with one never holds."""

from collections.abc import Iterator, Sequence

from dealgate.language import syntax
from dealgate.language.syntax import Node, Tree
from dealgate.model.vocabulary import property_at

COMPARED = frozenset({"_==_", "_!=_", "@in"})


def strange_words(tree: Tree) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each word that is compared with a field that has others, and those that it has."""
    for node in syntax.walk(tree.root):
        if syntax.kind(node) == "call_expr" and node.call_expr.function in COMPARED:
            values = [value for side in node.call_expr.args for value in _values(tree, side)]
            words = [word for side in node.call_expr.args for word in _words(side)]
            yield from ((word, values) for word in words if values and word not in values)


def _values(tree: Tree, node: Node) -> Sequence[str]:
    if syntax.kind(node) != "select_expr":
        return ()
    select = node.select_expr
    declared = property_at(f"{tree.type(select.operand)}.{select.field}")
    return () if declared is None else declared[1].values


def _words(node: Node) -> Iterator[str]:
    items = node.list_expr.elements if syntax.kind(node) == "list_expr" else (node,)
    for item in items:
        if syntax.kind(item) == "const_expr":
            word = syntax.constant(item.const_expr)
            if isinstance(word, str):
                yield word
