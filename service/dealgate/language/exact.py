"""The exact evaluator: an expression as nested functions that know unknown and failed operands.

It follows CEL's definition word by word and is the engine's reference: compiled rule sets fall
back to it whenever a fact is missing or an operation fails, and explanations are taken from it.

A value that is not there spreads through operators and is absorbed by `&&` and `||`, whether it
is unknown or failed. Where two meet, the left one decides, as in cel-cpp. Amounts of two
currencies come to unknown: to read them a rate is missing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from dealgate.language import syntax
from dealgate.language.budget import EXACT, read_through, weight_of
from dealgate.language.evaluators import (
    Evaluator,
    conditional,
    field_read,
    logical,
    map_read,
    once,
    operation_of,
    path_named,
    path_of,
    read_message,
    read_name,
    recorded,
    strict,
)
from dealgate.language.extensions import MONEY
from dealgate.language.frame import Frame, is_present
from dealgate.language.functions import build_map
from dealgate.language.loop_evaluators import (
    appended,
    loop_over,
    member,
    paid_items,
    reading_through,
)
from dealgate.language.membership import membership
from dealgate.language.operations import OPERATIONS, takes_money
from dealgate.language.origins import ANY, elements_path, located
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import (
    Value,
)


def compile_exact(tree: Tree, *, trace: bool = False) -> Evaluator:
    """Return a function from a frame to a value or a NoValue; with `trace` it fills `seen`."""
    return _Compiler(tree, trace=trace).compile(tree.root)


class _Compiler:
    def __init__(self, tree: Tree, *, trace: bool) -> None:
        self._tree = tree
        self._trace = trace
        self._loops = 0
        self._accumulators: set[str] = set()

    def compile(self, node: Node) -> Evaluator:
        evaluate: Evaluator = getattr(self, f"_{syntax.kind(node)}")(node)
        if not self._trace or self._loops:
            return evaluate
        return recorded(evaluate, node.id)

    def _const_expr(self, node: Node) -> Evaluator:
        value = syntax.constant(node.const_expr)
        return lambda _: value

    def _ident_expr(self, node: Node) -> Evaluator:
        constant = self._tree.constant(node)
        if constant is not None:
            return lambda _: constant
        name = node.ident_expr.name
        return lambda frame: frame.bound[name] if name in frame.bound else read_name(frame, name)

    def _select_expr(self, node: Node) -> Evaluator:
        constant = self._tree.constant(node)
        if constant is not None:
            return lambda _: constant
        field_ = self._tree.field(node)
        operand = self._message(node.select_expr.operand)
        if field_ is None:
            return map_read(operand, node.select_expr.field, test_only=node.select_expr.test_only)
        if node.select_expr.test_only:
            return strict(operand, lambda message: is_present(message, field_))
        return field_read(operand, field_, path_of(node))

    def _message(self, node: Node) -> Evaluator:
        # A message on the way to a field is never unknown: its own fields are.
        if syntax.kind(node) == "select_expr" and not node.select_expr.test_only:
            field_ = self._tree.field(node)
            if field_ is not None and not field_.is_repeated:
                operand = self._message(node.select_expr.operand)
                name = field_.name
                return strict(operand, lambda message: getattr(message, name))
        if syntax.kind(node) == "ident_expr":
            name = node.ident_expr.name
            return lambda frame: (
                frame.bound[name] if name in frame.bound else read_message(frame, name)
            )
        return self.compile(node)

    def _call_expr(self, node: Node) -> Evaluator:
        function = node.call_expr.function
        operands = [self.compile(operand) for operand in syntax.operands(node)]
        if function == "_&&_":
            return logical(*operands, absorbing=False)
        if function == "_||_":
            return logical(*operands, absorbing=True)
        if function == "_?_:_":
            return conditional(*operands)
        if function == "@not_strictly_false":
            return lambda frame: operands[0](frame) is not False
        overload = self._tree.overloads(node)[0]
        if overload == "add_list" and self._is_accumulator(syntax.operands(node)[0]):
            return appended(*operands)
        amounts = self._facts_in(node) if takes_money(overload) else ()
        for position in read_through(self._tree, node):
            operands[position] = reading_through(operands[position])
        operation = operation_of(OPERATIONS[overload].call, operands, amounts)
        return once(operation) if syntax.is_literal_call(node) else operation

    def _is_accumulator(self, node: Node) -> bool:
        return syntax.kind(node) == "ident_expr" and node.ident_expr.name in self._accumulators

    def _facts_in(self, node: Node) -> Sequence[Callable[[Frame], str]]:
        """Return the paths of the facts that an operation on amounts reads."""
        return [*self._amounts(node, {})]

    def _amounts(self, node: Node, elements: Mapping[str, str]) -> Iterator[Callable[[Frame], str]]:
        """`elements` says where the variables of macros are found: "items[]"."""
        if self._tree.type(node) == MONEY and self._tree.constant(node) is None:
            if syntax.kind(node) == "select_expr":
                yield path_of(node, elements)
            elif syntax.kind(node) == "ident_expr":
                yield partial(path_named, node.ident_expr.name)
        for part, bound in syntax.scopes(node):
            variables = dict(elements)
            if bound:
                path = located(self._ranged(node), elements)
                variables |= dict.fromkeys(syntax.variables(node), path)
            yield from self._amounts(part, variables)

    def _ranged(self, node: Node) -> str:
        """Return the path of what a macro's variable stands for: a list's elements, or a value."""
        if syntax.is_bind(node):
            return self._bound_path(node) or ""
        return elements_path(self._tree, node.comprehension_expr.iter_range) or ""

    def _bound_path(self, node: Node) -> str | None:
        """Return the path of a value that is given a name; of a list that of its elements' list."""
        given = node.comprehension_expr.accu_init
        if not self._tree.type(given).startswith("list("):
            return syntax.path(given)
        path = elements_path(self._tree, given)
        return path and path.removesuffix(ANY)

    def _list_expr(self, node: Node) -> Evaluator:
        elements = [self.compile(element) for element in node.list_expr.elements]
        return operation_of(lambda *values: list(values), elements)

    def _struct_expr(self, node: Node) -> Evaluator:
        return operation_of(build_map, [self.compile(part) for part in syntax.children(node)])

    def _comprehension_expr(self, node: Node) -> Evaluator:
        loop = node.comprehension_expr
        if syntax.is_bind(node):
            return self._bind(node)
        asked = membership(self._tree, node)
        items = self.compile(loop.iter_range)
        self._loops += 1
        self._accumulators.add(loop.accu_var)
        parts = [
            self.compile(part)
            for part in (loop.accu_init, loop.loop_condition, loop.loop_step, loop.result)
        ]
        self._loops -= 1
        path = elements_path(self._tree, loop.iter_range) or f"{loop.iter_var}{ANY}"
        paid = paid_items(items, weight_of(node) * EXACT)
        whole = loop_over(paid, (loop.iter_var, loop.iter_var2), loop.accu_var, path, *parts)
        if asked is None:
            return whole
        self._loops += 1
        other = self.compile(asked.other)
        self._loops -= 1
        return member(asked, items, other, path, whole)

    def _bind(self, node: Node) -> Evaluator:
        """A name for a value, also for one that is unknown or failed: `cel.bind(n, value, e)`."""
        loop = node.comprehension_expr
        is_message = "." in self._tree.type(loop.accu_init)
        value = (self._message if is_message else self.compile)(loop.accu_init)
        self._loops += 1
        result, name = self.compile(loop.result), loop.accu_var
        self._loops -= 1
        path = self._bound_path(node) or name

        def run(frame: Frame) -> Value:
            bound = {**frame.bound, name: value(frame)}
            return result(
                Frame(
                    frame.facts,
                    frame.names,
                    bound,
                    {**frame.paths, name: located(path, frame.paths)},
                    budget=frame.paid(),
                )
            )

        return run
