"""Expressions fill a message: each that is known has its field, each that is not leaves it out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from dealgate.inbox.port import Rejected
from dealgate.language.evaluators import Evaluator
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.syntax import Tree
from dealgate.language.values import NANOS, Failure, NoValue, Unknown, Value, elements
from dealgate.model.fields import message_of
from dealgate.model.rules import Expression

EXACT: Final = 2**53
MAPPING_FAILED: Final = "MAPPING_FAILED"

Read: TypeAlias = Callable[[Frame], Value]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field that an expression tells.

    A constant alone says nothing of a payload: a message that would hold only constants is left
    out. `key` is of a property, which the field holds among others.
    """

    field: FieldDescriptor
    path: str
    read: Read
    is_constant: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A field that holds a message. `each`: one for every element of a list."""

    field: FieldDescriptor
    path: str
    parts: "Sequence[Leaf | Branch]"
    each: "tuple[str, Evaluator] | None" = None


Parts: TypeAlias = Sequence[Leaf | Branch]


def evaluator(expression: Expression) -> Evaluator:
    """Compile a checked expression."""
    return compile_exact(Tree(expression.ast))


def translated(read: Read, words: Mapping[str, Any], otherwise: Any) -> Read:
    """Return what reads a text and says what it means; `otherwise` None: that is not known."""

    def meaning(frame: Frame) -> Value:
        text = read(frame)
        if isinstance(text, NoValue):
            return text
        meant: Value = words.get(str(text), otherwise)
        return Unknown(()) if meant is None else meant

    return meaning


def fill(message: Message, parts: Parts, frame: Frame) -> bool:
    """Fill a message; tell whether anything was known. Raises Rejected."""
    known = [_fill(message, part, frame) for part in parts]  # all, not as far as the first
    return any(known)


def unknown(message: Any, parts: Parts, within: str = "") -> Iterator[str]:
    """Yield the paths of fields that expressions give, and that this message lacks."""
    for part in parts:
        name = part.field.name
        path = f"{within}{name}"
        if isinstance(part, Leaf) and part.key:
            if part.key not in getattr(message, name):
                yield f"{path}.{part.key}"
        elif isinstance(part, Leaf):
            is_known = bool(getattr(message, name)) if part.field.is_repeated else None
            if not (message.HasField(name) if is_known is None else is_known):
                yield path
        elif not part.field.is_repeated:
            yield from unknown(getattr(message, name), part.parts, f"{path}.")


def _fill(message: Any, part: Leaf | Branch, frame: Frame) -> bool:
    if isinstance(part, Leaf):
        value = part.read(frame)
        if isinstance(value, Failure):
            raise Rejected(MAPPING_FAILED, f"{part.path}: {value.reason}")
        if isinstance(value, NoValue):
            return False
        return _put(message, part, value) and not part.is_constant
    if part.each is not None:
        return _fill_each(message, part, part.each, frame)
    if part.field.is_repeated:
        made = getattr(message, part.field.name).add()
        known = fill(made, part.parts, frame)
        if not known:
            del getattr(message, part.field.name)[-1]
        return known
    made = GetMessageClass(message_of(part.field))()
    if fill(made, part.parts, frame):
        getattr(message, part.field.name).MergeFrom(made)
        return True
    return False


def _fill_each(message: Any, part: Branch, loop: tuple[str, Evaluator], frame: Frame) -> bool:
    name, items = loop
    known = False
    for index, item in enumerate(elements(items(frame))):
        frame.bound[name], frame.paths[name] = item, f"{name}[{index}]"
        made = getattr(message, part.field.name).add()
        if fill(made, part.parts, frame):
            known = True
        else:
            del getattr(message, part.field.name)[-1]
    frame.bound.pop(name, None)
    return known


def _put(message: Any, leaf: Leaf, value: Any) -> bool:
    field = leaf.field
    try:
        if leaf.key:
            getattr(message, field.name)[leaf.key] = _json(value)
        elif field.is_repeated:
            getattr(message, field.name).extend(value)
            return bool(value)
        elif field.message_type is None:
            setattr(message, field.name, value)
        else:
            _WRITERS[field.message_type.full_name](getattr(message, field.name), value)
    except (ValueError, TypeError) as error:
        raise Rejected(MAPPING_FAILED, f"{leaf.path}: {type(error).__name__}") from error
    return True


def _json(value: Any) -> Any:
    """Return a value as JSON has it; whole numbers that doubles do not hold are texts."""
    is_large = isinstance(value, int) and not isinstance(value, bool) and abs(value) > EXACT
    return str(value) if is_large else value


def _write_timestamp(into: Any, nanoseconds: int) -> None:
    into.seconds, into.nanos = divmod(nanoseconds, NANOS)
    into.SetInParent()


def _write_money(into: Any, amount: tuple[str, int]) -> None:
    into.currency_code, nanos = amount
    sign = -1 if nanos < 0 else 1
    units, rest = divmod(abs(nanos), NANOS)
    into.units, into.nanos = sign * units, sign * rest


def _write_date(into: Any, date: tuple[int, int, int]) -> None:
    into.year, into.month, into.day = date


def _write_decimal(into: Any, number: Decimal) -> None:
    into.value = f"{number:f}"


_WRITERS: Mapping[str, Callable[[Any, Any], None]] = {
    "google.protobuf.Timestamp": _write_timestamp,
    "google.type.Money": _write_money,
    "google.type.Date": _write_date,
    "google.type.Decimal": _write_decimal,
}
WRITABLE = frozenset(_WRITERS)
