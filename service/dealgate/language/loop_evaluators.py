"""The evaluators of macros' loops, and of what is paid for by its length."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from google.protobuf.message import Message

from dealgate.language.evaluators import Evaluator
from dealgate.language.frame import Frame
from dealgate.language.membership import Membership
from dealgate.language.origins import located
from dealgate.language.values import (
    CelError,
    Failure,
    NoValue,
    Scalar,
    Unknown,
    Value,
    elements,
    first_without_value,
)


def appended(accumulator: Evaluator, element: Evaluator) -> Evaluator:
    """Add to the list that a macro makes; nothing else holds it, and a copy a round costs n²."""

    def run(frame: Frame) -> Value:
        made, new = accumulator(frame), element(frame)
        nothing = first_without_value((made, new))
        if nothing is not None:
            return nothing
        cast("list[Value]", made).extend(elements(new))
        return made

    return run


def paid_items(items: Evaluator, weight: int) -> Evaluator:
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


def reading_through(operand: Evaluator) -> Evaluator:
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


def _pairs(values: Value) -> Iterable[tuple[Value, Value]]:
    """Return the positions and elements of a list, or the keys and values of a map."""
    if hasattr(values, "items"):
        return cast("Mapping[Scalar, Value]", values).items()
    return enumerate(elements(values))


def member(
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


def loop_over(
    items: Evaluator,
    variables: tuple[str, str],
    accumulator: str,
    path: str,
    start: Evaluator,
    condition: Evaluator,
    step: Evaluator,
    result: Evaluator,
) -> Evaluator:
    """Run a macro's loop over a list or map."""

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
