"""YAML becomes a protobuf message by its descriptor; every fault has its position.

Fields go by their proto names, enum values by theirs. Text must be quoted or plain, numbers plain.
"""

from typing import Any, TypeVar

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct

from dealgate.model.faults import Fault
from dealgate.model.fields import field_of, message_of, put
from dealgate.model.further_words import constant_of
from dealgate.model.properties import EXTENDED
from dealgate.model.vocabulary import SENT, entity_of
from dealgate.rulebook.document import Fields, Items, Node, Scalar, described
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.literals import LITERALS
from dealgate.rulebook.scalars import Field, read_scalar

Made = TypeVar("Made", bound=Message)
WRITE_FIELDS = "write {key: value}, or a line `key: value` for each"


def read_message(node: Node, message: Made, subject: str, faults: list[Fault]) -> Made:
    """Fill `message` from `node`; a value that is wrong is left out, and the fault added."""
    name = message.DESCRIPTOR.name
    if not isinstance(node, Fields):
        text = f"{subject}: {name} takes keys and values, not {described(node)}"
        faults.append(node.fault(text, WRITE_FIELDS))
        return message
    for key, value in node:
        field = message.DESCRIPTOR.fields_by_name.get(key.value)
        if key.value == SENT and (field is None or field.message_type is Struct.DESCRIPTOR):
            text = f"{subject}: no properties of {name} are declared"
            faults.append(key.fault(text, "declare them in properties.yaml of the rules folder"))
        elif field is None:
            hint = _as_field(message, key.value, value) or did_you_mean(
                key.value, message.DESCRIPTOR.fields_by_name
            )
            faults.append(key.fault(f"{subject}: {name} has no field '{key.value}'", hint))
        elif not (isinstance(value, Scalar) and value.null):
            _fill(message, field_of(message, field.name), key, value, subject, faults)
    return message


def _as_field(message: Message, name: str, value: Node) -> str:
    """Return how a further word of a closed list is written: callers send it as a property."""
    enum = EXTENDED.get(entity_of(message.DESCRIPTOR.full_name, name), {}).get(name)
    if enum is None or not isinstance(value, Scalar):
        return ""
    return f"callers send it here; write the field: {name}: {constant_of(enum, value.value)}"


def _fill(
    message: Message, field: Field, key: Scalar, node: Node, subject: str, faults: list[Fault]
) -> None:
    oneof = field.containing_oneof
    if oneof is not None and message.WhichOneof(oneof.name) is not None:
        text = (
            f"{subject}: '{message.WhichOneof(oneof.name)}' and '{field.name}' exclude each other"
        )
        faults.append(key.fault(text, "keep one of them"))
    elif is_map(field):
        _fill_map(getattr(message, field.name), field, node, subject, faults)
    elif field.is_repeated:
        _fill_list(getattr(message, field.name), field, node, subject, faults)
    elif field.message_type is not None:
        made = _message(field, node, subject, faults)
        if made is not None:
            put(getattr(message, field.name), made)
    else:
        value = read_scalar(field, node, subject, faults)
        if value is not None:
            setattr(message, field.name, value)


def _fill_list(target: Any, field: Field, node: Node, subject: str, faults: list[Fault]) -> None:
    if not isinstance(node, Items):
        text = f"{subject}: '{field.name}' takes a list, not {described(node)}"
        faults.append(node.fault(text, "write [one, two], or a line with `- ` for each"))
        return
    for item in node.items:
        if field.message_type is not None:
            made = _message(field, item, subject, faults)
            if made is not None:
                put(target.add(), made)
            continue
        value = read_scalar(field, item, subject, faults)
        if value is not None:
            target.append(value)


def _fill_map(target: Any, field: Field, node: Node, subject: str, faults: list[Fault]) -> None:
    entry = message_of(field).fields_by_name
    if not isinstance(node, Fields):
        text = f"{subject}: '{field.name}' takes keys and values, not {described(node)}"
        faults.append(node.fault(text, WRITE_FIELDS))
        return
    for key, value in node:
        name = f"{field.name}.{key.value}"
        made_key = read_scalar(entry["key"], key, subject, faults, name)
        if entry["value"].message_type is not None:
            made = _message(entry["value"], value, subject, faults)
            if made is not None:
                put(target[made_key], made)
        else:
            made_value = read_scalar(entry["value"], value, subject, faults, name)
            if made_value is not None:
                target[made_key] = made_value


def _message(field: Field, node: Node, subject: str, faults: list[Fault]) -> Message | None:
    of = message_of(field)
    literal = LITERALS.get(of.full_name)
    if literal is None or isinstance(node, Fields):
        return read_message(node, GetMessageClass(of)(), subject, faults)
    made = literal.read(node.value) if isinstance(node, Scalar) else None
    if made is None:
        text = f"{subject}: '{field.name}' takes a {of.name}"
        faults.append(node.fault(text, f"write it as {literal.example}"))
    return made


def is_map(field: Field) -> bool:
    """Tell whether the field is a map."""
    return bool(field.message_type is not None and field.message_type.GetOptions().map_entry)
