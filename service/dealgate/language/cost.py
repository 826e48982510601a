"""A bound on what expressions cost on the largest facts that contracts allow: known at load.

Everything is an upper bound, in the steps of `budget.py`: `&&` costs both sides, a loop runs to its
end. Sizes are those of CEL's size(): characters, elements, keys. A named fact costs once and passes
on its size, so that what doubles from fact to fact is seen by its size.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.language import syntax
from dealgate.language.budget import CHARACTERS, read_through, weight_of
from dealgate.language.lists import RANGE
from dealgate.language.membership import membership
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import Scalar
from dealgate.model.bound_table import ELEMENTS, length_of
from dealgate.model.rules import AnyRuleSet, Each, Expression

# What a rule set may come to, and one of its values. An upper bound is rarely reached, so it is
# more than the budget of a decision.
STEPS = 32_000_000
SIZE = 1_000_000
TEXT = 256  # characters of a fact; longer ones are rare, and paid for when they come
WRITTEN = 100  # characters of what a function writes: a number, an instant
SIZED = ("list(", "map(", "string", "bytes")
MOST = 1e30  # of sizes and steps; what is larger is so large that nobody asks how much
# Functions whose result grows by another text: what each replaced or joined part may become.
GROWS = frozenset({"replace", "join", "regex.replace"})
# Those that write texts out, with escapes, and those that cut one into texts.
ESCAPES, CUTS = frozenset({"strings.quote"}), frozenset({"split", "regex.extractAll"})


@dataclass(frozen=True, slots=True)
class Bound:
    """What a value is at most: the `steps` to make it, its `size`, and that of its elements.

    `number` is how many such values there are at once: elements of lists in lists share what a
    request may hold.
    """

    steps: float
    size: float = 1
    inner: "Bound | None" = None
    number: float = 1

    @property
    def weight(self) -> float:
        """How much it holds in all."""
        return float(self.size) * (self.inner.weight if self.inner else 1)


class Costs:
    """Bounds of the expressions of one rule set."""

    def __init__(self, facts: Descriptor) -> None:
        """`facts` describes the facts that expressions read."""
        self._facts = facts
        self._known: dict[str, Bound] = {}

    def name(self, name: str, bound: Bound) -> None:
        """Let later expressions read a constant or a named fact: it is made once."""
        self._known[name] = replace(bound, steps=1)

    def of(self, tree: Tree, variables: Mapping[str, Bound] | None = None) -> Bound:
        """Return the bound of an expression."""
        return self._of(tree, tree.root, dict(variables or {}))

    def _of(self, tree: Tree, node: Node, names: Mapping[str, Bound]) -> Bound:
        bound: Bound = getattr(self, f"_{syntax.kind(node)}")(tree, node, names)
        if bound.steps > MOST or bound.weight > MOST:
            return replace(bound, steps=min(bound.steps, MOST), size=min(bound.size, MOST))
        return bound

    def _const_expr(self, _: Tree, node: Node, __: Mapping[str, Bound]) -> Bound:
        return _of_value(syntax.constant(node.const_expr))

    def _ident_expr(self, _: Tree, node: Node, names: Mapping[str, Bound]) -> Bound:
        name = node.ident_expr.name
        known = names.get(name) or self._known.get(name)
        if known is not None:
            return replace(known, steps=1)
        field = self._facts.fields_by_name.get(name)
        return Bound(1) if field is None else _of_field(field, 1)

    def _select_expr(self, tree: Tree, node: Node, names: Mapping[str, Bound]) -> Bound:
        if tree.constant(node) is not None:
            return Bound(1)
        above = self._of(tree, node.select_expr.operand, names)
        field = tree.field(node)
        if node.select_expr.test_only:
            return Bound(above.steps + 1)
        below = above.inner or Bound(1) if field is None else _of_field(field, above.number)
        return replace(below, steps=above.steps + 1)

    def _list_expr(self, tree: Tree, node: Node, names: Mapping[str, Bound]) -> Bound:
        parts = [self._of(tree, part, names) for part in syntax.children(node)]
        return Bound(1 + sum(part.steps for part in parts), max(len(parts), 1), _largest(parts))

    _struct_expr = _list_expr

    def _comprehension_expr(self, tree: Tree, node: Node, names: Mapping[str, Bound]) -> Bound:
        loop = node.comprehension_expr
        if syntax.is_bind(node):
            made = self._of(tree, loop.accu_init, names)
            result = self._of(tree, loop.result, {**names, loop.accu_var: replace(made, steps=1)})
            return replace(result, steps=made.steps + result.steps)
        items = self._of(tree, loop.iter_range, names)
        asked = membership(tree, node)
        if asked is not None and asked.path.partition(".")[0] not in names:
            return Bound(3 + self._of(tree, asked.other, names).steps)
        number = items.number * items.size
        element = replace(items.inner or Bound(1), number=number)
        inside = {**names, loop.accu_var: Bound(0, 0), loop.iter_var: element}
        if loop.iter_var2:
            inside |= {loop.iter_var: Bound(1, WRITTEN), loop.iter_var2: element}
        step = self._of(tree, loop.loop_step, inside)
        steps = items.steps + items.size * max(step.steps, weight_of(node))
        if syntax.kind(loop.accu_init) in {"list_expr", "struct_expr"}:
            return Bound(steps, items.size, step.inner or Bound(1))
        return Bound(steps)

    def _call_expr(self, tree: Tree, node: Node, names: Mapping[str, Bound]) -> Bound:
        parts = [self._of(tree, operand, names) for operand in syntax.operands(node)]
        if node.call_expr.function == "_?_:_":
            test, then, other = parts
            steps = 1 + test.steps + max(then.steps, other.steps)
            return replace(max(then, other, key=lambda part: part.weight), steps=steps)
        steps = 1 + sum(part.steps for part in parts)
        for position in read_through(tree, node):
            steps += _read(parts[position], tree.type(syntax.operands(node)[position]))
        return self._result(tree, node, parts, steps)

    def _result(self, tree: Tree, node: Node, parts: Sequence[Bound], steps: float) -> Bound:
        """Return the bound of a call's value."""
        function, type_ = node.call_expr.function, tree.type(node)
        if function == "_[_]":
            return replace(parts[0].inner or Bound(1), steps=steps)
        if not type_.startswith(SIZED):
            return Bound(steps)
        if function == "_+_":
            if parts[0].steps == 0:  # what a macro adds to its list: the loop counts elements
                return Bound(steps, 1, parts[1].inner)
            inner = _largest([part.inner for part in parts if part.inner])
            return Bound(steps, sum(part.size for part in parts), inner)
        sized = [part for part in parts if part.size > 1] or [Bound(1, WRITTEN)]
        if (made := _made(node, parts)) is not None:
            return replace(made, steps=steps)
        if function in GROWS:
            texts = (part.inner.size if part.inner else part.size for part in sized[1:])
            own = sized[0].inner.size if sized[0].inner else 1
            return Bound(steps, sized[0].size * (own + sum(texts)))
        return replace(sized[0], steps=steps, number=1)


