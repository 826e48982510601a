"""Where the elements of a list are in the facts, so that what one of them lacks can be named.

A path is one that callers can send: "activities[].at", whatever filters and named facts lie between
a rule and that list. Its root may be a variable of a macro, whose own path is known once it runs.
"""

from collections.abc import Mapping

from dealgate.language import syntax
from dealgate.language.syntax import Node, Tree

ANY = "[]"


def elements_path(tree: Tree, node: Node) -> str | None:
    """Return the path of the elements of a list: "activities[]"; None: it is of no facts."""
    which = syntax.kind(node)
    if which == "comprehension_expr":
        return _made(tree, node)
    if which == "list_expr":
        return next(filter(None, map(syntax.path, node.list_expr.elements)), None)
    if which == "call_expr":
        # What takes lists and makes one keeps their elements: +, ? :, slice, distinct, sort.
        lists = (
            operand for operand in syntax.operands(node) if tree.type(operand).startswith("list(")
        )
        return next(filter(None, (elements_path(tree, path) for path in lists)), None)
    path = syntax.path(node)
    if path is None or tree.constant(node) is not None:
        return None
    return tree.lists.get(path, f"{path}{ANY}")


def element_path(tree: Tree, variable: str) -> str:
    """Return the path of an element of a list that a rule goes through: "items[{i}]".

    Among what was filtered its place is another one than in the facts: it is any element there.
    """
    path = elements_path(tree, tree.root) or f"{variable}{ANY}"
    own = f"{syntax.path(tree.root)}{ANY}"
    return f"{path.removesuffix(ANY)}[{{i}}]" if path in {own, f"{variable}{ANY}"} else path


def located(path: str, paths: Mapping[str, str]) -> str:
    """Return a path whose root may be a variable, by the paths of variables."""
    root, dot, rest = path.partition(".")
    if root in paths:
        return f"{paths[root]}{dot}{rest}"
    name = root.removesuffix(ANY)
    return f"{paths[name]}{root[len(name) :]}{dot}{rest}" if name in paths else path


def _made(tree: Tree, node: Node) -> str | None:
    """Return the path of the elements of a list that a macro makes."""
    loop = node.comprehension_expr
    if syntax.is_bind(node):
        return _replaced(
            elements_path(tree, loop.result), loop.accu_var, elements_path(tree, loop.accu_init)
        )
    kept = _kept(loop.loop_step)
    path = None if kept is None else syntax.path(kept)
    if path is None:
        return None if kept is None else elements_path(tree, loop.iter_range)
    element = elements_path(tree, loop.iter_range)
    root, dot, rest = path.partition(".")
    if root != (loop.iter_var2 or loop.iter_var):
        return path
    return element and f"{element}{dot}{rest}"


def _replaced(path: str | None, name: str, elements: str | None) -> str | None:
    root, dot, rest = (path or "").partition(".")
    return f"{elements}{dot}{rest}" if elements and root == f"{name}{ANY}" else path


def _kept(step: Node) -> Node | None:
    """Return what a round of map or filter adds to the list that it makes."""
    call = step.call_expr
    if call.function == "_?_:_" and len(call.args) == 3:
        return _kept(call.args[1])
    added = call.args[-1] if call.function == "_+_" and call.args else None
    if added is None or syntax.kind(added) != "list_expr" or len(added.list_expr.elements) != 1:
        return None
    element: Node = added.list_expr.elements[0]
    return element
