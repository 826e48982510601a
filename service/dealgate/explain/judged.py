"""A rule's condition as it was judged: a tree of its parts, named facts opened up.

Unlike the conditions that an answer carries, every part is looked at, also those that something
before them had settled: who asks what else was in the way wants to know all of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dealgate.engine.explain import chosen, truth_of
from dealgate.engine.native import Program
from dealgate.explain.wording import spoken
from dealgate.language import syntax
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.origins import element_path
from dealgate.language.syntax import Node, Tree
from dealgate.language.text import text
from dealgate.language.values import Failure, NoValue, Unknown, Value
from dealgate.model.decision import AnyEvidence, Truth
from dealgate.model.rules import AnyRule, Expression

JOINS = {"_&&_": "all", "_||_": "any", "!_": "not", "_?_:_": "if"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that a condition read; `value` is in words, or says why there is none."""

    text: str
    value: str
    known: bool


@dataclass(frozen=True, slots=True)
class ConditionPart:
    """A condition. `joins` says how its `parts` make it up: all, any, not, if; empty: it has none.

    `named` opens the named facts that it mentions, by name.
    """

    text: str
    truth: Truth
    joins: str = ""
    parts: tuple["ConditionPart", ...] = ()
    readings: tuple[Reading, ...] = ()
    named: tuple[tuple[str, "ConditionPart"], ...] = ()
    error: str = ""

    @property
    def short(self) -> int:
        """How many of its single conditions would have to come out otherwise to make it hold."""
        if self.truth is Truth.TRUE:
            return 0
        if self.joins == "all":
            return sum(part.short for part in self.parts)
        if self.joins == "any":
            return min(part.short for part in self.parts)
        return 1

    @property
    def nearly(self) -> bool:
        """Whether one of several conditions that must all hold did not."""
        return self.joins == "all" and self.short == 1 and self.held > 0

    @property
    def held(self) -> int:
        """How many of its parts hold."""
        return sum(part.truth is Truth.TRUE for part in self.parts)


@dataclass(frozen=True, slots=True)
class JudgedRule:
    """How a rule was judged; `elements` has one part for each element if it has `each`."""

    rule: AnyRule
    whole: ConditionPart | None
    elements: tuple[tuple[str, ConditionPart], ...] = ()

    @property
    def held(self) -> int:
        """How many of the conditions that must all hold did; of elements, the nearest counts."""
        parts = [part for _, part in self.elements] if self.rule.each else [self.whole]
        return max((part.held for part in parts if part is not None), default=0)

    @property
    def nearly(self) -> bool:
        """Whether it, or one of its elements, lacked one condition while others held."""
        parts = [part for _, part in self.elements] if self.rule.each else [self.whole]
        return any(part is not None and part.nearly for part in parts)


class Unfolder:
    """Judges the rules of one rule set on one set of facts, part by part."""

    def __init__(self, program: Program, facts: Any, as_of: int, evidence: AnyEvidence) -> None:
        """Evaluates the named facts; each is opened once.

        Of long lists, elements that are in `evidence` come before others.
        """
        self._hits = dict[str, list[int]]()
        for entries in (evidence.fired, evidence.undecided, evidence.failed):
            for entry in entries:
                self._hits.setdefault(entry.rule.id, []).extend(entry.elements)
        self._ruleset = program.ruleset
        self._frame = program.explainer.frame(facts, as_of)
        self._opened: dict[str, ConditionPart] = {}

    def rule(self, rule: AnyRule) -> JudgedRule:
        """Return how `rule` was judged."""
        if rule.each is None:
            return JudgedRule(rule, self._whole(rule.when, self._frame))
        items = Tree(rule.each.items.ast)
        judged_rule = compile_exact(items)(self._frame)
        elements = (
            []
            if isinstance(judged_rule, NoValue)
            else list(self._elements(rule, items, judged_rule))
        )
        return JudgedRule(rule, None, tuple(elements))

    def _elements(
        self, rule: AnyRule, tree: Tree, items: Any
    ) -> Iterator[tuple[str, ConditionPart]]:
        """Yield what elements are called and how they were judged; facts in them have a path."""
        variable = rule.each.variable if rule.each else ""
        name, path = syntax.path(tree.root) or variable, element_path(tree, variable)
        names, facts = self._frame.names, self._frame.facts
        for index in chosen(len(items), sorted(self._hits.get(rule.id, ()))):
            bound, paths = {variable: items[index]}, {variable: path.format(i=index)}
            frame = Frame(facts, names, bound, paths, budget=self._frame.budget)
            whole = self._whole(rule.when, frame)
            if whole is not None:
                yield f"{name}[{index}]", whole

    def _whole(self, when: Expression | None, frame: Frame) -> ConditionPart | None:
        if when is None:
            return None
        tree = Tree(when.ast)
        return self._part(tree, tree.root, frame)

    def _part(self, tree: Tree, node: Node, frame: Frame) -> ConditionPart:
        value = compile_exact(tree.at(node))(frame)
        part = ConditionPart(text(node), truth_of(value), error=_error(value))
        function = node.call_expr.function if syntax.kind(node) == "call_expr" else ""
        if function in JOINS and tree.type(node) == "bool":
            children = [self._part(tree, child, frame) for child in _flat(node, function)]
            return replace(part, joins=JOINS[function], parts=tuple(children))
        readings = {reading.text: reading for reading in self._readings(tree, node, frame)}
        named = {name: self._open(name) for name in _mentioned(node) if self._is_named(name)}
        return replace(part, readings=tuple(readings.values()), named=tuple(named.items()))

    def _readings(self, tree: Tree, node: Node, frame: Frame) -> Iterator[Reading]:
        if syntax.kind(node) == "const_expr" or tree.constant(node) is not None:
            return
        if syntax.path(node) is not None:
            yield _reading(tree, node, compile_exact(tree.at(node))(frame))
            return
        inner = syntax.children(node)
        if syntax.kind(node) == "comprehension_expr":
            inner = [syntax.ranged(node)]
        elif syntax.kind(node) == "select_expr" and node.select_expr.test_only:
            return
        for child in inner:
            yield from self._readings(tree, child, frame)

    def _is_named(self, name: str) -> bool:
        return name in self._ruleset.facts

    def _open(self, name: str) -> ConditionPart:
        if name not in self._opened:
            tree = Tree(self._ruleset.facts[name].ast)
            self._opened[name] = self._part(tree, tree.root, self._frame)
        return self._opened[name]


def _flat(node: Node, function: str) -> Sequence[Node]:
    """Return the operands, those of the same operator below it drawn up: a && b && c has three."""
    nodes: list[Node] = []
    for operand in syntax.operands(node):
        same = syntax.kind(operand) == "call_expr" and operand.call_expr.function == function
        if same and function in {"_&&_", "_||_"}:
            nodes += _flat(operand, function)
        else:
            nodes.append(operand)
    return nodes


def _reading(tree: Tree, node: Node, value: Value) -> Reading:
    if isinstance(value, NoValue):
        return Reading(text(node), "not known" if isinstance(value, Unknown) else "no value", False)  # noqa: FBT003
    field = tree.field(node) if syntax.kind(node) == "select_expr" else None
    enum = field.enum_type if field is not None else None
    return Reading(text(node), spoken(value, tree.type(node), enum), known=True)


def _mentioned(node: Node) -> Mapping[str, None]:
    return dict.fromkeys(syntax.names(node))


def _error(value: Value) -> str:
    return value.reason if isinstance(value, Failure) else ""