def _of_field(field: FieldDescriptor, number: float) -> Bound:
    """Return how large a field can be by its contract; there are `number` messages with it."""
    size = TEXT if field.cpp_type == FieldDescriptor.CPPTYPE_STRING else 1
    if not field.is_repeated:
        return Bound(1, size, None, number)
    most = max(min(length_of(field), ELEMENTS / number), 1)
    return Bound(1, most, Bound(1, size), number)


def _made(node: Node, parts: Sequence[Bound]) -> Bound | None:
    """Return the bound of what some functions make, which is not that of their operands."""
    function, first = node.call_expr.function, parts[0]
    if function == "cel.@mapInsert":  # what a macro adds to its map
        return Bound(1, 1, parts[2] if parts[2:] else parts[1].inner)
    if function == "lists.range":
        return Bound(1, _most_of(syntax.operands(node)[0]))
    if function in ESCAPES:
        return Bound(1, 2 * first.size + 2)
    return Bound(1, first.size, Bound(1, first.size)) if function in CUTS else None


def _most_of(number: Node) -> float:
    """Return how many numbers lists.range(…) gives at most."""
    written = syntax.constant(number.const_expr) if syntax.kind(number) == "const_expr" else None
    return max(min(written, RANGE), 1) if isinstance(written, int) else RANGE


def _read(bound: Bound, type_: str) -> float:
    return bound.weight / CHARACTERS if type_.startswith(("string", "bytes")) else bound.size


def _largest(parts: Sequence[Bound]) -> Bound | None:
    return max(parts, key=lambda part: part.weight, default=None)


def _of_value(value: Scalar | None) -> Bound:
    if isinstance(value, str | bytes):
        return Bound(1, max(len(value), 1))
    return Bound(1)


@dataclass(frozen=True, slots=True)
class PricedPart:
    """An expression of a rule set: what it costs at most, and how large its value can be."""

    subject: str
    expression: Expression
    steps: float
    size: float


def parts_of(ruleset: AnyRuleSet) -> Iterator[PricedPart]:
    """Yield each expression's bound, in the order of the file; a table's cells are judged once."""
    costs = Costs(ruleset.message)
    for name, expression in ruleset.constants.items():
        bound = costs.of(Tree(expression.ast))
        costs.name(name, bound)
        yield PricedPart(f"constant {name}", expression, bound.steps, bound.weight)
    for name, expression in ruleset.facts.items():
        bound = costs.of(Tree(expression.ast))
        costs.name(name, bound)
        yield PricedPart(f"fact {name}", expression, bound.steps, bound.weight)
    lists = dict[str, Bound]()
    for rule in ruleset.rules:
        if rule.when is None:
            continue
        items = None if rule.each is None else _items(costs, rule.each, lists)
        number = 1 if items is None else items.size
        element = replace(items.inner or Bound(1), number=number) if items else Bound(1)
        variables = {rule.each.variable: element} if rule.each else {}
        bound = costs.of(Tree(rule.when.ast), variables)
        yield PricedPart(f"rule {rule.id}", rule.when, bound.steps * number, bound.weight)


def _items(costs: Costs, loop: Each, lists: dict[str, Bound]) -> Bound:
    """Return the bound of a list that rules share."""
    source = loop.items.source
    if source not in lists:
        lists[source] = costs.of(Tree(loop.items.ast))
    return lists[source]
