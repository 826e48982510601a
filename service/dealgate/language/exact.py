"""The exact evaluator: an expression as nested functions that know unknown and failed operands.

It follows CEL's definition word by word and is the engine's reference: compiled rule sets fall
back to it whenever a fact is missing or an operation fails, and explanations are taken from it.

A value that is not there spreads through operators and is absorbed by `&&` and `||`, whether it
is unknown or failed. Where two meet, the left one decides, as in cel-cpp. Amounts of two
currencies come to unknown: to read them a rate is missing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from dealgate.language import syntax
from dealgate.language.budget import EXACT, read_through, weight_of
from dealgate.language.extensions import MONEY
from dealgate.language.frame import Frame, is_present, read_field
from dealgate.language.functions import build_map
from dealgate.language.membership import Membership, membership
from dealgate.language.operations import OPERATIONS, takes_money
from dealgate.language.origins import ANY, elements_path, located
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import (
    CelError,
    CurrenciesDiffer,
    Failure,
    NoValue,
    Scalar,
    Ternary,
    Unknown,
    Value,
    elements,
    first_without_value,
)
from dealgate.model.fields import field_of

Evaluator: TypeAlias = Callable[[Frame], Value]
NOWHERE: Mapping[str, str] = {}


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
        return _recorded(evaluate, node.id)

    def _const_expr(self, node: Node) -> Evaluator:
        value = syntax.constant(node.const_expr)
        return lambda _: value

    def _ident_expr(self, node: Node) -> Evaluator:
        constant = self._tree.constant(node)
        if constant is not None:
            return lambda _: constant
        name = node.ident_expr.name
        return lambda frame: frame.bound[name] if name in frame.bound else _read(frame, name)

    def _select_expr(self, node: Node) -> Evaluator:
        constant = self._tree.constant(node)
        if constant is not None:
            return lambda _: constant
        field_ = self._tree.field(node)
        operand = self._message(node.select_expr.operand)
        if field_ is None:
            return _map_read(operand, node.select_expr.field, test_only=node.select_expr.test_only)
        if node.select_expr.test_only:
            return _strict(operand, lambda message: is_present(message, field_))
        return _field_read(operand, field_, _path_of(node))

    def _message(self, node: Node) -> Evaluator:
        # A message on the way to a field is never unknown: its own fields are.
        if syntax.kind(node) == "select_expr" and not node.select_expr.test_only:
            field_ = self._tree.field(node)
            if field_ is not None and not field_.is_repeated:
                operand = self._message(node.select_expr.operand)
                name = field_.name
                return _strict(operand, lambda message: getattr(message, name))
        if syntax.kind(node) == "ident_expr":
            name = node.ident_expr.name
            return lambda frame: (
                frame.bound[name] if name in frame.bound else _message_read(frame, name)
            )
        return self.compile(node)

    def _call_expr(self, node: Node) -> Evaluator:
        function = node.call_expr.function
        operands = [self.compile(operand) for operand in syntax.operands(node)]
        if function == "_&&_":
            return _logical(*operands, absorbing=False)
        if function == "_||_":
            return _logical(*operands, absorbing=True)
        if function == "_?_:_":
            return _conditional(*operands)
        if function == "@not_strictly_false":
            return lambda frame: operands[0](frame) is not False
        overload = self._tree.overloads(node)[0]
        if overload == "add_list" and self._is_accumulator(syntax.operands(node)[0]):
            return _appended(*operands)
        amounts = self._facts_in(node) if takes_money(overload) else ()
        for position in read_through(self._tree, node):
            operands[position] = _read_through(operands[position])
        operation = _operation(OPERATIONS[overload].call, operands, amounts)
        return _once(operation) if syntax.is_literal_call(node) else operation

    def _is_accumulator(self, node: Node) -> bool:
        return syntax.kind(node) == "ident_expr" and node.ident_expr.name in self._accumulators

    def _facts_in(self, node: Node) -> Sequence[Callable[[Frame], str]]:
        """Return the paths of the facts that an operation on amounts reads."""
        return [*self._amounts(node, {})]

    def _amounts(self, node: Node, elements: Mapping[str, str]) -> Iterator[Callable[[Frame], str]]:
        """`elements` says where the variables of macros are found: "items[]"."""
        if self._tree.type(node) == MONEY and self._tree.constant(node) is None:
            if syntax.kind(node) == "select_expr":
                yield _path_of(node, elements)
            elif syntax.kind(node) == "ident_expr":
                yield partial(_named, node.ident_expr.name)
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
        return _operation(lambda *values: list(values), elements)

    def _struct_expr(self, node: Node) -> Evaluator:
        return _operation(build_map, [self.compile(part) for part in syntax.children(node)])

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
        paid = _paid(items, weight_of(node) * EXACT)
        whole = _loop(paid, (loop.iter_var, loop.iter_var2), loop.accu_var, path, *parts)
        if asked is None:
            return whole
        self._loops += 1
        other = self.compile(asked.other)
        self._loops -= 1
        return _member(asked, items, other, path, whole)

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


def _once(evaluate: Evaluator) -> Evaluator:
    # What has no operand but literals is the same on every frame.
    value = evaluate(Frame(Empty(), {}))
    return lambda _: value


def _recorded(evaluate: Evaluator, id_: int) -> Evaluator:
    def run(frame: Frame) -> Value:
        value = evaluate(frame)
        if frame.seen is not None:
            frame.seen[id_] = value
        return value

    return run


def _read(frame: Frame, name: str) -> Value:
    if name in frame.names:
        return frame.names[name]
    return read_field(frame.facts, field_of(frame.facts, name), name)


def _message_read(frame: Frame, name: str) -> Value:
    return frame.names[name] if name in frame.names else getattr(frame.facts, name)


def _path_of(node: Node, elements: Mapping[str, str] = NOWHERE) -> Callable[[Frame], str]:
    path = located(syntax.path(node) or node.select_expr.field, elements)
    return lambda frame: located(path, frame.paths)


def _field_read(
    operand: Evaluator, field_: FieldDescriptor, path: Callable[[Frame], str]
) -> Evaluator:
    def run(frame: Frame) -> Value:
        message = operand(frame)
        if isinstance(message, NoValue):
            return message
        try:
            return read_field(cast("Message", message), field_, path(frame))
        except CelError as error:
            return Failure(str(error))

    return run


def _map_read(operand: Evaluator, key: str, *, test_only: bool) -> Evaluator:
    if test_only:
        return _strict(operand, lambda table: key in table)
    return _strict(operand, lambda table: OPERATIONS["index_map"].call(table, key))


def _strict(operand: Evaluator, apply: Callable[[Any], Value]) -> Evaluator:
    return _operation(apply, [operand])


def _named(name: str, frame: Frame) -> str:
    """Return where a fact stands; what only the rule set names, a constant perhaps, has no path."""
    is_fact = name in frame.bound or name in frame.facts.DESCRIPTOR.fields_by_name
    return frame.paths.get(name, name) if is_fact else ""


def _unread(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the facts that a rate would make readable, each once."""
    return tuple(sorted(set(paths) - {""})) or ("exchange_rates",)


