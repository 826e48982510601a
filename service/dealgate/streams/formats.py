"""A CloudEvent as bytes, in the two formats that are read everywhere: JSON and protobuf.

Both are the structured mode: one body that holds everything, whatever carries it.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage

from dealgate.model.encoding import sized
from dealgate.streams.event import CloudEvent

JSON, PROTOBUF = "application/cloudevents+json; charset=utf-8", "application/cloudevents+protobuf"
SPEC_VERSION = "1.0"

Encode: TypeAlias = Callable[[CloudEvent], bytes]


def _attributes(event: CloudEvent) -> Mapping[str, str]:
    return {"subject": event.subject, "time": event.time, **event.extensions}


def as_json(event: CloudEvent) -> bytes:
    """Write the JSON format; the data are JSON, too, by protobuf's mapping."""
    data = json_format.MessageToDict(event.data)
    body: dict[str, Any] = {
        "specversion": SPEC_VERSION,
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "datacontenttype": "application/json",
        **_attributes(event),
        "data": data,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def as_protobuf(event: CloudEvent) -> bytes:
    """Write the protobuf format, io.cloudevents.v1.CloudEvent; the data are the message itself.

    Its six fields are written by hand: the contract of others is not among ours to generate.
    """
    packed = AnyMessage()
    packed.Pack(event.data, deterministic=True)
    head = (event.id, event.source, SPEC_VERSION, event.type)
    fields = [_text(number, value) for number, value in enumerate(head, 1)]
    fields += [_attribute(name, value) for name, value in _attributes(event).items()]
    return b"".join((*fields, _embedded(8, packed.SerializeToString())))


def _attribute(name: str, value: str) -> bytes:
    """Write an entry of `attributes`, a map of CloudEventAttributeValue: `ce_string` is 3."""
    return _embedded(5, _text(1, name) + _embedded(2, _text(3, value)))


def _text(number: int, value: str) -> bytes:
    return _embedded(number, value.encode())


def _embedded(number: int, data: bytes) -> bytes:
    """Write a field of bytes; numbers below 16 take one byte."""
    return bytes((number << 3 | 2,)) + sized(data)


# The formats by the name that an address gives them, with their media type.
FORMATS: Mapping[str, tuple[str, Encode]] = {
    "json": (JSON, as_json),
    "protobuf": (PROTOBUF, as_protobuf),
}
