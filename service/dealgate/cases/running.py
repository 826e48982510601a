"""Rules ready to be run by the exact evaluator, one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from google.protobuf.message import Message

from dealgate.engine.evidence import Judgement
from dealgate.language import syntax
from dealgate.language.evaluators import Evaluator
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.origins import element_path
from dealgate.language.syntax import Tree
from dealgate.language.values import NoValue, Ternary, Value, elements
from dealgate.model.rules import AnyRule, Expression

Seen = dict[int, Value]


@dataclass(frozen=True, slots=True)
class Runnable:
    """An expression ready to be run, its tree, and the names it mentions."""

    run: Evaluator
    tree: Tree
    mentions: frozenset[str]


@dataclass(frozen=True, slots=True)
class RunnableRule:
    """A rule ready to be run: on its own, or on each element of `items`, found at `path`."""

    when: Runnable | None
    items: Runnable | None
    variable: str
    path: str

    @property
    def mentions(self) -> frozenset[str]:
        """The names that decide its result."""
        parts = [part.mentions for part in (self.when, self.items) if part is not None]
        return frozenset[str]().union(*parts)

    def judge(self, facts: Message, names: Mapping[str, Value]) -> Judgement:
        """Return what the native engine returns of it."""
        if self.items is None:
            return self._truth(Frame(facts, names))
        items = self.items.run(Frame(facts, names))
        if isinstance(items, NoValue):
            return items
        truths = [self._truth(frame) for frame in self.frames(facts, names)]
        return [(index, truth) for index, truth in enumerate(truths) if truth is not False]

    def frames(self, facts: Message, names: Mapping[str, Value]) -> Iterator[Frame]:
        """Yield what it is judged on: once, or once an element."""
        if self.items is None:
            yield Frame(facts, names)
            return
        items = self.items.run(Frame(facts, names))
        for index, item in enumerate(elements(items)):
            paths = {self.variable: self.path.format(i=index)}
            yield Frame(facts, names, {self.variable: item}, paths)

    def _truth(self, frame: Frame) -> Ternary:
        return True if self.when is None else cast("Ternary", self.when.run(frame))


def runnable(expression: Expression, *, trace: bool = False) -> Runnable:
    """Prepare an expression; with `trace` it fills its frame's `seen`."""
    tree = Tree(expression.ast)
    run = compile_exact(tree, trace=trace)
    return Runnable(run, tree, frozenset(syntax.names(tree.root)))


def runnable_rule(rule: AnyRule, *, trace: bool = False) -> RunnableRule:
    """Prepare a rule; with `trace` its condition fills its frame's `seen`."""
    when = runnable(rule.when, trace=trace) if rule.when else None
    if rule.each is None:
        return RunnableRule(when, None, "", "")
    items = runnable(rule.each.items)
    path = element_path(items.tree, rule.each.variable)
    return RunnableRule(when, items, rule.each.variable, path)
