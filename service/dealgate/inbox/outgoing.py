"""What consuming publishes: answers, and events that were rejected, with the reason."""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message

from dealgate.inbox.asking import InboxQuestion, key_of
from dealgate.inbox.incoming import PROTOBUF, Incoming, parsed
from dealgate.inbox.port import Delivery, Rejected, Rejection
from dealgate.streams.event import CloudEvent
from dealgate.streams.formats import Encode
from dealgate.streams.port import Outgoing
from dealgate.v1.decision_service_pb2 import Answer

ANSWER: Final = "dealgate.v1.answer.given"
REJECTED: Final = "dealgate.v1.event.rejected"
# The field of an answer by the response it holds; flows answer as themselves.
FIELDS: Final[Mapping[str, str]] = {
    field.message_type.full_name: field.name
    for field in Answer.DESCRIPTOR.fields
    if field.message_type is not None and field.name != "error"
}


@dataclass(frozen=True, slots=True)
class AnswerWriter:
    """Writes answers of a tenant as events."""

    tenant: str
    encode: Encode

    def written(self, asked: InboxQuestion, response: Message) -> Outgoing:
        """Return the answer to an event; a repeat of the event is answered with the same bytes."""
        event = self._event(asked, response)
        kind = event.extensions["kind"]
        return Outgoing(event.id, ANSWER, kind, asked.partition, self.encode(event))

    def _event(self, asked: InboxQuestion, response: Any) -> CloudEvent:
        header = response.header
        field = FIELDS.get(response.DESCRIPTOR.full_name)
        id_ = header.flow_id if field is None else header.decision_id
        told = {
            "tenant": self.tenant,
            "kind": header.stopped_after if field is None else header.kind,
            "causeid": asked.event.id,
            "causesource": asked.event.source,
        }
        return CloudEvent(
            id=f"{id_}.answer",
            source=f"/dealgate/{self.tenant}",
            type=ANSWER,
            subject=asked.event.subject,
            time=_instant(header.evaluated_at),
            extensions=told,
            data=response if field is None else Answer(**{field: response}),
        )


def _instant(instant: Any) -> str:
    return str(instant.ToDatetime(tzinfo=dt.UTC).isoformat()).replace("+00:00", "Z")


def letter(event: Incoming, rejection: Rejection) -> Outgoing:
    """Return a rejected event as it was, with the reason: published again, it is asked again."""
    body: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        **event.attributes,
        **_reason(rejection),
        "datacontenttype": event.data_type,
    }
    if event.schema and event.data_type == PROTOBUF:
        body["dataschema"] = event.schema
    body |= _data(event)
    return _outgoing(key_of(event), rejection, body)


def unreadable(delivery: Delivery, rejection: Rejection) -> Outgoing:
    """Return input that is not an event, packed into one."""
    named = hashlib.sha256(delivery.body).hexdigest()
    body = {
        "specversion": "1.0",
        "id": named,
        "source": "/dealgate/consume",
        "type": REJECTED,
        **_reason(rejection),
        "datacontenttype": delivery.media_type or "application/octet-stream",
        **_packed(delivery.body),
    }
    return _outgoing(named, rejection, body)


def _reason(rejection: Rejection) -> Mapping[str, str]:
    return {"dealgatereason": rejection.reason, "dealgatemessage": rejection.message}


def _data(event: Incoming) -> Mapping[str, Any]:
    if event.is_json:
        with suppress(Rejected):
            return {"data": parsed(event.data)}
    return _packed(event.data)


def _packed(data: bytes) -> Mapping[str, str]:
    return {"data_base64": base64.b64encode(data).decode()}


def _outgoing(id_: str, rejection: Rejection, body: Mapping[str, Any]) -> Outgoing:
    written = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    try:
        data = written.encode()
    except UnicodeEncodeError:  # halves of surrogates, which came as escapes, and go as such
        data = json.dumps(body, separators=(",", ":")).encode()
    return Outgoing(f"{id_}.rejected", REJECTED, rejection.reason.lower(), id_, data)
