"""The text of an expression whose facts are all known: two-valued, and most often all that is run.

`statements.py` writes what an expression comes to whatever is missing or fails, which takes three
to ten times as many steps. Where nothing in it can fail, its function first asks whether all that
it reads is known, and then computes it as any Python programmer would:

    if v0 is u_v0:
        ...                                 # what is missing decides what it comes to
    else:
        r1 = ((v0 >= (50)) and (v0 < (200)))

Amounts fail if their currencies differ; so that of a fact is one more thing to ask, before it is
compared with a literal.
"""

from collections.abc import Sequence
from typing import NamedTuple

from dealgate.engine.emit import Emitter, NotCompilable
from dealgate.engine.names import Names, set_of
from dealgate.language import syntax
from dealgate.language.operations import OPERATIONS, takes_money
from dealgate.language.syntax import Node, Tree

COMPARED = {"_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}


class Known(NamedTuple):
    """Python `code` that is right unless one of the `tests` holds."""

    code: str
    tests: Sequence[str]


def known(tree: Tree, names: Names) -> Known | None:
    """Return the two-valued text of an expression; None if it has none that cannot fail."""
    emitter = TwoValued(tree, names)
    try:
        block = emitter.emit()
    except NotCompilable:
        return None
    needs = [need for need in block.needs if names.is_partial(need)]
    tests = [*map(names.absent, needs), *emitter.tests]
    return Known(block.code, tests) if block.total and tests else None


class TwoValued(Emitter):
    """Writes membership in constant lists and comparisons with literal amounts in their own way."""

    def __init__(self, tree: Tree, names: Names) -> None:
        """`tests` are what must fail for the text to be right, beside what it needs known."""
        super().__init__(tree, names.reads, names.facts, names.constants)
        self._all = names
        self.tests: dict[str, None] = {}

    def _call_expr(self, node: Node) -> tuple[str, bool]:
        operands = syntax.operands(node)
        if node.call_expr.function == "@in":
            held = set_of(self._all, operands[1])
            if held:
                code, total = self._emit(operands[0])
                return f"({code} in {held})", total
        if node.call_expr.function in COMPARED and takes_money(self._overload(node)):
            compared = self._amounts(node, *operands)
            if compared is not None:
                return compared
        return super()._call_expr(node)

    def _amounts(self, node: Node, fact: Node, literal: Node) -> tuple[str, bool] | None:
        if syntax.is_literal_call(fact) or not syntax.is_literal_call(literal):
            return None
        code, total = self._emit(fact)
        if not code.isidentifier():
            return None
        operation = OPERATIONS[self._tree.overloads(literal)[0]]
        values = [syntax.constant(part.const_expr) for part in syntax.operands(literal)]
        currency, nanos = operation.call(*values)
        self.tests[f"{code}[0] != {currency!r}"] = None
        return f"({code}[1] {COMPARED[node.call_expr.function]} {nanos!r})", total
