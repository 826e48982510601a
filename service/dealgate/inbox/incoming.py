"""CloudEvents 1.0 as they come: structured in JSON or protobuf, or binary."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, Final

from google.protobuf.message import DecodeError

from dealgate.inbox.contract import EVENT, text_of
from dealgate.inbox.port import Delivery, Rejected

JSON: Final = "application/json"
PROTOBUF: Final = "application/protobuf"
REQUIRED = ("id", "source", "type", "specversion")
UNREADABLE: Final = "UNREADABLE"


@dataclass(frozen=True, slots=True)
class Incoming:
    """An event. `schema` is the message that protobuf data are of: "dealgate.v1.Question"."""

    id: str
    source: str
    type: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b""
    data_type: str = JSON
    schema: str = ""

    @property
    def is_json(self) -> bool:
        """Whether the data are JSON."""
        return self.data_type == JSON or self.data_type.endswith("+json")

    @property
    def subject(self) -> str:
        """What it is about; empty: it does not say."""
        return self.attributes.get("subject", "")

    def about(self, subject: str) -> "Incoming":
        """Return the event about this, unless it says itself what it is about."""
        if self.subject:
            return self
        return replace(self, attributes={**self.attributes, "subject": subject})


def read_event(delivery: Delivery) -> Incoming:
    """Return the event that a message is; raises Rejected."""
    media = essence(delivery.media_type)
    if media == "application/cloudevents+protobuf":
        return _of_protobuf(delivery.body)
    if media == "application/cloudevents+json":
        return _of_json(delivery.body)
    if media.startswith("application/cloudevents"):
        raise Rejected(UNREADABLE, f"{media} is not read here; send JSON or protobuf, one event")
    if "specversion" in delivery.attributes:
        return _event(delivery.attributes, delivery.body, media or JSON)
    # Lines of a file and messages without headers say nothing of what they are.
    return _of_json(delivery.body)


def essence(media_type: str) -> str:
    """Return a media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def parsed(body: bytes) -> Any:
    """Read JSON as protobuf and CloudEvents do; raises Rejected."""
    try:
        return json.loads(body, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Rejected(UNREADABLE, f"is not valid JSON: {type(error).__name__}") from error


def _finite(text: str) -> float:
    """Read a number; Python takes NaN and 1e400, too, which nobody else can read again."""
    number = float(text)
    if not isfinite(number):
        raise ValueError("not finite")
    return number


def _of_json(body: bytes) -> Incoming:
    event = parsed(body)
    if not isinstance(event, dict) or "specversion" not in event:
        raise Rejected(UNREADABLE, "is not a CloudEvent: there is no specversion")
    data, packed = event.pop("data", None), event.pop("data_base64", None)
    media = essence(str(event.get("datacontenttype", JSON)))
    attributes = {name: _written(value) for name, value in event.items() if value is not None}
    if packed is not None:
        return _event(attributes, _unpacked(packed), media)
    # A string is text in whatever type the event names, unless that is JSON.
    as_text = isinstance(data, str) and media != JSON and not media.endswith("+json")
    return _event(attributes, data.encode() if as_text else json.dumps(data).encode(), media)


def _unpacked(packed: object) -> bytes:
    try:
        return base64.b64decode(str(packed), validate=True)
    except binascii.Error as error:
        raise Rejected(UNREADABLE, "data_base64 is not base64") from error


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return str(value)
    raise Rejected(UNREADABLE, "an attribute is neither text nor a number nor a boolean")


def _of_protobuf(body: bytes) -> Incoming:
    try:
        event: Any = EVENT.FromString(body)
    except DecodeError as error:
        raise Rejected(UNREADABLE, "is not a CloudEvent of protobuf") from error
    head = {"id": event.id, "source": event.source, "type": event.type}
    others = {name: text_of(value) for name, value in event.attributes.items()}
    attributes = {**others, **head, "specversion": event.spec_version}
    if event.WhichOneof("data") == "proto_data":
        schema = event.proto_data.type_url.rpartition("/")[2]
        return _event(attributes, event.proto_data.value, PROTOBUF, schema)
    data = event.text_data.encode() or event.binary_data
    return _event(attributes, data, essence(others.get("datacontenttype", JSON)))


def _is_text(value: str) -> bool:
    """Tell whether it can be written: JSON may hold half a surrogate, which no encoding has."""
    return value.isascii() or value.encode(errors="ignore").decode() == value


def _event(attributes: Mapping[str, str], data: bytes, media: str, schema: str = "") -> Incoming:
    missing = [name for name in REQUIRED if not attributes.get(name)]
    if missing:
        raise Rejected(UNREADABLE, f"is not a CloudEvent: {missing[0]} is missing")
    if not all(name.isascii() and _is_text(value) for name, value in attributes.items()):
        raise Rejected(UNREADABLE, "is not a CloudEvent: an attribute is not valid text")
    if attributes["specversion"] != "1.0":
        raise Rejected(UNREADABLE, "is of another version of CloudEvents than 1.0")
    others = {
        name: value
        for name, value in attributes.items()
        if name not in {*REQUIRED, "datacontenttype"}
    }
    named = schema or others.get("dataschema", "").rpartition("/")[2]
    return Incoming(
        attributes["id"], attributes["source"], attributes["type"], others, data, media, named
    )
