"""The pieces that an exact evaluator is made of: functions from a frame to a value."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from dealgate.language import syntax
from dealgate.language.frame import Frame, read_field
from dealgate.language.operations import OPERATIONS
from dealgate.language.origins import located
from dealgate.language.syntax import Node
from dealgate.language.values import (
    CelError,
    CurrenciesDiffer,
    Failure,
    NoValue,
    Ternary,
    Unknown,
    Value,
    first_without_value,
)
from dealgate.model.fields import field_of

Evaluator: TypeAlias = Callable[[Frame], Value]


NOWHERE: Mapping[str, str] = {}


def once(evaluate: Evaluator) -> Evaluator:
    """Evaluate what has no operand but literals now: it is the same on every frame."""
    value = evaluate(Frame(Empty(), {}))
    return lambda _: value


def recorded(evaluate: Evaluator, id_: int) -> Evaluator:
    """Record the value of a node, if the frame asks for that."""

    def run(frame: Frame) -> Value:
        value = evaluate(frame)
        if frame.seen is not None:
            frame.seen[id_] = value
        return value

    return run


def read_name(frame: Frame, name: str) -> Value:
    """Return what a name stands for: a named fact or constant, or a field of the facts."""
    if name in frame.names:
        return frame.names[name]
    return read_field(frame.facts, field_of(frame.facts, name), name)


def read_message(frame: Frame, name: str) -> Value:
    """Return the message that a name stands for; it is never unknown, its fields are."""
    return frame.names[name] if name in frame.names else getattr(frame.facts, name)


def path_of(node: Node, elements: Mapping[str, str] = NOWHERE) -> Callable[[Frame], str]:
    """Return what tells the path of a field in the facts of a frame."""
    path = located(syntax.path(node) or node.select_expr.field, elements)
    return lambda frame: located(path, frame.paths)


def field_read(
    operand: Evaluator, field_: FieldDescriptor, path: Callable[[Frame], str]
) -> Evaluator:
    """Read a field of a message."""

    def run(frame: Frame) -> Value:
        message = operand(frame)
        if isinstance(message, NoValue):
            return message
        try:
            return read_field(cast("Message", message), field_, path(frame))
        except CelError as error:
            return Failure(str(error))

    return run


def map_read(operand: Evaluator, key: str, *, test_only: bool) -> Evaluator:
    """Read an entry of a map, or tell whether it has one."""
    if test_only:
        return strict(operand, lambda table: key in table)
    return strict(operand, lambda table: OPERATIONS["index_map"].call(table, key))


def strict(operand: Evaluator, apply: Callable[[Any], Value]) -> Evaluator:
    """Apply a function to an operand that has a value."""
    return operation_of(apply, [operand])


def path_named(name: str, frame: Frame) -> str:
    """Return where a fact stands; what only the rule set names, a constant perhaps, has no path."""
    is_fact = name in frame.bound or name in frame.facts.DESCRIPTOR.fields_by_name
    return frame.paths.get(name, name) if is_fact else ""


def _unread(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the facts that a rate would make readable, each once."""
    return tuple(sorted(set(paths) - {""})) or ("exchange_rates",)


def operation_of(
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


def logical(left: Evaluator, right: Evaluator, *, absorbing: bool) -> Evaluator:
    """Combine two truths: with `||` if true absorbs, with `&&` if false does."""
    combine = either if absorbing else both

    def run(frame: Frame) -> Value:
        a = left(frame)
        if a is absorbing:
            return a
        return combine(cast("Ternary", a), cast("Ternary", right(frame)))

    return run


def conditional(condition: Evaluator, then: Evaluator, otherwise: Evaluator) -> Evaluator:
    """Choose between two expressions; the other one is not evaluated."""

    def run(frame: Frame) -> Value:
        truth = condition(frame)
        if isinstance(truth, NoValue):
            return truth
        return then(frame) if truth else otherwise(frame)

    return run
