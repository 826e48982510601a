"""JSON is read as protobuf's own library reads it, plain or strange."""

from random import Random
from typing import Any

import pytest
from google.protobuf import json_format

from dealgate.inbox.from_json import parse_json
from dealgate.v1.decision_service_pb2 import Question

KINDS = [field for field in Question.DESCRIPTOR.fields if field.name != "declared"]
TEXTS = {
    "google.protobuf.Timestamp": "2026-07-01T12:30:00.250Z",
    "google.protobuf.Duration": "90.5s",
    "google.protobuf.Struct": {"tier": "gold", "seats": 3.5},
}


def random_json(descriptor: Any, chance: Random, depth: int = 0) -> dict[str, Any]:
    """Return JSON for some fields of a message."""
    told = {}
    for field in descriptor.fields:
        oneof = field.containing_oneof
        if chance.random() < 0.5 or depth > 5 or (oneof and len(oneof.fields) > 1):
            continue
        values = [_value(field, chance, depth) for _ in range(chance.randint(1, 2))]
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        name = field.name if chance.random() < 0.3 else field.json_name
        told[name] = values if field.is_repeated else values[0]
    return told


def _value(field: Any, chance: Random, depth: int) -> Any:
    if field.message_type is not None:
        known = TEXTS.get(field.message_type.full_name)
        return known or random_json(field.message_type, chance, depth + 1)
    if field.enum_type is not None:
        return chance.choice(list(field.enum_type.values)).name
    by_type = {
        field.CPPTYPE_STRING: "ünï",
        field.CPPTYPE_BOOL: chance.random() < 0.5,
        field.CPPTYPE_DOUBLE: chance.choice([1.5, 2, -0.25]),
    }
    return by_type.get(field.cpp_type, chance.choice([7, "12", 0]))


@pytest.mark.parametrize("kind", KINDS, ids=lambda field: field.name)
def test_what_is_read_is_what_protobuf_reads(kind: Any) -> None:
    """Random questions of every kind, all fields and spellings."""
    chance = Random(kind.number)
    for _ in range(15):
        told = {kind.name: random_json(kind.message_type, chance)}
        assert parse_json(told, Question) == json_format.ParseDict(told, Question())


@pytest.mark.parametrize(
    "told",
    [
        {"score": {"facts": {"lead": {"id": None, "company": {"employees": "1e2"}}}}},
        {"score": {"facts": {"lead": {"id": "L", "leadSource": 1}}}},
        {"score": None},
        {"score": {"facts": {"activities": [{"at": "2026-07-01T00:00:00+02:00"}]}}},
    ],
)
def test_what_is_strange_is_left_to_protobuf(told: dict[str, Any]) -> None:
    """Null, numbers of enums, other spellings: read all the same."""
    assert parse_json(told, Question) == json_format.ParseDict(told, Question())


@pytest.mark.parametrize(
    "told",
    [
        {"score": {"facts": {"lead": {"id": 7}}}},
        {"score": {"facts": {"lead": {"firstName": "a", "first_name": "b"}}}},
        {"score": {}, "qualify": {}},
        {"score": {"facts": {"lead": {"company": {"employees": 2**31}}}}},
        {"score": {"facts": {"lead": {"seniority": "BOSS"}}}},
        {"score": {"facts": {"activities": {}}}},
        {"score": {"facts": {"lead": {"id": "\ud800"}}}},
        {"score": [1]},
    ],
)
def test_what_protobuf_refuses_is_refused(told: dict[str, Any]) -> None:
    """Though not with its words, which quote values."""
    with pytest.raises(json_format.ParseError):
        json_format.ParseDict(told, Question())
    with pytest.raises(json_format.ParseError):
        parse_json(told, Question)


SECRET = "Ann Lee at x.y"


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ({"score": {"facts": {"lead": {"seniority": SECRET}}}}, "Question.score.facts.lead"),
        ({"score": {"facts": {"lead": {SECRET: 1}}}}, "Question.score.facts.lead has an unknown"),
        ({"score": {"facts": {"lead": {"company": {"employees": SECRET}}}}}, "company.employees"),
        ({"score": {"options": {"as_of": "2016-12-31T23:59:60Z"}}}, "score.options.as_of"),
        (None, "Question cannot be read"),
        (5, "Question cannot be read"),
        ([SECRET], "Question has an unknown field"),
        (SECRET, "Question has an unknown field"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_path(told: Any, path: str) -> None:
    """Finding SEC-16's kind: messages travel further than events, and hold no value of them."""
    with pytest.raises(json_format.ParseError, match=path) as refused:
        parse_json(told, Question)
    assert "Ann" not in str(refused.value)
    assert "2016" not in str(refused.value)


def test_plain_questions_need_no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is what it is for."""
    monkeypatch.setattr(json_format, "ParseDict", None)
    lead = {"id": "L1", "company": {"employees": 100, "annualRevenue": {"units": "12"}}}
    asked = parse_json({"score": {"facts": {"lead": lead}}}, Question)
    assert asked.score.facts.lead.company.annual_revenue.units == 12
