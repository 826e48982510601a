"""An outcome beside what a case expects of it: only the fields it names, those exactly."""

import math
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.text_format import MessageToString

from dealgate.model.fields import Held, field_of
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.literals import LITERALS
from dealgate.rulebook.messages import is_map, read_message
from dealgate.rulebook.scalars import Field

Difference = tuple[Node, str]


def differences(expected: Fields, actual: Message, path: str = "outcome") -> Iterator[Difference]:
    """Yield each field that is not as `expected`, which was read without faults before."""
    wanted = read_message(expected, type(actual)(), "", [])
    for key, node in expected:
        field = field_of(actual, key.value)
        at = f"{path}.{field.name}"
        if isinstance(node, Scalar) and node.null:
            if _present(actual, field):
                yield node, f"{at}: expected nothing, got {_shown(field, actual)}"
        elif not _present(actual, field):
            yield node, f"{at}: expected {_shown(field, wanted)}, got nothing"
        else:
            yield from _compared(field, node, wanted, actual, at)


def _compared(
    field: Field, node: Node, wanted: Message, actual: Message, at: str
) -> Iterator[Difference]:
    if isinstance(node, Items) and _nested(field):
        yield from _elements(field, node, getattr(actual, field.name), at)
    elif isinstance(node, Fields) and _nested(field) and not is_map(field):
        yield from differences(node, getattr(actual, field.name), at)
    elif not _equal(field, wanted, actual):
        yield node, f"{at}: expected {_shown(field, wanted)}, got {_shown(field, actual)}"


def _elements(field: Field, node: Items, actual: Any, at: str) -> Iterator[Difference]:
    if len(node.items) != len(actual):
        yield (
            node,
            f"{at}: expected {len(node.items)} of them, got {len(actual)}: {_list(field, actual)}",
        )
    for index, (item, element) in enumerate(zip(node.items, actual, strict=False)):
        if isinstance(item, Fields):
            yield from differences(item, element, f"{at}[{index}]")


def _nested(field: Field) -> bool:
    """Tell whether the field holds messages that are compared field by field."""
    return field.message_type is not None and field.message_type.full_name not in LITERALS


def _present(message: Message, field: Field) -> bool:
    return not field.has_presence or bool(message.HasField(field.name))


def _equal(field: Field, wanted: Any, actual: Any) -> bool:
    if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE and not field.is_repeated:
        # The sum of three thirds is not always one: the last digits of a double are nobody's rule.
        return math.isclose(getattr(wanted, field.name), getattr(actual, field.name), rel_tol=1e-9)
    return _shown(field, wanted) == _shown(field, actual)


def _shown(field: Field, message: Message) -> str:
    value = getattr(message, field.name)
    if is_map(field):
        return str(dict(sorted(value.items())))
    return _list(field, value) if field.is_repeated else shown(field, value)


def _list(field: Field, values: Any) -> str:
    return f"[{', '.join(shown(field, value) for value in values)}]"


def shown(field: Field, value: Held) -> str:
    """Write one value as cases do; a message without a literal in protobuf's own text."""
    if field.message_type is not None:
        literal = LITERALS.get(field.message_type.full_name)
        return literal.show(value) if literal else f"{{{MessageToString(value, as_one_line=True)}}}"
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else str(value)
    if field.type == FieldDescriptor.TYPE_STRING:
        return f'"{value}"'
    return str(value).lower() if field.type == FieldDescriptor.TYPE_BOOL else str(value)
