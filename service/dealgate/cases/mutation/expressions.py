"""Every way to disturb an expression in one place: operators, connectives, literals, negations.

A condition of a longer `&&` or `||` is dropped by itself only: whoever notices that also notices
when a group of them is dropped, or the whole condition.
"""

from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor

from dealgate.cases.chains import joints, links
from dealgate.cases.mutation import edits
from dealgate.cases.mutation.edits import Edit
from dealgate.cases.mutation.literals import literal_neighbours, neighbours
from dealgate.cases.mutation.setters import (
    const_setter,
    enum_setter,
    other_quantifier,
    swapped_branches,
    texts_setter,
)
from dealgate.cases.offsets import begin
from dealgate.cases.settled import is_settled
from dealgate.language import syntax
from dealgate.language.operations import OPERATIONS
from dealgate.language.scope import enum_constants
from dealgate.language.syntax import Node, Tree
from dealgate.language.text import text

# Each comparison with the one that differs from it at the limit, and its opposite.
COMPARISONS = {
    "_<_": ("_<=_", "_>=_"),
    "_<=_": ("_<_", "_>_"),
    "_>_": ("_>=_", "_<=_"),
    "_>=_": ("_>_", "_<_"),
    "_==_": ("_!=_",),
    "_!=_": ("_==_",),
}
WORDS = {
    "_<_": "less",
    "_<=_": "less_equals",
    "_>_": "greater",
    "_>=_": "greater_equals",
    "_==_": "equals",
    "_!=_": "not_equals",
}
ARITHMETIC = {
    "_+_": ("_-_", "add", "subtract"),
    "_-_": ("_+_", "subtract", "add"),
    "_*_": ("_/_", "multiply", "divide"),
    "_/_": ("_*_", "divide", "multiply"),
}
CONNECTIVES = {"_&&_": "_||_", "_||_": "_&&_"}
LOOSE = (*CONNECTIVES, *ARITHMETIC, "_?_:_")
WRITTEN = ("money", "decimal", "date", "timestamp", "duration")


def disturbances(ast: bytes, message: Descriptor) -> Iterator[Edit]:
    """Yield every disturbance of an expression over facts that `message` describes."""
    return _Disturbing(ast, message).below(Tree(ast).root)