def _operation(
    apply: Callable[..., Value],
    operands: list[Evaluator],
    amounts: Sequence[Callable[[Frame], str]] = (),
) -> Evaluator:
    """`amounts` are the facts that cannot be read if their currencies turn out to differ."""

    def run(frame: Frame) -> Value:
        values = [operand(frame) for operand in operands]
        nothing = first_without_value(values)
        if nothing is not None:
            return nothing
        try:
            return apply(*values)
        except CurrenciesDiffer as error:
            return (
                Unknown(_unread([path(frame) for path in amounts]))
                if amounts
                else Failure(str(error))
            )
        except CelError as error:
            return Failure(str(error))

    return run


def both(a: Ternary, b: Ternary) -> Ternary:
    """Combine two truths with `&&`: false absorbs."""
    if a is False or b is False:
        return False
    if a is True or b is True:
        return b if a is True else a
    return first_without_value((a, b)) or True


def either(a: Ternary, b: Ternary) -> Ternary:
    """Combine two truths with `||`: true absorbs."""
    if a is True or b is True:
        return True
    if a is False or b is False:
        return b if a is False else a
    return first_without_value((a, b)) or False


def _appended(accumulator: Evaluator, element: Evaluator) -> Evaluator:
    """Add to the list that a macro makes; nothing else holds it, and a copy a round costs n²."""

    def run(frame: Frame) -> Value:
        made, new = accumulator(frame), element(frame)
        nothing = first_without_value((made, new))
        if nothing is not None:
            return nothing
        cast("list[Value]", made).extend(elements(new))
        return made

    return run


