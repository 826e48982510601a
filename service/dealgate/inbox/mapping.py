"""What a mapping makes of payloads: events of others become questions, facts or activities."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from dealgate.inbox.asking import Asks, InboxQuestion, asked_as, key_of, options
from dealgate.inbox.consumer import DeliveryContents
from dealgate.inbox.filling import MAPPING_FAILED, Parts, fill, unknown
from dealgate.inbox.filling import Read as ReadValue
from dealgate.inbox.incoming import UNREADABLE, Incoming, parsed, read_event
from dealgate.inbox.payload import Payload
from dealgate.inbox.port import Delivery, Rejected
from dealgate.inbox.telling import done_by, put_by
from dealgate.language.frame import Frame
from dealgate.language.values import NANOS, Failure, Unknown, Value
from dealgate.v1.decision_service_pb2 import Question
from dealgate.v1.fact_service_pb2 import (
    AppendActivitiesRequest,
    EntityActivity,
    EntityFacts,
    PutFactsRequest,
)

Template: TypeAlias = Asks | EntityFacts | EntityActivity
Filled = TypeVar("Filled", bound=Template)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping as its file says it. `request` has what is the same for every event.

    `about` tells whose activity it is; with `clears`, facts that a payload does not say are
    forgotten.
    """

    request: Template
    payload: Payload
    event: Mapping[str, ReadValue]
    facts: Parts
    when: ReadValue | None = None
    as_of: ReadValue | None = None
    about: ReadValue | None = None
    clears: bool = False

    @property
    def asks(self) -> bool:
        """Whether it asks questions."""
        return not isinstance(self.request, EntityFacts | EntityActivity)

    def read(self, delivery: Delivery) -> DeliveryContents:
        """Return what a delivery asks; what is not for this mapping asks nothing."""
        read = DeliveryContents(delivery)
        asked: list[InboxQuestion] = []
        try:
            for event, held in self._told(delivery):
                self._read_one(read, asked, event, held)
        except Rejected as signal:
            read.reject(None, signal.rejection)
        read.asked = asked
        return read

    def _read_one(
        self, read: DeliveryContents, asked: list[InboxQuestion], event: Incoming | None, held: Any
    ) -> None:
        try:
            context = self.payload.context_of(event, held)
            frame = Frame(context, {})
            event = self._named(frame, event, held)
            if self._is_wanted(frame):
                asked.append(self._asked(event, frame))
        except Rejected as signal:
            read.reject(event, signal.rejection)

    def _told(self, delivery: Delivery) -> Iterator[tuple[Incoming | None, Any]]:
        """Yield the payloads of a delivery, with the CloudEvent that each came in."""
        try:
            event = read_event(delivery)
        except Rejected:
            event = None
        if event is not None and not event.is_json:
            raise Rejected(UNREADABLE, "the data are not JSON, which is what a mapping reads")
        held = parsed(delivery.body if event is None else event.data)
        if self.payload.many and isinstance(held, list):
            yield from ((event, item) for item in held)
        else:
            yield event, held

    def _named(self, frame: Frame, event: Incoming | None, held: Any) -> Incoming:
        """Return the event under the attributes that the mapping gives it."""
        told = {name: _text(f"event.{name}", read(frame)) for name, read in self.event.items()}
        known = {name: text for name, text in told.items() if text}
        id_, source, type_ = (
            known.pop(name, "") or getattr(event, name, "") for name in ("id", "source", "type")
        )
        if not id_ or not source:
            raise Rejected(MAPPING_FAILED, "event: its id or its source is not known")
        attributes = {**(event.attributes if event else {}), **known}
        return Incoming(id_, source, type_ or "payload", attributes, json.dumps(held).encode())

    def _is_wanted(self, frame: Frame) -> bool:
        wanted = True if self.when is None else self.when(frame)
        if isinstance(wanted, bool):
            return wanted
        missing = ", ".join(wanted.paths) if isinstance(wanted, Unknown) else "it failed"
        raise Rejected(MAPPING_FAILED, f"when: cannot be evaluated without {missing}")

    def _asked(self, event: Incoming, frame: Frame) -> InboxQuestion:
        if isinstance(self.request, EntityFacts):
            put = self._filled(self.request, frame)
            name, facts = put.WhichOneof("entity") or "", facts_of(put)
            if not facts.id:
                raise Rejected(MAPPING_FAILED, "facts.id: is not known")
            if self.clears:
                put.cleared.extend(unknown(facts, self.facts))
            event = event.about(f"{name}/{facts.id}")
            # One event may tell of several entities, by several files.
            return InboxQuestion(event, put_by(put, f"{key_of(event)}-{name}"))
        if isinstance(self.request, EntityActivity):
            done = self._filled(self.request, frame)
            done.entity = _text("about", self.about(frame)) if self.about else event.subject
            if not done.entity:
                raise Rejected(MAPPING_FAILED, "about: whose activity it is, is not known")
            return InboxQuestion(event.about(done.entity), done_by(event, done, key_of(event)))
        return asked_as(event, self._request(self.request, frame))

    def _filled(self, template: Filled, frame: Frame) -> Filled:
        filled = type(template)()
        filled.CopyFrom(template)  # type: ignore[arg-type]
        fill(facts_of(filled), self.facts, frame)
        return filled

    def _request(self, template: Asks, frame: Frame) -> Asks:
        request = self._filled(template, frame)
        chosen = options(request)
        if self.as_of is not None:
            instant = self.as_of(frame)
            if isinstance(instant, int):
                chosen.as_of.seconds, chosen.as_of.nanos = divmod(instant, NANOS)
        return request


def facts_of(request: Any) -> Any:
    """Return the facts of a question, or those about an entity or an activity."""
    match request:
        case Question():
            return getattr(request, request.WhichOneof("question") or "").facts
        case EntityFacts():
            return getattr(request, request.WhichOneof("entity") or "")
        case EntityActivity():
            return request.activity
        case PutFactsRequest():
            return facts_of(request.entities[0])
        case AppendActivitiesRequest():
            return facts_of(request.activities[0])
    return request.facts


def _text(name: str, value: Value) -> str:
    if isinstance(value, Failure):
        raise Rejected(MAPPING_FAILED, f"{name}: {value.reason}")
    return value if isinstance(value, str) else ""
