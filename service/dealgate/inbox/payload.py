"""Payloads of other systems: their declared JSON becomes a message that CEL can read."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from dealgate.inbox.incoming import Incoming
from dealgate.inbox.port import Rejected
from dealgate.model.properties import NOTHING
from dealgate.model.vocabulary import DIGITS, FILES, PACKAGE, Vocabulary, registered

MISMATCH = "PAYLOAD_MISMATCH"
_Field = FieldDescriptorProto
TYPES: Mapping[str, Any] = {
    "text": _Field.TYPE_STRING,
    "int": _Field.TYPE_INT64,
    "number": _Field.TYPE_DOUBLE,
    "bool": _Field.TYPE_BOOL,
}
ATTRIBUTES = ("id", "source", "type", "subject", "time")
INT_MOST = 2**63


@dataclass(frozen=True, slots=True)
class PayloadKey:
    """What a key of the payload holds: a type by its name, or keys; `many`: a list of it."""

    of: "str | Mapping[str, PayloadKey]"
    many: bool = False


Keys: TypeAlias = Mapping[str, PayloadKey]


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload as it is declared; `many`: the JSON is a list of them.

    `vocabulary` is held, since its types live as long as somebody does.
    """

    keys: Keys
    many: bool
    context: type[Message]
    vocabulary: Vocabulary

    def context_of(self, event: Incoming | None, held: Any) -> Message:
        """Return what expressions read: `payload`, and `event` if there is one; raises Rejected."""
        context: Any = self.context()
        for name in ATTRIBUTES if event is not None else ():
            told = getattr(event, name, "") or (event.attributes.get(name, "") if event else "")
            if told:
                setattr(context.event, name, told)
        _fill(context.payload, self.keys, held, "payload")
        context.payload.SetInParent()
        return context  # type: ignore[no-any-return]


def payload_of(keys: Keys, *, many: bool) -> Payload:
    """Make the messages for what is declared."""
    name = "m" + hashlib.sha256(repr(keys).encode()).hexdigest()[:DIGITS]
    known = registered(name, lambda: Vocabulary(NOTHING, name))
    context = known.made.get("context")
    if context is None:
        package = f"{PACKAGE}{name}.payload"
        file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
        file.dependency.extend(FILES)
        attributes = _added(file, "Event", dict.fromkeys(ATTRIBUTES, PayloadKey("text")))
        held = _added(file, "Payload", keys)
        made = file.message_type.add(name="Context")
        _add(made, "event", 1, _Field.TYPE_MESSAGE, attributes)
        _add(made, "payload", 2, _Field.TYPE_MESSAGE, held)
        known.pool.AddSerializedFile(file.SerializeToString())
        context = GetMessageClass(known.pool.FindMessageTypeByName(f"{package}.Context"))
        known.made["context"] = context
    return Payload(keys, many, context, known)


def _added(file: FileDescriptorProto, name: str, keys: Keys) -> str:
    made = file.message_type.add(name=name)
    for number, (key, part) in enumerate(keys.items(), 1):
        if isinstance(part.of, str):
            field = _add(made, key, number, TYPES[part.of])
        else:
            inner = _added(file, f"{name}_{key}", part.of)
            field = _add(made, key, number, _Field.TYPE_MESSAGE, inner)
        if part.many:
            field.label = _Field.LABEL_REPEATED
        elif isinstance(part.of, str):
            field.proto3_optional, field.oneof_index = True, len(made.oneof_decl)
            made.oneof_decl.add(name=f"_{key}")
    return f".{file.package}.{name}"


def _add(
    made: DescriptorProto, key: str, number: int, type_: Any, type_name: str = ""
) -> FieldDescriptorProto:
    # Others tell keys apart by capitals, which protobuf's own JSON names would not.
    field = made.field.add(name=key, number=number, json_name=key, label=_Field.LABEL_OPTIONAL)
    field.type = type_
    if type_name:
        field.type_name = type_name
    return field


def _fill(message: Any, keys: Keys, held: Any, path: str) -> None:
    if not isinstance(held, dict):
        raise Rejected(MISMATCH, f"{path} is not an object")
    for key, part in keys.items():
        value, at = held.get(key), f"{path}.{key}"
        if value is None or value == "":
            continue  # both say nothing: forms send empty texts for what was left out
        if part.many:
            if not isinstance(value, list):
                raise Rejected(MISMATCH, f"{at} is not a list")
            for index, item in enumerate(value):
                _add_item(getattr(message, key), part, item, f"{at}[{index}]")
        elif isinstance(part.of, str):
            setattr(message, key, _scalar(part.of, value, at))
        else:
            getattr(message, key).SetInParent()
            _fill(getattr(message, key), part.of, value, at)


def _add_item(into: Any, part: PayloadKey, item: Any, path: str) -> None:
    if isinstance(part.of, str):
        into.append(_scalar(part.of, item, path))
    else:
        _fill(into.add(), part.of, item, path)


def _scalar(type_: str, value: Any, path: str) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = {
        "text": isinstance(value, str),
        "bool": isinstance(value, bool),
        "number": is_number,
        "int": is_number and value == value // 1 and -INT_MOST <= value < INT_MOST,
    }
    if not fits[type_]:
        raise Rejected(MISMATCH, f"{path} is not of type {type_}")
    return int(value) if type_ == "int" else value
