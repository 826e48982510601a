"""The possible values of a part of an expression, if all of them are written out.

A literal is one value, and so is a constant; `flag ? "UTC" : "CET"` is one of two, `zones[country]`
one of those that the map `zones` holds, and a macro's variable one of a written list's elements.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from google.protobuf.empty_pb2 import Empty

from dealgate.language import syntax
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.operations import OPERATIONS
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import NoValue, Value


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a node can have. It `stands` there itself, or is read from what stands there."""

    value: Value
    node: Node
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Choices:
    """What a node can be. If it is not `closed`, it can be something else, too.

    What is read from a list or map may also fail: then it is not `sure`.
    """

    values: tuple[Choice, ...] = ()
    closed: bool = False
    sure: bool = True

    @property
    def is_known(self) -> bool:
        """Whether it can be one thing only."""
        return self.closed and self.sure and len(self.values) == 1


OPEN = Choices()
SPECIAL = ("_&&_", "_||_", "_?_:_", "@not_strictly_false")
Scope = Mapping[str, Choices]


class PartChoices:
    """The choices of an expression's parts; `constants` are the values of constant names."""

    def __init__(self, tree: Tree, constants: Mapping[str, Value]) -> None:
        """Look at every macro of the expression."""
        self._tree = tree
        self._constants = constants
        self._scopes: dict[int, Scope] = {}
        self._look(tree.root, {})

    def choices(self, node: Node) -> Choices:
        """Return what a node of the expression can be."""
        return self._of(node, self._scopes.get(node.id, {}))

    def result(self, node: Node) -> Value:
        """Return the known value of a node."""
        return self._result(node, self._scopes.get(node.id, {}))

    def _look(self, node: Node, scope: Scope) -> None:
        if scope:
            self._scopes[node.id] = scope
        inner = {**scope, **self._bound(node, scope)}
        for child, own in syntax.scopes(node):
            self._look(child, {n: v for n, v in inner.items() if n in scope or n in own})

    def _bound(self, node: Node, scope: Scope) -> Scope:
        """Return what the variables of a macro can be."""
        if syntax.kind(node) != "comprehension_expr":
            return {}
        loop = node.comprehension_expr
        made = self._of(syntax.ranged(node), scope)
        if syntax.is_bind(node):
            return {loop.accu_var: _read(made.values, made)}
        if not made.is_known:
            return {}
        held = made.values[0]
        first, second = _parts(held.value)
        if loop.iter_var2:
            return {loop.iter_var: _among(first, held), loop.iter_var2: _among(second, held)}
        elements = first if isinstance(held.value, Mapping) else second
        return {loop.iter_var: _among(elements, held)}

    def _of(self, node: Node, scope: Scope) -> Choices:
        if self._is_written(node, scope):
            return Choices((Choice(self._result(node, scope), node),), closed=True)
        if syntax.kind(node) == "ident_expr":
            known = scope.get(node.ident_expr.name, OPEN)
            return _read((Choice(value.value, node) for value in known.values), known)
        if syntax.kind(node) != "call_expr":
            return OPEN
        operands = syntax.operands(node)
        if node.call_expr.function == "_?_:_":
            sides = [self._of(side, scope) for side in operands[1:]]
            values = tuple(value for side in sides for value in side.values)
            closed, sure = all(s.closed for s in sides), all(s.sure for s in sides)
            return Choices(values, closed, sure)
        if node.call_expr.function == "_[_]":
            held = self._of(operands[0], scope)
            if held.is_known:
                read = _among(_parts(held.values[0].value)[1], Choice(None, node))
                return replace(read, sure=False)
        return OPEN

    def _is_written(self, node: Node, scope: Scope) -> bool:
        return not any(
            self._is_refused(part)
            or (
                syntax.kind(part) in ("ident_expr", "select_expr", "comprehension_expr")
                and self._tree.constant(part) is None
                and part.ident_expr.name not in self._constants
                and not scope.get(part.ident_expr.name, OPEN).is_known
            )
            for part in syntax.walk(node)
        )

    def _is_refused(self, node: Node) -> bool:
        """Whether rules do not use this, which is reported at its position."""
        if syntax.kind(node) == "struct_expr":
            return bool(node.struct_expr.message_name)
        if syntax.kind(node) != "call_expr" or node.call_expr.function in SPECIAL:
            return False
        overloads = self._tree.overloads(node)
        return len(overloads) != 1 or overloads[0] not in OPERATIONS

    def _result(self, node: Node, scope: Scope) -> Value:
        known = {name: choice.values[0].value for name, choice in scope.items() if choice.is_known}
        names = {**self._constants, **known}
        return compile_exact(self._tree.at(node))(Frame(Empty(), names))


def _parts(held: Value) -> tuple[list[Value], list[Value]]:
    """Return the keys, or positions, and the values of a map or list."""
    if isinstance(held, NoValue):
        return [], []
    if isinstance(held, Mapping):
        return [*held.keys()], [*held.values()]
    items = cast("list[Value]", held)
    return [*range(len(items))], [*items]


def _among(values: Iterable[Value], where: Choice) -> Choices:
    return _read((Choice(value, where.node) for value in values), Choices(closed=True))


def _read(values: Iterable[Choice], like: Choices) -> Choices:
    return replace(like, values=tuple(replace(item, stands=False) for item in values))