def _paid(items: Evaluator, weight: int) -> Evaluator:
    """Pay for the rounds of a loop before it begins."""

    def run(frame: Frame) -> Value:
        values = items(frame)
        if isinstance(values, NoValue):
            return values
        try:
            return frame.paid().loop(elements(values), weight)
        except CelError as error:
            return Failure(str(error))

    return run


def _read_through(operand: Evaluator) -> Evaluator:
    """Pay for a text or list that is read from end to end."""

    def run(frame: Frame) -> Value:
        value = operand(frame)
        if isinstance(value, NoValue):
            return value
        try:
            return frame.paid().read(cast("Sequence[Value]", value))
        except CelError as error:
            return Failure(str(error))

    return run


def _logical(left: Evaluator, right: Evaluator, *, absorbing: bool) -> Evaluator:
    combine = either if absorbing else both

    def run(frame: Frame) -> Value:
        a = left(frame)
        if a is absorbing:
            return a
        return combine(cast("Ternary", a), cast("Ternary", right(frame)))

    return run


def _conditional(condition: Evaluator, then: Evaluator, otherwise: Evaluator) -> Evaluator:
    def run(frame: Frame) -> Value:
        truth = condition(frame)
        if isinstance(truth, NoValue):
            return truth
        return then(frame) if truth else otherwise(frame)

    return run


def _pairs(values: Value) -> Iterable[tuple[Value, Value]]:
    """Return the positions and elements of a list, or the keys and values of a map."""
    if hasattr(values, "items"):
        return cast("Mapping[Scalar, Value]", values).items()
    return enumerate(elements(values))


def _member(
    asked: Membership, items: Evaluator, other: Evaluator, path: str, whole: Evaluator
) -> Evaluator:
    """Look a value up among those of a list's elements; whatever is not that simple is looped."""
    root, key = asked.path.partition(".")[0], object()

    def run(frame: Frame) -> Value:
        listed = items(frame)
        if root in frame.bound or isinstance(listed, NoValue) or not elements(listed):
            return whole(frame)
        value = other(frame)
        if isinstance(value, NoValue):
            return whole(frame)
        try:
            index = frame.paid().index(key, cast("Sequence[Message]", listed), asked.field)
        except CelError as error:
            return Failure(str(error))
        if cast("Scalar", value) in index.values:
            return True
        lacking = f"{located(path, frame.paths)}.{asked.field.name}"
        return Unknown((lacking,)) if index.lacks else False

    return run


def _loop(
    items: Evaluator,
    variables: tuple[str, str],
    accumulator: str,
    path: str,
    start: Evaluator,
    condition: Evaluator,
    step: Evaluator,
    result: Evaluator,
) -> Evaluator:
    def run(frame: Frame) -> Value:
        values = items(frame)
        if isinstance(values, NoValue):
            return values
        key, element = variables
        paths = {**frame.paths, element or key: located(path, frame.paths)}
        inner = Frame(frame.facts, frame.names, dict(frame.bound), paths, budget=frame.budget)
        inner.bound[accumulator] = start(inner)
        for item in _pairs(values) if element else elements(values):
            if element:
                inner.bound[key], inner.bound[element] = cast("tuple[Value, Value]", item)
            else:
                inner.bound[key] = item
            if condition(inner) is False:
                break
            inner.bound[accumulator] = step(inner)
        return result(inner)

    return run
