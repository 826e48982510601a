"""The single conditions of a rule set, ready to be evaluated on other facts.

A probe is a comparison or test in a rule or in a named fact. A boundary of a fact is where some
probe that reads it changes: no literal has to be searched for, and sums of facts, ages and
functions of a fact have their boundaries found like any other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from dealgate.engine.explain import LOGICAL, truth_of
from dealgate.explain.fact_positions import Spot
from dealgate.explain.reads import Fact, Reader, Variables
from dealgate.explain.verdicts import WhatIfJudge
from dealgate.language import syntax
from dealgate.language.evaluators import Evaluator
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import NoValue, Value, elements
from dealgate.model.rules import Each, Expression


@dataclass(frozen=True, slots=True)
class Probe:
    """One condition: the facts it reads, the literals within reach of it, and how to ask it.

    `loop` gives the elements that it is asked for, and `elements` their path, if its rule has
    `each`; `literals` are the numbers, texts and amounts that it compares with, by type.
    """

    run: Evaluator
    facts: Mapping[str, Fact]
    literals: Sequence[tuple[str, Any]]
    variable: str = ""
    loop: Evaluator | None = None
    elements: str | None = None

    def ask(self, frame: Frame, spot: Spot) -> tuple[str, ...]:
        """Return its result; with `each`, for each element that `spot` could matter to."""
        if self.loop is None:
            return (truth_of(self.run(frame)).value,)
        items = self.loop(frame)
        if isinstance(items, NoValue):
            return (truth_of(items).value,)
        listed = elements(items)
        return tuple(self._of(frame, listed, index) for index in self._wanted(listed, spot))

    def _of(self, frame: Frame, items: Sequence[Value], index: int) -> str:
        return truth_of(
            self.run(Frame(frame.facts, frame.names, {self.variable: items[index]}))
        ).value

    def _wanted(self, items: Sequence[Value], spot: Spot) -> Sequence[int]:
        path = self.elements or ""
        if path.count("[]") == 1 and spot.fact.path.startswith(path):
            position = next((step for step in spot.steps if isinstance(step, int)), 0)
            return [position] if position < len(items) else []
        return range(min(len(items), ASKED))


ASKED = 50  # elements of a list; a rule that reads more of them is asked for the first


class Probes:
    """Every condition of a rule set, by the facts that it reads."""

    def __init__(self, judge: WhatIfJudge) -> None:
        """Take the conditions of rules and named facts apart."""
        ruleset = judge.program.ruleset
        self._judge = judge
        self._constants = {name: Tree(constant.ast) for name, constant in ruleset.constants.items()}
        self._named = {name: Tree(fact.ast) for name, fact in ruleset.facts.items()}
        self._reader = Reader(ruleset.message, self._named)
        self.rules: dict[str, frozenset[str]] = {}
        probes: list[Probe] = []
        for tree in self._named.values():
            probes += self._of(tree, None)
        for rule in ruleset.rules:
            mine = self._of_rule(rule.when, rule.each)
            probes += mine
            self.rules[rule.id] = frozenset(path for probe in mine for path in probe.facts)
        self.all = tuple(probes)
        self.facts = {path: fact for probe in probes for path, fact in probe.facts.items()}

    def reading(self, path: str) -> Sequence[Probe]:
        """Return the conditions that read the fact at `path`."""
        return [probe for probe in self.all if path in probe.facts]

    def frame(self, facts: Message) -> Frame:
        """Return what conditions are asked on."""
        known = self._judge.known(facts)
        return self._judge.program.explainer.frame(known, self._judge.as_of)

    def _of_rule(self, when: Expression | None, loop: Each | None) -> list[Probe]:
        probes = list(self._of(Tree(when.ast), loop)) if when is not None else []
        if loop is None:
            return probes
        # A rule without a condition still claims once per element.
        items = Tree(loop.items.ast)
        facts = self._reader.facts(items, items.root, {})
        return [*probes, Probe(lambda _: True, facts, (), loop.variable, compile_exact(items))]

    def _of(self, tree: Tree, item: Each | None) -> Iterator[Probe]:
        variables, loop, elements = self._looped(item)
        for node in conditions(tree, tree.root):
            yield Probe(
                run=compile_exact(tree.at(node)),
                facts=self._reader.facts(tree, node, variables),
                literals=tuple(self._literals(tree, node)),
                variable=item.variable if item else "",
                loop=loop,
                elements=elements,
            )

    def _looped(self, loop: Each | None) -> tuple[Variables, Evaluator | None, str | None]:
        if loop is None:
            return {}, None, None
        items = Tree(loop.items.ast)
        elements = self._reader.elements(items, items.root, {})
        plain = syntax.path(items.root) not in {None, *self._named}
        return {loop.variable: elements}, compile_exact(items), elements if plain else None

    def _literals(self, tree: Tree, node: Node) -> Iterator[tuple[str, Any]]:
        needed = [(tree, node)]
        needed += [(self._named[name], self._named[name].root) for name in self._reader.names(node)]
        for tree_, root in needed:
            patterns = _patterns(root)
            for part in syntax.walk(root):
                if part.id in patterns:
                    continue
                name = part.ident_expr.name if syntax.kind(part) == "ident_expr" else ""
                if name in self._constants:
                    constant = self._constants[name]
                    yield from _values(constant, constant.root)
                elif syntax.kind(part) == "const_expr" or syntax.is_literal_call(part):
                    yield from _values(tree_, part)


def conditions(tree: Tree, node: Node) -> Iterator[Node]:
    """Yield the outermost conditions below `node` that are no combination of others."""
    call = syntax.kind(node) == "call_expr"
    if call and node.call_expr.function in LOGICAL:
        for child in syntax.operands(node):
            yield from conditions(tree, child)
    elif tree.type(node) == "bool":
        if syntax.kind(node) != "const_expr":
            yield node
    elif syntax.kind(node) != "comprehension_expr":
        for child in syntax.children(node):
            yield from conditions(tree, child)


def _patterns(root: Node) -> set[int]:
    """Return the ids of regular expressions, which are no values a fact would have."""
    calls = (node for node in syntax.walk(root) if syntax.kind(node) == "call_expr")
    return {syntax.operands(n)[1].id for n in calls if n.call_expr.function == "matches"}


def _values(tree: Tree, node: Node) -> Iterator[tuple[str, Any]]:
    if syntax.kind(node) == "list_expr":
        for element in node.list_expr.elements:
            yield from _values(tree, element)
    elif syntax.kind(node) == "const_expr":
        yield tree.type(node), syntax.constant(node.const_expr)
    elif syntax.is_literal_call(node):
        yield tree.type(node), compile_exact(tree.at(node))(Frame(Empty(), {}))
