"""How each rule was judged: the truth of every condition and the values it read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.message import Message

from dealgate.engine.evidence import Judgement
from dealgate.language import syntax
from dealgate.language.evaluators import Evaluator
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame, named_frame
from dealgate.language.literals import literal
from dealgate.language.origins import element_path
from dealgate.language.syntax import Node, Tree
from dealgate.language.text import text
from dealgate.language.values import CelError, Failure, NoValue, Unknown, Value, elements
from dealgate.model.decision import Condition, Explanation, Operand, Truth
from dealgate.model.rules import AnyRule, AnyRuleSet

# Of the elements of a long list, so many of those that a rule is not false for are explained, and
# of all so many of the first: nobody reads ten thousand.
NOT_FALSE, FIRST = 150, 50
LOGICAL = ("_&&_", "_||_", "!_", "_?_:_")


@dataclass(frozen=True, slots=True)
class _Read:
    """A part of a condition that reads a value."""

    id: int
    text: str
    type: str
    enum: EnumDescriptor | None


@dataclass(frozen=True, slots=True)
class _Part:
    """A condition of a rule, or a condition within one."""

    id: int
    text: str
    depth: int
    reads: tuple[_Read, ...]


@dataclass(frozen=True, slots=True)
class _Traced:
    """A rule taken apart, ready to be run with every step on record."""

    rule: AnyRule
    parts: tuple[_Part, ...]
    run: Evaluator | None
    items: Evaluator | None
    path: str


class Explainer:
    """Judges a rule set's rules again with the exact evaluator, keeping every value it passes."""

    def __init__(self, ruleset: AnyRuleSet, constants: Mapping[str, Value]) -> None:
        """`constants` are the values of constant names."""
        self._constants = constants
        self._facts = {
            name: compile_exact(Tree(expression.ast)) for name, expression in ruleset.facts.items()
        }
        self._rules = [_traced(rule) for rule in ruleset.rules]

    def explain(
        self, facts: Message, as_of: int, judgements: Sequence[Judgement | None] = ()
    ) -> tuple[Explanation, ...]:
        """Return one explanation a rule; with `each`, one for each element that is of interest.

        `judgements` are what the rules came to: of a long list, elements for which a rule is not
        false come before others. Without them every element is explained.
        """
        frame = self.frame(facts, as_of)
        return tuple(
            explanation
            for rule, judgement in zip_longest(self._rules, judgements)
            for explanation in _explain(rule, judgement, frame)
        )

    def frame(self, facts: Message, as_of: int) -> Frame:
        """Return what the rules' expressions are evaluated on, its named facts evaluated."""
        return named_frame(facts, self._constants, as_of, self._facts)


def _traced(rule: AnyRule) -> _Traced:
    tree = Tree(rule.when.ast) if rule.when else None
    run = compile_exact(tree, trace=True) if tree else None
    parts = tuple(_parts(tree, tree.root, 0)) if tree else ()
    if rule.each is None:
        return _Traced(rule, parts, run, None, "")
    items = Tree(rule.each.items.ast)
    path = element_path(items, rule.each.variable)
    return _Traced(rule, parts, run, compile_exact(items), path)


def _parts(tree: Tree, node: Node, depth: int) -> Iterator[_Part]:
    logical = syntax.kind(node) == "call_expr" and node.call_expr.function in LOGICAL
    reads = () if logical else tuple({read.text: read for read in _reads(tree, node)}.values())
    yield _Part(node.id, text(node), depth, reads)
    if logical:
        for child in syntax.operands(node):
            yield from _parts(tree, child, depth + 1)


def _reads(tree: Tree, node: Node) -> Iterator[_Read]:
    which = syntax.kind(node)
    if which == "const_expr" or tree.constant(node) is not None:
        return
    if syntax.path(node) is not None:
        field = tree.field(node) if which == "select_expr" else None
        enum = field.enum_type if field is not None else None
        yield _Read(node.id, text(node), tree.type(node), enum)
        return
    parts = syntax.children(node)
    if which == "comprehension_expr":
        parts = [syntax.ranged(node)]
    for part in parts:
        yield from _reads(tree, part)


def _explain(traced: _Traced, judgement: Judgement | None, frame: Frame) -> Iterator[Explanation]:
    if traced.items is None or traced.rule.each is None:
        yield _explanation(traced, Frame(frame.facts, frame.names, budget=frame.budget), None)
        return
    items, variable = traced.items(frame), traced.rule.each.variable
    if isinstance(items, NoValue):
        yield Explanation(traced.rule, truth_of(items), ())
    values = elements(items)
    indexes = _chosen(len(values), judgement)
    try:
        frame.paid().loop(indexes, len(traced.parts))
    except CelError:
        yield Explanation(traced.rule, Truth.NOT_EVALUATED, ())
        return
    for index in indexes:
        bound, paths = {variable: values[index]}, {variable: traced.path.format(i=index)}
        element = Frame(frame.facts, frame.names, bound, paths, budget=frame.budget)
        yield _explanation(traced, element, index)


def chosen(length: int, hits: Sequence[int]) -> Sequence[int]:
    """Return which elements of a list are explained; for `hits` a rule is not false."""
    if length <= FIRST + NOT_FALSE:
        return range(length)
    return sorted({*range(FIRST), *hits[:NOT_FALSE]})


def _chosen(length: int, judgement: Judgement | None) -> Sequence[int]:
    if judgement is None:
        return range(length)
    hits = [index for index, _ in judgement] if isinstance(judgement, list) else []
    return chosen(length, hits)


def _explanation(traced: _Traced, frame: Frame, element: int | None) -> Explanation:
    if traced.run is None:
        return Explanation(traced.rule, Truth.TRUE, (), element)
    frame.seen = {}
    truth = truth_of(traced.run(frame))
    conditions = tuple(_condition(part, frame.seen) for part in traced.parts)
    return Explanation(traced.rule, truth, conditions, element)


def _condition(part: _Part, seen: Mapping[int, Value]) -> Condition:
    truth = truth_of(seen[part.id]) if part.id in seen else Truth.NOT_EVALUATED
    operands = tuple(_operand(read, seen[read.id]) for read in part.reads if read.id in seen)
    return Condition(part.text, truth, operands, part.depth)


def _operand(read: _Read, value: Value) -> Operand:
    if isinstance(value, NoValue):
        return Operand(read.text, None, missing=isinstance(value, Unknown))
    return Operand(read.text, literal(value, read.type, read.enum))


def truth_of(value: Value) -> Truth:
    """Say what a condition came to."""
    if isinstance(value, Unknown):
        return Truth.UNKNOWN
    if isinstance(value, Failure):
        return Truth.ERROR
    return Truth.TRUE if value is True else Truth.FALSE
