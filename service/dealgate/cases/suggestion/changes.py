"""What facts may be changed to: the literals of the rules that read them, and their neighbours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

from dealgate.cases.knowing import Paths
from dealgate.cases.suggestion.field_values import FieldValues
from dealgate.language import syntax
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import CONVERSIONS, NANOS, NoValue
from dealgate.model.fields import Held, along, descriptor_of, put
from dealgate.model.instants import DAY
from dealgate.rulebook.messages import is_map
from dealgate.rulebook.scalars import Field

SAMPLES = 12  # of elements that are added
ELEMENTS = 4  # of a list that are changed; the others are like them


@dataclass(frozen=True, slots=True)
class Changed:
    """Facts with one change: the path of what is different, and the facts."""

    path: str
    facts: Message


class Changes:
    """The changes that may matter to some expressions."""

    def __init__(
        self, trees: Sequence[Tree], lists: Mapping[str, Paths], names: Mapping[str, Any]
    ) -> None:
        """`lists` are what each variable goes through; `names` hold the values of constants."""
        self._paths = sorted({path for tree in trees for path in _paths(tree)})
        self._lists = lists
        literals = [value for tree in trees for value in _literals(tree, names)]
        self._values = FieldValues(literals)

    def of(self, facts: Message, as_of: int, samples: Sequence[Message]) -> Iterator[Changed]:
        """Yield the facts with each change; elements that are added are taken from `samples`."""
        for path in self._paths:
            root, _, rest = path.partition(".")
            if root not in self._lists:
                yield from self._at(facts, path.split("."), as_of, samples)
            elif rest:
                for above in sorted(self._lists[root]):
                    yield from self._within(facts, above, rest, as_of)
        for above in sorted({path for paths in self._lists.values() for path in paths if path}):
            yield from self._listed(facts, above.split("."), samples, as_of)

    def _at(
        self, facts: Message, steps: Sequence[str], as_of: int, samples: Sequence[Message]
    ) -> Iterator[Changed]:
        field = _field(facts, steps)
        if field is None:
            return
        if field.is_repeated:
            yield from self._listed(facts, steps, samples, as_of)
            return
        for value in self._values.of(field, _read(facts, steps), as_of):
            yield from _made(facts, ".".join(steps), partial(_set, steps=steps, value=value))

    def _within(self, facts: Message, above: str, rest: str, as_of: int) -> Iterator[Changed]:
        items = _read(facts, above.split("."))
        for index, element in enumerate(list(items or ())[:ELEMENTS]):
            steps = rest.split(".")
            field = _field(element, steps) if isinstance(element, Message) else None
            if field is None or field.is_repeated:
                continue
            for value in self._values.of(field, _read(element, steps), as_of):
                change = partial(
                    _set_in, above=above.split("."), index=index, steps=steps, value=value
                )
                yield from _made(facts, f"{above}[{index}].{rest}", change)

    def _listed(
        self, facts: Message, steps: Sequence[str], samples: Sequence[Message], as_of: int
    ) -> Iterator[Changed]:
        """Yield the facts with an element of a list more, or less."""
        field = _field(facts, steps)
        if field is None or not field.is_repeated or is_map(field):
            return
        path = ".".join(steps)
        yield from _made(facts, path, partial(_set, steps=steps, value=None))
        for index in range(min(len(_read(facts, steps) or ()), ELEMENTS)):
            yield from _made(facts, path, partial(_drop, steps=steps, index=index))
        for element in self._elements(field, steps, samples, as_of):
            yield from _made(facts, path, partial(_append, steps=steps, element=element))

    def _elements(
        self, field: Field, steps: Sequence[str], samples: Sequence[Message], as_of: int
    ) -> list[Held]:
        if field.message_type is None:
            return [value for value in self._values.plain(field) if value is not None]
        if field.message_type.full_name in CONVERSIONS:
            held = self._values.of(field, None, as_of)
            return [value for value in held if value is not None][:SAMPLES]
        helds: dict[bytes, Message] = {}
        for sample in samples:
            for element in _read(sample, steps) or ():
                helds.setdefault(element.SerializeToString(deterministic=True), element)
        return list(helds.values())[:SAMPLES] or [
            _new(GetMessageClass(field.message_type)(), as_of)
        ]


def _paths(tree: Tree) -> Iterator[str]:
    for node in syntax.walk(tree.root):
        if syntax.kind(node) == "select_expr" and node.select_expr.test_only:
            above = syntax.path(node.select_expr.operand)
            yield f"{above}.{node.select_expr.field}" if above else ""
        else:
            yield syntax.path(node) or ""


def _literals(tree: Tree, names: Mapping[str, Any]) -> Iterator[Held]:
    for node in syntax.walk(tree.root):
        value = _literal(tree, node, names)
        yield from value if isinstance(value, list) else [value] if value is not None else []


def _literal(tree: Tree, node: Node, names: Mapping[str, Any]) -> Any:
    if syntax.is_literal_call(node) and syntax.operands(node):
        value = compile_exact(tree.at(node))(Frame(Money(), {}))
        return None if isinstance(value, NoValue) else value
    if syntax.kind(node) == "const_expr":
        return syntax.constant(node.const_expr)
    return names.get(node.ident_expr.name) if syntax.kind(node) == "ident_expr" else None


def _field(message: Message, steps: Sequence[str]) -> Field | None:
    """Return the field at the end of the path; None if it is not a value."""
    fields = along(descriptor_of(message), steps)
    ends_early = len(fields) < len(steps) or any(field.is_repeated for field in fields[:-1])
    return None if ends_early or not fields else fields[-1]


def _read(message: Message, steps: Sequence[str]) -> Any:
    """Return what stands at the path; None if nothing does."""
    *above, last = steps
    for step in above:
        message = getattr(message, step)
    field = message.DESCRIPTOR.fields_by_name[last]
    if not field.is_repeated and field.has_presence and not message.HasField(last):
        return None
    return getattr(message, last)


def _set(message: Message, steps: Sequence[str], value: Held) -> None:
    *above, last = steps
    for step in above:
        message = getattr(message, step)
    if value is None:
        message.ClearField(last)
    elif isinstance(value, Message):
        put(getattr(message, last), value)
    else:
        setattr(message, last, value)


def _set_in(
    message: Message, above: Sequence[str], index: int, steps: Sequence[str], value: Held
) -> None:
    _set(_read(message, above)[index], steps, value)


def _drop(message: Message, steps: Sequence[str], index: int) -> None:
    del _read(message, steps)[index]


def _append(message: Message, steps: Sequence[str], element: Held) -> None:
    """Add an element; if it has an id, one that no other has."""
    items = _read(message, steps)
    if not isinstance(element, Message):
        items.append(element)
        return
    added: Any = items.add()
    put(added, element)
    if "id" in added.DESCRIPTOR.fields_by_name and isinstance(added.id, str):
        added.id = f"x{len(items)}"


def _new(element: Held, as_of: int) -> Message:
    """Return an element for a list that no case has any of: it happened a day ago."""
    before = as_of - DAY
    for field in element.DESCRIPTOR.fields:
        message = field.message_type
        if message is not None and message.full_name == "google.protobuf.Timestamp":
            value = Timestamp(seconds=before // NANOS, nanos=before % NANOS)
            put(getattr(element, field.name), value)
    made: Message = element
    return made


def _made(facts: Message, path: str, change: Callable[[Any], Any]) -> Iterator[Changed]:
    """Yield the facts after a change, unless their message cannot hold it."""
    made = type(facts)()
    made.CopyFrom(facts)
    try:
        change(made)
    except (ValueError, OverflowError):
        return
    if made != facts:
        yield Changed(path, made)
