"""Events as others send them, what they ask, and what is told of those that ask nothing."""

import base64
import json
from typing import Any

import pytest

from dealgate.inbox.asking import key_of
from dealgate.inbox.incoming import Incoming, read_event
from dealgate.inbox.outgoing import AnswerWriter
from dealgate.inbox.port import Delivery, Rejection
from dealgate.inbox.reader import read_question
from dealgate.streams.event import CloudEvent
from dealgate.streams.formats import as_json, as_protobuf
from dealgate.v1.decision_service_pb2 import Question
from dealgate.v1.flow_pb2 import FlowHeader
from dealgate.v1.lead_flow_pb2 import ProcessLeadRequest, ProcessLeadResponse
from dealgate.v1.score_pb2 import ScoreLeadRequest
from tests.inbox.events import delivery, event, question

ASKED = Question()
ASKED.score.facts.lead.id = "L1"
ASKED.score.facts.lead.company.employees = 100
PROTOBUF = "application/cloudevents+protobuf"


def cloud(data: Any) -> CloudEvent:
    """Return an event as the outbox writes them."""
    return CloudEvent("e1", "/crm", "t", "lead/L1", "2026-07-01T00:00:00Z", {"colour": "red"}, data)


@pytest.mark.parametrize(
    "came",
    [
        delivery(event(1)),
        delivery(event(1, data=None, data_base64=base64.b64encode(
            json.dumps(question("L1")).encode()).decode())),
        Delivery("", {}, json.dumps(event(1)).encode()),
        Delivery(PROTOBUF, {}, as_protobuf(cloud(ASKED))),
        Delivery(PROTOBUF, {}, as_protobuf(cloud(ASKED.score))),
        Delivery(
            "application/protobuf",
            {"specversion": "1.0", "id": "e1", "source": "/crm", "type": "t",
             "dataschema": "dealgate.v1.ScoreLeadRequest"},
            ASKED.score.SerializeToString(),
        ),
    ],
    ids=["json", "base64", "line", "protobuf", "request", "binary"],
)  # fmt: skip
def test_one_question_in_every_format(came: Delivery) -> None:
    """A question has the same content and key in whatever format it is sent."""
    (asked,) = read_question(came).asked
    expected = Question()
    expected.CopyFrom(ASKED)
    expected.score.options.idempotency_key = key_of(Incoming("e1", "/crm", "t"))
    assert asked.request == expected


def test_flows_are_asked_by_their_name() -> None:
    """In JSON by the flow's name, in protobuf by the message."""
    told = event(1, data={"processLead": {"facts": {"lead": {"id": "L1"}}}})
    request = ProcessLeadRequest()
    request.facts.lead.id = "L1"
    packed = Delivery(PROTOBUF, {}, as_protobuf(cloud(request)))
    (asked,), (same,) = read_question(delivery(told)).asked, read_question(packed).asked
    assert asked.request == same.request
    answer = ProcessLeadResponse(header=FlowHeader(flow_id="F", stopped_after="verify"))
    sent = AnswerWriter("acme", as_json).written(asked, answer)
    body = json.loads(sent.body)
    assert (sent.id, sent.kind, body["causeid"]) == ("F.answer", "verify", "e1")


