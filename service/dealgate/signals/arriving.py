"""CloudEvents that signals process: activities, and recorded decisions with their outcomes."""

from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.inbox.from_json import parse_json
from dealgate.inbox.incoming import Incoming, parsed
from dealgate.inbox.port import Rejected
from dealgate.inbox.telling import RECORDED
from dealgate.journal.signals.port import WaitingEvent
from dealgate.model.instants import FIRST_SECOND, LAST_SECOND, nanoseconds
from dealgate.signals.contexts import Contexts
from dealgate.signals.declared import ACTIVITY, Entity, Happening, entity_of
from dealgate.streams.event import DECISION
from dealgate.v1.activity_pb2 import Activity
from dealgate.v1.decision_service_pb2 import WatchedEvent

ACTIVITY_RECORDED: Final = RECORDED
TYPES: Final = frozenset({ACTIVITY_RECORDED, DECISION})
INVALID_ACTIVITY: Final = "INVALID_ACTIVITY"
WHOLE = "publish with records=true"
LONGEST = 256  # characters of a source, an id and a subject


def arrival_of(event: Incoming, contexts: Contexts) -> WaitingEvent | None:
    """Return what signals keep of an event; None: there is nothing in it for them.

    Raises Rejected.
    """
    entity = _entity(event)
    if max(map(len, (event.id, event.source, event.subject))) > LONGEST:
        raise Rejected(INVALID_ACTIVITY, f"id, source and subject have up to {LONGEST} characters")
    key = f"{event.source}#{event.id}"
    if not _is_text(key + event.subject):
        raise Rejected(INVALID_ACTIVITY, "id, source and subject are not valid text")
    if event.type == DECISION:
        told: Any = _read(event, WatchedEvent)
        kind = told.decision.kind
        if told.HasField("result") or told.damaged or kind not in contexts.feeds:
            return None
        if not told.HasField("record"):
            raise Rejected(INVALID_ACTIVITY, "the decision came without its outcome: " + WHOLE)
        at = _within_calendar(told.decision.evaluated_at)
        return WaitingEvent(key, at, str(entity), kind, contexts.answered(kind, told.record.answer))
    activity: Any = _read(event, Activity)
    if not activity.HasField("at"):
        activity.at.CopyFrom(_time(event))
    wrong = contexts.activity(entity, activity)[1]
    if wrong:
        raise Rejected(INVALID_ACTIVITY, f"{wrong[0].field}: {wrong[0].description}")
    at = activity.at.ToNanoseconds()
    return WaitingEvent(key, at, str(entity), ACTIVITY, activity.SerializeToString())


def happening(arrival: WaitingEvent, contexts: Contexts) -> Happening:
    """Return a kept event as conditions read it."""
    entity = entity_of(arrival.entity) or Entity("", arrival.entity)
    if arrival.feed == ACTIVITY:
        context = contexts.activity(entity, Activity.FromString(arrival.body))[0]
    else:
        context = contexts.outcome(entity, arrival.feed, arrival.body)
    return Happening(arrival.key, arrival.at, entity, arrival.feed, context)


def _is_text(text: str) -> bool:
    """Tell whether every database can keep it: without NUL and halves of surrogates."""
    return "\0" not in text and text.encode(errors="ignore").decode() == text


def _entity(event: Incoming) -> Entity:
    entity = entity_of(event.subject)
    if entity is None:
        raise Rejected(INVALID_ACTIVITY, "the subject is what it is about, such as lead/00Q5e")
    return entity


def _read(event: Incoming, message: type[Message]) -> Message:
    """Return the data of an event as a message; raises Rejected."""
    try:
        if event.is_json:
            return parse_json(parsed(event.data), message)
        return message.FromString(event.data)
    except (json_format.ParseError, DecodeError, RecursionError) as error:
        name = message.DESCRIPTOR.name
        raise Rejected(INVALID_ACTIVITY, f"the data are not a valid {name}: {error}") from error


def _within_calendar(instant: Timestamp) -> int:
    if not FIRST_SECOND <= instant.seconds <= LAST_SECOND:
        raise Rejected(INVALID_ACTIVITY, "the decision's instant is not one of the years 1 to 9999")
    return nanoseconds(instant)


def _time(event: Incoming) -> Timestamp:
    instant = Timestamp()
    try:
        instant.FromJsonString(event.attributes.get("time", ""))
    except ValueError:
        raise Rejected(INVALID_ACTIVITY, "neither `at` nor the event's time is known") from None
    return instant
