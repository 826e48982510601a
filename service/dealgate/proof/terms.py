"""Terms: the parts of expressions, read with all names in place."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from google.protobuf.empty_pb2 import Empty

from dealgate.engine.native import constants_of
from dealgate.language import syntax, values
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.scope import AS_OF
from dealgate.language.syntax import Node, Tree
from dealgate.language.text import text
from dealgate.language.values import NoValue
from dealgate.model.rules import AnyRuleSet, Each, Expression
from dealgate.proof.dimensions import DATE
from dealgate.proof.samples import NO_VALUE, Value, whole

LAZY = ("_&&_", "_||_", "_?_:_")


@dataclass(frozen=True, slots=True)
class Term:
    """An expression where it stands: a node of a tree, and the list that `variable` runs through.

    `variables` maps a rule's variable to the path it is shown under: {"a": "activities[]"}.
    """

    tree: Tree
    node: Node
    variables: Mapping[str, str] = field(default_factory=dict)

    def at(self, node: Node) -> "Term":
        """Return another node of the same tree."""
        return Term(self.tree, node, self.variables)

    @property
    def operands(self) -> list["Term"]:
        """The operands of a call, its receiver first."""
        return [self.at(node) for node in syntax.operands(self.node)]

    @property
    def kind(self) -> str:
        """Which sort of node it is."""
        return syntax.kind(self.node)

    @property
    def type(self) -> str:
        """Its type in CEL's notation."""
        return self.tree.type(self.node)

    @property
    def function(self) -> str:
        """The function it calls, or nothing."""
        return self.node.call_expr.function if self.kind == "call_expr" else ""


class Terms:
    """Reads the terms of one rule set: `constants` are the values of its constants."""

    def __init__(self, ruleset: AnyRuleSet) -> None:
        self.constants = constants_of(ruleset)
        self._trees = {
            name: Tree(expression.ast)
            for name, expression in {**ruleset.constants, **ruleset.facts}.items()
        }
        self._written: dict[str, str] = {}  # named facts as text: each is in many conditions

    def term(self, expression: Expression, loop: Each | None = None) -> Term:
        """Return an expression as a term."""
        variables = {loop.variable: self.element(loop)} if loop else {}
        tree = Tree(expression.ast)
        return Term(tree, tree.root, variables)

    def parts(self, when: Expression, function: str, loop: Each | None = None) -> list[Term]:
        """Return the parts of a condition that `function` ("_&&_", "_||_") joins, as written."""
        return list(self.flat(self.term(when, loop), function))

    def flat(self, term: Term, function: str) -> Iterator[Term]:
        """Yield what `function`, such as "_&&_", joins."""
        if term.function != function:
            yield term
            return
        for operand in term.operands:
            yield from self.flat(operand, function)

    def element(self, loop: Each) -> str:
        """Return the path that the element of an `each` is read under: "activities[]"."""
        items = Tree(loop.items.ast)
        return f"{self.key(Term(items, items.root))}[]"

    def resolved(self, term: Term) -> Term:
        """Follow a name to its constant or named fact."""
        while term.kind == "ident_expr":
            tree = self._trees.get(term.node.ident_expr.name)
            if tree is None or term.node.ident_expr.name in term.variables:
                return term
            term = Term(tree, tree.root)
        return term

    def value(self, term: Term) -> Value:
        """Return the value of a term that reads no fact, as dimensions hold it; else NO_VALUE."""
        term = self.resolved(term)
        if not self._is_fixed(term):
            return NO_VALUE
        value = compile_exact(term.tree.at(term.node))(Frame(Empty(), self.constants))
        return NO_VALUE if isinstance(value, NoValue) else held(value, term.type)

    def _is_fixed(self, term: Term) -> bool:
        for node in syntax.walk(term.node):
            if syntax.kind(node) == "comprehension_expr":
                return False
            if syntax.kind(node) == "ident_expr" and term.tree.constant(node) is None:
                name = node.ident_expr.name
                if name in term.variables or name not in self.constants:
                    return False
        return True

    def key(self, term: Term) -> str:
        """Write a term with everything in place that it names: what makes two terms one."""
        term = self.resolved(term)
        node = Node()
        node.CopyFrom(term.node)
        self._put_in_place(term, node, frozenset())
        return text(node)

    def _put_in_place(self, term: Term, node: Node, bound: frozenset[str]) -> None:
        which = syntax.kind(node)
        if which == "ident_expr":
            if node.ident_expr.name not in bound and term.tree.constant(node) is None:
                node.ident_expr.name = self._placed(node.ident_expr.name, term.variables)
            return
        for part, own in syntax.scopes(node):
            self._put_in_place(term, part, bound | own)

    def _placed(self, name: str, variables: Mapping[str, str]) -> str:
        if name in variables or name not in self._trees:
            return variables.get(name, name)
        if name not in self._written:
            tree = self._trees[name]
            below = self.key(Term(tree, tree.root))
            is_atom = syntax.kind(tree.root) in {"ident_expr", "select_expr", "const_expr"}
            self._written[name] = below if is_atom else f"({below})"
        return self._written[name]

    def path(self, term: Term) -> str | None:
        """Return the path of the fact that a term reads, such as "activities[].type"."""
        term = self.resolved(term)
        if syntax.path(term.node) is None or term.tree.constant(term.node) is not None:
            return None
        selects = (node for node in syntax.walk(term.node) if syntax.kind(node) == "select_expr")
        return None if any(term.tree.field(node) is None for node in selects) else self.key(term)

    def shifted(self, term: Term) -> tuple[Term, int]:
        """Return a timestamp's base and the constant duration added to it."""
        term, shift = self.resolved(term), 0
        while term.type == "timestamp" and term.function in {"_+_", "_-_"}:
            left, right = term.operands
            span = self.value(right)
            if span is NO_VALUE or self.resolved(right).type != "duration":
                break
            shift += whole(span) if term.function == "_+_" else -whole(span)
            term = self.resolved(left)
        return term, shift

    def reads(self, term: Term) -> Iterator[str]:
        """Yield the paths of the facts that a term depends on."""
        term = self.resolved(term)
        path = self.path(term)
        if path is not None:
            if path != AS_OF:
                yield path
            return
        parts = syntax.children(term.node)
        if term.kind == "comprehension_expr":
            parts = [syntax.ranged(term.node)]
        for part in parts:
            yield from self.reads(term.at(part))

    def is_strict(self, term: Term) -> bool:
        """Tell whether a term has no value as soon as one of the facts that it reads has none."""
        term = self.resolved(term)
        is_test = term.kind == "select_expr" and term.node.select_expr.test_only
        if is_test or term.kind == "comprehension_expr" or term.function in LAZY:
            return False
        if term.type.startswith(("list(", "map(")) and self.path(term) is not None:
            return False
        return all(
            self.is_strict(term.at(part))
            for part in syntax.children(term.node)
            if self.path(term) is None
        )


def held(value: values.Value, type_: str) -> Value:
    """Return an engine's value as a dimension holds it: a date as the number of its day."""
    if type_ == DATE and isinstance(value, tuple):
        return dt.date(*cast("values.DateValue", value)).toordinal()
    return cast("Value", value)