@pytest.mark.parametrize(
    ("came", "reason", "message"),
    [
        (Delivery("", {}, b"{"), "UNREADABLE", "not valid JSON"),
        (Delivery("", {}, b"[" * 100_000), "UNREADABLE", "not valid JSON"),
        (Delivery("", {}, b"[]"), "UNREADABLE", "no specversion"),
        (Delivery(PROTOBUF, {}, b"\xff"), "UNREADABLE", "not a CloudEvent"),
        (Delivery("application/cloudevents-batch+json", {}, b"[]"), "UNREADABLE", "one event"),
        (delivery(event(1, specversion="0.3")), "UNREADABLE", "another version"),
        (delivery(event(1, id="")), "UNREADABLE", "id is missing"),
        (delivery(event(1, data_base64="?")), "UNREADABLE", "not base64"),
        (delivery(event(1, colour=[])), "UNREADABLE", "attribute"),
        (delivery(event(1, data={})), "NO_QUESTION", "one question"),
        (delivery(event(1, data={"score": {}, "qualify": {}})), "NO_QUESTION", "one question"),
        (delivery(event(1, data={"scoer": {}})), "NO_QUESTION", "fields are: score, "),
        (delivery(event(1, data={"score": {"facts": {"leed": 1}}})), "NO_QUESTION", "facts has an"),
        (delivery(event(1, datacontenttype="text/plain", data="?")), "NO_QUESTION", "not a valid"),
        (Delivery(PROTOBUF, {}, as_protobuf(cloud(ProcessLeadResponse()))), "NO_QUESTION", "type"),
    ],
)  # fmt: skip
def test_poison_is_told_by_its_reason(came: Delivery, reason: str, message: str) -> None:
    """The letter is a CloudEvent that has all that came, and why nothing was made of it."""
    read = read_question(came)
    assert read.asked == ()
    (sent,) = read.letters
    body = json.loads(sent.body)
    assert body["dealgatereason"] == reason
    assert message in body["dealgatemessage"]
    if body["type"] == "dealgate.v1.event.rejected":
        assert base64.b64decode(body["data_base64"]) == came.body


HALF = "\ud83d"  # an emoji that somebody cut in two
BINARY = {"specversion": "1.0", "id": "e1", "source": "/crm", "type": "t"}


@pytest.mark.parametrize(
    "came",
    [
        delivery(event(1, data={"score": {"facts": {"lead": {"id": HALF}}}})),
        delivery(event(1, data={"score": {"facts": {"lead": {"seniority": HALF}}}})),
        delivery(event(1, data={HALF: 1})),
        delivery(event(1, subject=HALF)),
        delivery(event(1, id=HALF)),
        delivery(event(1, data={"processLead": None})),
        delivery(event(1, data={"processDeal": 5})),
        delivery(event(1, data={"score": {"facts": {"scores": {"fit": float("nan")}}}})),
        Delivery("application/json", BINARY, b"{"),
        Delivery("application/json", BINARY, b'{"score": 1e400}'),
    ],
)
def test_what_nobody_can_read_is_put_aside(came: Delivery) -> None:
    """As a letter that is JSON; an event that ends its reader would hold up all others for ever."""
    read = read_question(came)
    assert read.rejection is not None
    assert json.loads(read.letters[0].body, parse_constant=pytest.fail)


def test_a_letter_keeps_text_that_was_cut() -> None:
    """As it came: whoever mends it finds what was sent."""
    (sent,) = read_question(delivery(event(1, data={"lead": {"first_name": HALF}}))).letters
    assert json.loads(sent.body)["data"] == {"lead": {"first_name": HALF}}


def test_a_letter_published_again_asks_the_same() -> None:
    """Once its cause is mended: its id, its source and its data are those of the event."""
    came = Delivery(PROTOBUF, {}, as_protobuf(cloud(ScoreLeadRequest(facts=ASKED.score.facts))))
    read = read_question(came)
    (asked,) = read.asked
    read.reject(asked.event, Rejection("INVALID_QUESTION", "a lead has an id"))
    (again,) = read_question(Delivery("", {}, read.letters[0].body)).asked
    assert again.request == asked.request
    assert read_event(Delivery("", {}, read.letters[0].body)).attributes["colour"] == "red"


def test_keys_are_the_events_own() -> None:
    """Neither two ids nor two sources share one, however they are cut."""
    named = [("/a", "bc"), ("/ab", "c"), ("/a", "b"), ("/a:1", "b"), ("", "/abc")]
    keys = {key_of(Incoming(id_, source, "t")) for source, id_ in named}
    assert len(keys) == len(named)
    assert all(len(key) <= 128 and key.isascii() for key in keys)
