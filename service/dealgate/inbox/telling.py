"""What an event reports: facts of an entity, or an activity, to be recorded (FactService)."""

from typing import Any, Final, TypeAlias

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from dealgate.inbox.from_json import parse_json
from dealgate.inbox.incoming import Incoming
from dealgate.inbox.port import Rejected
from dealgate.v1.activity_pb2 import Activity
from dealgate.v1.fact_service_pb2 import (
    AppendActivitiesRequest,
    EntityActivity,
    EntityFacts,
    PutFactsRequest,
)

Told: TypeAlias = PutFactsRequest | AppendActivitiesRequest

NO_FACTS: Final = "NO_FACTS"
ACTIVITY: Final = "activity"
TIME: Final = "time"
# The type of events whose JSON data are an activity by itself; signals read them as well.
RECORDED: Final = "dealgate.v1.activity.recorded"
# What may be put, by the name that JSON data give it, and by the message that protobuf data are of.
ENTITIES: Final = frozenset(
    field.name
    for field in EntityFacts.DESCRIPTOR.fields
    if field.containing_oneof is not None and field.containing_oneof.name == "entity"
)
SCHEMAS: Final = {
    message.full_name: name
    for name in ENTITIES
    if (message := EntityFacts.DESCRIPTOR.fields_by_name[name].message_type) is not None
}
PUT, DONE = EntityFacts.DESCRIPTOR.full_name, EntityActivity.DESCRIPTOR.full_name
BARE = Activity.DESCRIPTOR.full_name


def told_by_json(event: Incoming, data: Any, key: str) -> Told | None:
    """Return what JSON data tell; None if they tell no facts. Raises Rejected."""
    if not isinstance(data, dict):
        return None
    names = data.keys()
    try:
        if names & ENTITIES:
            return put_by(parse_json(data, EntityFacts), key)
        if event.type == RECORDED and ACTIVITY not in names:
            return done_by(event, EntityActivity(activity=parse_json(data, Activity)), key)
        if ACTIVITY in names:
            return done_by(event, parse_json(data, EntityActivity), key)
    except (json_format.ParseError, RecursionError) as error:
        raise Rejected(NO_FACTS, f"the data are not valid facts: {error}") from error
    return None


def told_by_protobuf(event: Incoming, key: str) -> Told | None:
    """Return what protobuf data tell; None if they are of another message. Raises Rejected."""
    schema = event.schema
    put, done = EntityFacts(), EntityActivity()
    if schema in SCHEMAS:
        _read(getattr(put, SCHEMAS[schema]), event)
    elif schema == PUT:
        _read(put, event)
    elif schema == BARE:
        _read(done.activity, event)
    elif schema == DONE:
        _read(done, event)
    else:
        return None
    return done_by(event, done, key) if schema in {BARE, DONE} else put_by(put, key)


def put_by(facts: EntityFacts, key: str) -> Told:
    """Return what puts an entity under a key; raises Rejected."""
    if facts.HasField("expected_revision"):
        raise Rejected(NO_FACTS, "an event names no revision: leave out expectedRevision")
    facts.idempotency_key = key
    return PutFactsRequest(entities=[facts])


def done_by(event: Incoming, done: EntityActivity, key: str) -> Told:
    """Return what keeps an activity: whose, which and when is as it says, or as its event does."""
    done.entity = done.entity or event.subject
    if not done.activity.id:
        done.activity.id = key
    time = event.attributes.get(TIME, "")
    if time and not done.activity.HasField("at"):
        try:
            done.activity.at.FromJsonString(time)
        except ValueError as error:
            raise Rejected(NO_FACTS, "the event's time is not an instant") from error
    return AppendActivitiesRequest(activities=[done])


def _read(into: Message, event: Incoming) -> None:
    try:
        into.SetInParent()
        into.MergeFromString(event.data)
    except DecodeError as error:
        raise Rejected(NO_FACTS, f"the data are not a valid {event.schema}") from error
