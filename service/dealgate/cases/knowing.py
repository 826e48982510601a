"""Which facts, if missing, leave a condition unknown: those that nothing before it has asked for.

In `has(lead.email) && lead.email != ""` the second condition is never unknown: it is only judged
where the first is not false. So it is with the right side of `||`, and the branches of `?:`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dealgate.language import syntax
from dealgate.language.scope import AS_OF
from dealgate.language.syntax import Node, Tree

Paths = frozenset[str]
NONE: Paths = frozenset()


@dataclass
class Knowing:
    """Goes through one expression.

    `facts` are the trees of named facts, `causes_of` what leaves each of them unknown, `bound`
    names that always have a value. Afterwards `causes` has, by the id of a node, the paths that
    leave it unknown if they are missing where it is judged.
    """

    tree: Tree
    facts: Mapping[str, Tree]
    causes_of: Mapping[str, Paths]
    bound: frozenset[str]
    causes: dict[int, Paths] = field(default_factory=dict)

    def visit(self, node: Node, known: Paths = NONE) -> Paths:
        """Return the causes of a node where the facts at `known` are there."""
        paths = self._of(node, known)
        self.causes[node.id] = self.causes.get(node.id, NONE) | paths
        return paths

    def _of(self, node: Node, known: Paths) -> Paths:
        which = syntax.kind(node)
        if which == "const_expr" or self.tree.constant(node) is not None:
            return NONE
        if which in {"ident_expr", "select_expr"}:
            return self._read(node, known)
        if which == "call_expr":
            return self._call(node, known)
        if which == "comprehension_expr":
            # The elements are there; their fields may not be.
            self.bound |= {*syntax.variables(node)}
        return self._all(syntax.children(node), known)

    def _all(self, nodes: Sequence[Node], known: Paths) -> Paths:
        return NONE.union(*[self.visit(node, known) for node in nodes])

    def _read(self, node: Node, known: Paths) -> Paths:
        if syntax.kind(node) == "ident_expr":
            name = node.ident_expr.name
            if name in self.causes_of:
                return self.causes_of[name] - known
            if name == AS_OF or name in self.bound or name.startswith("@"):
                return NONE
        path = syntax.path(node)
        if path is None or (syntax.kind(node) == "select_expr" and node.select_expr.test_only):
            operand = node.select_expr.operand
            return NONE if syntax.path(operand) else self.visit(operand, known)
        if self.tree.type(node).startswith(("list(", "map(")):
            return NONE
        return frozenset({path}) - known

    def _call(self, node: Node, known: Paths) -> Paths:
        function, operands = node.call_expr.function, syntax.operands(node)
        if function in {"_&&_", "_||_"}:
            left, right = operands
            asked = self.present(self.tree, left, unless=function == "_||_")
            return self.visit(left, known) | self.visit(right, known | asked)
        if function == "_?_:_":
            condition, then, otherwise = operands
            sides = [
                self.visit(then, known | self.present(self.tree, condition, unless=False)),
                self.visit(otherwise, known | self.present(self.tree, condition, unless=True)),
            ]
            return self.visit(condition, known).union(*sides)
        return self._all(operands, known)

    def present(self, tree: Tree, node: Node, *, unless: bool) -> Paths:
        """Return the paths that are there unless the condition is `unless`."""
        which = syntax.kind(node)
        if which == "select_expr" and node.select_expr.test_only and not unless:
            above = syntax.path(node.select_expr.operand)
            return frozenset({f"{above}.{node.select_expr.field}"}) if above else NONE
        if which == "ident_expr" and node.ident_expr.name in self.facts:
            fact = self.facts[node.ident_expr.name]
            return self.present(fact, fact.root, unless=unless)
        if which != "call_expr":
            return NONE
        function, operands = node.call_expr.function, syntax.operands(node)
        if function == "!_":
            return self.present(tree, operands[0], unless=not unless)
        if function in {"_&&_", "_||_"}:
            left, right = (self.present(tree, operand, unless=unless) for operand in operands)
            return left | right if (function == "_&&_") is not unless else left & right
        return NONE