class _Disturbing:
    def __init__(self, ast: bytes, message: Descriptor) -> None:
        self._ast = ast
        self._tree = Tree(ast)
        self._enums = enum_constants(message)

    def below(self, node: Node) -> Iterator[Edit]:
        """Yield the disturbances of a node and of all below it, in source order."""
        handle: Callable[[Node], Iterator[Edit]] | None
        handle = getattr(self, f"_{syntax.kind(node)}", None)
        if handle is not None:
            yield from handle(node)

    def _made(
        self, node: Node, before: str, after: str, change: edits.Change, at: int | None = None
    ) -> Edit:
        ast = edits.edited(self._ast, node.id, change)
        offset = begin(self._tree, node) if at is None else at
        return Edit(node.id, offset, before, after, ast)

    def _const_expr(self, node: Node) -> Iterator[Edit]:
        which = node.const_expr.WhichOneof("constant_kind")
        for value in neighbours(syntax.constant(node.const_expr)):
            if which == "uint64_value" and value < 0:
                continue
            yield self._changed(node, const_setter(str(which), value))

    def _changed(self, node: Node, change: edits.Change) -> Edit:
        """Change a node in place, and show it before and after."""
        ast = edits.edited(self._ast, node.id, change)
        after = next(
            candidate for candidate in syntax.walk(Tree(ast).root) if candidate.id == node.id
        )
        return Edit(node.id, begin(self._tree, node), text(node), text(after), ast)

    def _ident_expr(self, node: Node) -> Iterator[Edit]:
        name = node.ident_expr.name
        if self._tree.constant(node) is not None and name in self._enums:
            other = self._next(name)
            if other is not None:
                yield self._made(node, name, other, enum_setter(other, self._enums[other][1]))
        elif self._tree.type(node) == "bool":
            yield self._negation(node)

    def _next(self, name: str) -> str | None:
        """Return the constant after `name` in its enum; None if there is no other."""
        enum = self._enums[name][0]
        names = [value.name for value in enum.values if value.number]
        following = names[(names.index(name) + 1) % len(names)]
        return following if following != name else None

    def _select_expr(self, node: Node) -> Iterator[Edit]:
        if self._tree.type(node) == "bool" and self._tree.constant(node) is None:
            yield self._negation(node)

    def _negation(self, node: Node) -> Edit:
        written = text(node)
        # Operators have no letters in their names, but for `in`.
        called = node.call_expr.function
        loose = called == "@in" or (bool(called) and not called[0].isalpha())
        return self._made(node, written, f"!({written})" if loose else f"!{written}", edits.negated)

    def _list_expr(self, node: Node) -> Iterator[Edit]:
        for index, element in enumerate(node.list_expr.elements):
            change = edits.without(index)
            yield self._made(node, text(element), "", change, begin(self._tree, element))

    def _struct_expr(self, node: Node) -> Iterator[Edit]:
        for part in syntax.children(node):
            yield from self.below(part)

    def _call_expr(self, node: Node) -> Iterator[Edit]:
        function = node.call_expr.function
        if function in CONNECTIVES:
            yield from self._chain(node)
        elif function == "!_":
            yield from self._not(node)
        elif function in WRITTEN and syntax.is_literal_call(node):
            yield from self._literal_call(node)
        else:
            yield from self._operator(node)
            for operand in syntax.operands(node):
                yield from self.below(operand)

    def _not(self, node: Node) -> Iterator[Edit]:
        operand = node.call_expr.args[0]
        yield self._made(node, text(node), text(operand), edits.replaced_by(operand))
        for edit in self.below(operand):
            # Putting a second `!` before the operand is what was just done.
            if edit.node != operand.id or not edit.after.startswith("!"):
                yield edit

    def _operator(self, node: Node) -> Iterator[Edit]:
        function = node.call_expr.function
        if function in COMPARISONS:
            for other in COMPARISONS[function]:
                yield self._comparison(node, other)
        elif function in ARITHMETIC:
            yield from self._arithmetic(node)
        elif function == "_?_:_":
            yield self._changed(node, swapped_branches)
        elif self._tree.type(node) == "bool":
            yield self._negation(node)
        elif len(syntax.operands(node)) == 1 and function.isalpha():
            yield from self._dropped_function(node)

    def _comparison(self, node: Node, other: str) -> Edit:
        function = node.call_expr.function
        overload = self._tree.overloads(node)[0]
        named = WORDS[other] + overload.removeprefix(WORDS[function])
        before, after = _signs(node, function, other)
        return self._made(node, before, after, edits.renamed(other, named), self._tree.offset(node))

    def _arithmetic(self, node: Node) -> Iterator[Edit]:
        function = node.call_expr.function
        other, word, opposite = ARITHMETIC[function]
        overload = opposite + self._tree.overloads(node)[0].removeprefix(word)
        if overload in OPERATIONS:
            before, after = _signs(node, function, other)
            yield self._made(
                node, before, after, edits.renamed(other, overload), self._tree.offset(node)
            )

    def _dropped_function(self, node: Node) -> Iterator[Edit]:
        operand = syntax.operands(node)[0]
        if self._tree.type(operand) == self._tree.type(node):
            yield self._made(node, text(node), text(operand), edits.replaced_by(operand))

    def _literal_call(self, node: Node) -> Iterator[Edit]:
        function = node.call_expr.function
        operands = [syntax.constant(part.const_expr) for part in syntax.operands(node)]
        texts = tuple(operand for operand in operands if isinstance(operand, str))
        if len(texts) == len(operands):
            for other in literal_neighbours(function, texts):
                yield self._changed(node, texts_setter(other))

    def _chain(self, node: Node) -> Iterator[Edit]:
        function = node.call_expr.function
        leaves = list(links(node, function))
        for leaf, joint in zip(leaves[1:], joints(node, function), strict=True):
            yield self._swapped_connective(node, leaves, leaves.index(leaf), joint)
        for leaf in leaves:
            if is_settled(leaf):
                continue
            sibling, parent = _beside(node, leaf, function)
            change = edits.replaced_by(sibling)
            yield self._made(parent, text(leaf), "", change, begin(self._tree, leaf))
        for leaf in leaves:
            if not is_settled(leaf):
                yield from self.below(leaf)

    def _swapped_connective(
        self, node: Node, leaves: list[Node], position: int, joint: Node
    ) -> Edit:
        function = node.call_expr.function
        other = CONNECTIVES[function]
        ids = [link.id for link in joints(node, function)]
        if other == "_||_":  # a && b || c is (a && b) || c
            sides = [
                edits.chained(function, part, ids)
                for part in (leaves[:position], leaves[position:])
            ]
            made = edits.chained(other, sides, ids)
        else:
            pair = edits.chained(other, leaves[position - 1 : position + 1], ids)
            made = edits.chained(
                function, [*leaves[: position - 1], pair, *leaves[position + 1 :]], ids
            )
        before, after = (
            f"{sign.strip('_')} {_operand(leaves[position])}" for sign in (function, other)
        )
        return self._made(node, before, after, edits.replaced_by(made), self._tree.offset(joint))

    def _comprehension_expr(self, node: Node) -> Iterator[Edit]:
        loop = node.comprehension_expr
        step = loop.loop_step.call_expr
        yield from self.below(syntax.ranged(node))
        if syntax.is_bind(node):
            yield from self.below(loop.result)
            return
        if self._tree.type(node) == "bool":
            yield self._negation(node)
        if syntax.kind(loop.accu_init) in {"list_expr", "struct_expr"}:
            yield from self._collected(step)
        elif isinstance(syntax.constant(loop.accu_init.const_expr), bool):
            yield self._changed(node, other_quantifier)
            yield from self.below(step.args[1])
        else:
            yield from self.below(step.args[0])

    def _collected(self, step: Any) -> Iterator[Edit]:
        if step.function == "_?_:_":
            yield from self.below(step.args[0])
            step = step.args[1].call_expr
        added = step.args[-1]
        is_list = syntax.kind(added) == "list_expr"
        yield from self.below(added.list_expr.elements[0] if is_list else added)


def _signs(node: Node, function: str, other: str) -> tuple[str, str]:
    """Return an operator before and after the change, each with its right operand."""
    right = _operand(syntax.operands(node)[1])
    return f"{function.strip('_')} {right}", f"{other.strip('_')} {right}"


def _operand(node: Node) -> str:
    """Return the text of an operand, in brackets if it is one of several conditions."""
    written = text(node)
    loose = syntax.kind(node) == "call_expr" and node.call_expr.function in LOOSE
    return f"({written})" if loose else written


def _beside(node: Node, leaf: Node, function: str) -> tuple[Node, Node]:
    """Return what stands on the other side of the leaf's connective, and that connective."""
    for joint in joints(node, function):
        left, right = joint.call_expr.args
        if left.id == leaf.id:
            return right, joint
        if right.id == leaf.id:
            return left, joint
    raise LookupError(leaf.id)
