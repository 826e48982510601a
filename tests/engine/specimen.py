"""A facts message with one field of every type a rule can read, for the engine's own tests."""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message
from google.type import date_pb2, decimal_pb2, money_pb2

Field = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    "flag": Field.TYPE_BOOL,
    "count": Field.TYPE_INT32,
    "total": Field.TYPE_INT64,
    "quota": Field.TYPE_UINT64,
    "ratio": Field.TYPE_DOUBLE,
    "name": Field.TYPE_STRING,
    "note": Field.TYPE_BYTES,
}
MESSAGES = {
    "at": "google.protobuf.Timestamp",
    "span": "google.protobuf.Duration",
    "price": "google.type.Money",
    "day": "google.type.Date",
    "share": "google.type.Decimal",
}
DEPENDENCIES = (
    "google/protobuf/timestamp.proto",
    "google/protobuf/duration.proto",
    *(module.DESCRIPTOR.name for module in (date_pb2, decimal_pb2, money_pb2)),
)
COLORS = ("COLOR_UNSPECIFIED", "COLOR_RED", "COLOR_BLUE")


def _thing(name: str) -> descriptor_pb2.DescriptorProto:
    thing = descriptor_pb2.DescriptorProto(name=name)
    for field, type_ in SCALARS.items():
        _add(thing, field, type=type_, optional=True)
    for field, type_name in MESSAGES.items():
        _add(thing, field, type=Field.TYPE_MESSAGE, type_name=f".{type_name}")
    _add(thing, "color", type=Field.TYPE_ENUM, type_name=".specimen.Color", optional=True)
    _add(thing, "tags", type=Field.TYPE_STRING, label=Field.LABEL_REPEATED)
    _add(thing, "sizes", type=Field.TYPE_INT64, label=Field.LABEL_REPEATED)
    return thing


def _add(  # a field has that many sides
    message: descriptor_pb2.DescriptorProto,
    name: str,
    *,
    type: int,  # noqa: A002  # protobuf's own name for it
    label: int = Field.LABEL_OPTIONAL,
    type_name: str = "",
    optional: bool = False,
) -> None:
    field = message.field.add(name=name, number=len(message.field) + 1, type=type, label=label)
    if type_name:
        field.type_name = type_name
    if optional:
        field.proto3_optional = True
        field.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{name}")


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="specimen.proto", package="specimen", syntax="proto3", dependency=DEPENDENCIES
    )
    color = file.enum_type.add(name="Color")
    for number, name in enumerate(COLORS):
        color.value.add(name=name, number=number)
    thing = _thing("Thing")
    _add(thing, "inner", type=Field.TYPE_MESSAGE, type_name=".specimen.Thing")
    entry = thing.nested_type.add(name="LabelsEntry")
    entry.options.map_entry = True
    _add(entry, "key", type=Field.TYPE_STRING)
    _add(entry, "value", type=Field.TYPE_STRING)
    _add(
        thing,
        "labels",
        type=Field.TYPE_MESSAGE,
        type_name=".specimen.Thing.LabelsEntry",
        label=Field.LABEL_REPEATED,
    )
    facts = descriptor_pb2.DescriptorProto(name="Facts")
    _add(facts, "thing", type=Field.TYPE_MESSAGE, type_name=".specimen.Thing")
    _add(
        facts,
        "items",
        type=Field.TYPE_MESSAGE,
        type_name=".specimen.Thing",
        label=Field.LABEL_REPEATED,
    )
    _add(facts, "stage", type=Field.TYPE_STRING, optional=True)
    _add(facts, "goal", type=Field.TYPE_MESSAGE, type_name=".google.type.Money")
    file.message_type.extend([thing, facts])
    return file


def _facts() -> type[Message]:
    pool = descriptor_pool.Default()
    pool.Add(_file())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("specimen.Facts"))


Facts = _facts()
FACTS: Any = Facts.DESCRIPTOR
