"""cloudevents.proto (github.com/cloudevents/spec), as far as an event is read by it.

Any and Timestamp are messages of the same fields here: the bytes are the same, and no file of
others is registered under its name in the pool that all share.
"""

import base64
import datetime as dt
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
PACKAGE = "dealgate.inbox.cloudevents"
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
TEXT, BYTES, MESSAGE = _Field.TYPE_STRING, _Field.TYPE_BYTES, _Field.TYPE_MESSAGE


def _add(message: descriptor_pb2.DescriptorProto, number: int, name: str, **told: Any) -> None:
    message.field.add(number=number, name=name, label=told.pop("label", 1), **told)


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="dealgate/inbox/cloudevents.proto", package=PACKAGE, syntax="proto3"
    )
    packed = file.message_type.add(name="Packed")
    _add(packed, 1, "type_url", type=TEXT)
    _add(packed, 2, "value", type=BYTES)
    instant = file.message_type.add(name="Instant")
    _add(instant, 1, "seconds", type=_Field.TYPE_INT64)
    _add(instant, 2, "nanos", type=_Field.TYPE_INT32)
    _add_value(file.message_type.add(name="Value"))
    _add_event(file.message_type.add(name="Event"))
    return file


def _add_value(value: descriptor_pb2.DescriptorProto) -> None:
    value.oneof_decl.add(name="attr")
    types = {"ce_boolean": _Field.TYPE_BOOL, "ce_integer": _Field.TYPE_INT32, "ce_string": TEXT}
    types |= {"ce_bytes": BYTES, "ce_uri": TEXT, "ce_uri_ref": TEXT}
    for number, (name, type_) in enumerate(types.items(), 1):
        _add(value, number, name, type=type_, oneof_index=0)
    instant = f".{PACKAGE}.Instant"
    _add(value, 7, "ce_timestamp", type=MESSAGE, type_name=instant, oneof_index=0)


def _add_event(event: descriptor_pb2.DescriptorProto) -> None:
    for number, name in enumerate(("id", "source", "spec_version", "type"), 1):
        _add(event, number, name, type=TEXT)
    entry = event.nested_type.add(name="AttributesEntry")
    entry.options.map_entry = True
    _add(entry, 1, "key", type=TEXT)
    _add(entry, 2, "value", type=MESSAGE, type_name=f".{PACKAGE}.Value")
    entries = f".{PACKAGE}.Event.AttributesEntry"
    _add(event, 5, "attributes", type=MESSAGE, type_name=entries, label=3)
    event.oneof_decl.add(name="data")
    _add(event, 6, "binary_data", type=BYTES, oneof_index=0)
    _add(event, 7, "text_data", type=TEXT, oneof_index=0)
    packed = f".{PACKAGE}.Packed"
    _add(event, 8, "proto_data", type=MESSAGE, type_name=packed, oneof_index=0)


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_file())
EVENT = message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.Event"))


def text_of(value: Any) -> str:
    """Return an attribute as JSON would have it as text."""
    kind = value.WhichOneof("attr")
    held: Any = getattr(value, kind) if kind else ""
    if kind == "ce_timestamp":
        instant = EPOCH + dt.timedelta(seconds=held.seconds, microseconds=held.nanos // 1000)
        return instant.isoformat().replace("+00:00", "Z")
    if isinstance(held, bool):
        return str(held).lower()
    return base64.b64encode(held).decode() if isinstance(held, bytes) else str(held)
