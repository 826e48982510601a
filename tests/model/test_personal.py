"""Which fields are personal is said of every field, and what is marked is seen in the bytes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from dealgate.kinds import KINDS
from dealgate.model.decision import Entity
from dealgate.model.fields import along, descriptor_of, message_of
from dealgate.model.personal import Span, all_spans, mark_of, spans
from dealgate.model.subjects import DECLARED, messages_of
from dealgate.v1.decision_service_pb2 import DecideRequest, DecideResponse
from dealgate.v1.lead_pb2 import Lead
from dealgate.v1.result_pb2 import DecisionResult, RecordResultRequest
from dealgate.v1.verify_pb2 import VerifyFacts
from tests.model.filled import filled, is_ours

LISTED = Path(__file__).parents[2] / "proto/not-personal.txt"
RECORDED = (DecideRequest, DecideResponse, DecisionResult, RecordResultRequest)
ABOUT = Entity("lead", "L1")


def test_every_field_is_marked_or_listed() -> None:
    """Who adds a field says whether it is about a person: by a mark, or by a line of the list."""
    unmarked = {f"{message.full_name}: {field.name}" for message, field in _leaves(_recorded())}
    listed = set(_listed())
    undecided, unknown = sorted(unmarked - listed), sorted(listed - unmarked)
    assert not undecided, f"mark these fields (personal), or list them in {LISTED.name}"
    assert not unknown, f"{LISTED.name} lists what is marked, or is no field"


@pytest.mark.parametrize("name", KINDS)
def test_what_a_decision_is_about_is_marked(name: str) -> None:
    """The id that a record is found by names a subject of the type that the record says."""
    kind = KINDS[name]
    type_, _, path = kind.entity.partition("/")
    *_, field = along(_of(kind.facts), path.split("."))
    mark = mark_of(field)
    assert mark is not None, f"{field.full_name} is not marked"
    assert mark.names == type_


@pytest.mark.parametrize("name", KINDS)
def test_the_bytes_show_what_is_marked(name: str) -> None:
    """With every field set, spans are exactly the values of marked fields, in facts and answers."""
    kind = KINDS[name]
    for type_ in (kind.sent_facts, kind.response):
        message, marked, unmarked = filled(type_)
        data = message.SerializeToString(deterministic=True)
        texts = {data[span.start : span.end].decode("latin-1") for span in _spans(message, data)}
        assert marked <= texts
        assert not unmarked & texts


def test_values_belong_to_whom_they_lie_with() -> None:
    """A candidate's address is the candidate's, the lead's is the lead's."""
    facts = VerifyFacts()
    facts.lead.id, facts.lead.email = "L1", "ann@acme.example"
    facts.candidates.add(id="L2", email="bob@acme.example")
    data = facts.SerializeToString()
    owners = {data[span.start : span.end]: span.owner for span in _spans(facts, data)}
    assert owners[b"ann@acme.example"] == Entity("lead", "L1")
    assert owners[b"bob@acme.example"] == Entity("lead", "L2")


def test_json_objects_are_personal_as_a_whole() -> None:
    """Nobody could mark what a declared kind is asked about."""
    facts = DecideRequest()
    facts.facts.update({"name": "Ann", "spouse": {"name": "Bob"}, "children": [3, "Cy", True]})
    data = facts.facts.SerializeToString()
    values = [data[span.start : span.end] for span in all_spans(DECLARED.facts, data, ABOUT)]
    assert {b"Ann", b"Bob", b"Cy"} <= set(values)
    assert len(values) == len(("Ann", "Bob", 3, "Cy", True))


def test_fields_that_nobody_knows_are_personal() -> None:
    """What a newer caller sent is about the subject of its message until a contract says more."""
    newer = Lead(id="L1").SerializeToString() + b"\xf2\x7f\x06secret"
    assert newer[-6:] in [newer[span.start : span.end] for span in spans(_of(Lead), newer, ABOUT)]


def _recorded() -> Iterator[Descriptor]:
    for kind in KINDS.values():
        yield from (_of(kind.request), *messages_of(kind))
    yield from map(_of, RECORDED)


def _of(type_: type[Message]) -> Descriptor:
    return descriptor_of(type_)


def _spans(message: Message, data: bytes) -> list[Span]:
    return spans(descriptor_of(message), data, ABOUT)


def _leaves(messages: Iterator[Descriptor]) -> Iterator[tuple[Descriptor, FieldDescriptor]]:
    """Yield each field that is neither marked nor holds a message of ours, and whose it is."""
    todo, seen = list(messages), dict[str, None]()
    while todo:
        message = todo.pop()
        if message.full_name in seen:
            continue
        seen[message.full_name] = None
        for field in message.fields:
            if mark_of(field) is not None:
                continue
            if field.type == FieldDescriptor.TYPE_MESSAGE and is_ours(message_of(field)):
                todo.append(message_of(field))
            else:
                yield message, field


def _listed() -> Iterator[str]:
    for line in LISTED.read_text("utf-8").splitlines():
        message, _, names = line.partition("#")[0].partition(":")
        yield from (f"dealgate.v1.{message.strip()}: {name}" for name in names.split())
