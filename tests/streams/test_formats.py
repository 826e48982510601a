"""CloudEvents as others read them."""

import json
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

from dealgate.model.feed import FeedEvent, Position
from dealgate.streams.addresses import addresses
from dealgate.streams.event import cloud_event
from dealgate.streams.formats import as_json, as_protobuf
from dealgate.streams.port import SinkUnusable
from dealgate.streams.sinks import open_sink
from dealgate.v1.decision_service_pb2 import WatchedEvent
from dealgate.v1.lead_pb2 import Lead
from dealgate.v1.qualify_pb2 import QualifyFacts, QualifyLeadResponse
from tests.journal.decisions import decision
from tests.journal.test_results import result

Field = descriptor_pb2.FieldDescriptorProto
TAKEN = decision(
    7,
    tenant="acme",
    facts=QualifyFacts(lead=Lead(id="L7")).SerializeToString(),
    answer=QualifyLeadResponse().SerializeToString(),
)


def test_json() -> None:
    """The attributes of CloudEvents 1.0, ours beside them, and the data in protobuf's JSON."""
    told = FeedEvent(Position(1, 0), TAKEN, result(TAKEN))
    body = json.loads(as_json(cloud_event(told, whole=True)))
    data = json_format.ParseDict(body.pop("data"), WatchedEvent())
    assert body == {
        "specversion": "1.0",
        "id": f"{TAKEN.id}.1",
        "source": "/dealgate/acme",
        "type": "dealgate.v1.result.recorded",
        "subject": "lead/L7",
        "time": "2026-07-02T15:46:40.000000Z",
        "datacontenttype": "application/json",
        "tenant": "acme",
        "kind": "qualify",
        "outcome": "NURTURE",
    }
    assert data.result.amount.units == 120
    assert data.record.question.qualify.facts.lead.id == "L7"


def test_protobuf() -> None:
    """What io.cloudevents.v1.CloudEvent's own parser reads is the same event."""
    told = FeedEvent(Position(1, 0), TAKEN)
    event = cloud_event(told, whole=False)
    read = contract().FromString(as_protobuf(event))
    head = (read.id, read.source, read.spec_version, read.type)
    assert head == (TAKEN.id, "/dealgate/acme", "1.0", "dealgate.v1.decision.recorded")
    attributes = {name: value.ce_string for name, value in read.attributes.items()}
    assert attributes["subject"] == "lead/L7"
    assert (attributes["time"], attributes["kind"]) == (event.time, "qualify")
    data = WatchedEvent()
    assert read.proto_data.Unpack(data)
    assert data == event.data
    assert not data.HasField("record")


def contract() -> Any:
    """Return the class of cloudevents.proto (github.com/cloudevents/spec), as far as it is used."""
    file = descriptor_pb2.FileDescriptorProto(
        name="cloudevents.proto",
        package="io.cloudevents.v1",
        syntax="proto3",
        dependency=["google/protobuf/any.proto"],
    )
    event = file.message_type.add(name="CloudEvent")
    for number, name in enumerate(("id", "source", "spec_version", "type"), 1):
        event.field.add(name=name, number=number, type=Field.TYPE_STRING, label=1)
    entry = event.nested_type.add(name="AttributesEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=Field.TYPE_STRING, label=1)
    value = ".io.cloudevents.v1.CloudEvent.CloudEventAttributeValue"
    entry.field.add(name="value", number=2, type=Field.TYPE_MESSAGE, label=1, type_name=value)
    one = event.nested_type.add(name="CloudEventAttributeValue")
    one.field.add(name="ce_string", number=3, type=Field.TYPE_STRING, label=1)
    event.field.add(
        name="attributes",
        number=5,
        type=Field.TYPE_MESSAGE,
        label=3,
        type_name=".io.cloudevents.v1.CloudEvent.AttributesEntry",
    )
    event.field.add(
        name="proto_data",
        number=8,
        type=Field.TYPE_MESSAGE,
        label=1,
        type_name=".google.protobuf.Any",
    )
    pool = descriptor_pool.Default()
    pool.Add(file)
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName("io.cloudevents.v1.CloudEvent")
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("jsonl:///out", "name=URL"),
        ("Lake=jsonl:///out", "name=URL"),
        ("a=ftp://host/path", "write jsonl"),
        ("a=nats://host", "write jsonl"),
        ("a=https://host/hook?colour=red", "no option colour"),
        ("a=https://host/hook?format=xml", "one of: json, protobuf"),
        ("a=jsonl:///out?format=protobuf", "lines are JSON"),
        ("a=jsonl:///out a=jsonl:///other", "two sinks"),
        ("a=https://[host/hook", "not a valid URL"),
        ("a=https://ann:s3cret@host:port/hook", "not a valid URL"),
    ],
)
def test_addresses_are_whole(text: str, wrong: str) -> None:
    """What is wrong with an address is told before anything starts, without a password."""
    with pytest.raises(SinkUnusable, match=wrong) as caught:
        addresses(text)
    assert "s3cret" not in str(caught.value)


def test_a_short_secret_is_refused() -> None:
    """A webhook is signed by 24 random bytes or more."""
    (address,) = addresses("a=https://host/hook")
    with pytest.raises(SinkUnusable, match="24 or more"):
        open_sink(address, "whsec_c2hvcnQ=")
