"""Mappings: payloads of others become questions, and what is wrong with a file is told in place."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.inbox.asking import key_of
from dealgate.inbox.consumer import DeliveryContents
from dealgate.inbox.map_cases import failed_cases
from dealgate.inbox.map_file import read_map
from dealgate.inbox.mapping import Mapped, facts_of
from dealgate.inbox.port import Delivery, Rejection
from dealgate.inbox.reader import leaving_activities, reading_all
from dealgate.language.cel import CelChecker
from dealgate.rulebook.faults import RulebookFaults
from dealgate.signals.arriving import ACTIVITY_RECORDED
from dealgate.v1.activity_pb2 import Activity, ActivityType
from dealgate.v1.decision_service_pb2 import Question
from dealgate.v1.fact_service_pb2 import (
    AppendActivitiesRequest,
    EntityActivity,
    EntityFacts,
    PutFactsRequest,
)
from dealgate.v1.lead_pb2 import Lead
from tests.inbox.events import STRUCTURED

ROOT = Path(__file__).parents[2]
HEAD = """because: tests
ask: score
payload:
  id: int
  name: text
  size: text
  rank: number
  at: text
  role: text
  vip: bool
  Visits: [{page: text, at: text}]
  tags: [text]
event: {id: string(payload.id), source: '"/test"'}
"""
FACTS = """facts:
  lead:
    id: payload.name
    created_at: timestamp(payload.at)
    seniority: {of: payload.role, words: {boss: SENIORITY_C_LEVEL}, otherwise: SENIORITY_MANAGER}
    has_opted_out_of_email: '!payload.vip'
    lead_source: LEAD_SOURCE_WEB
    company:
      employees: int(payload.size)
      technologies: payload.tags
  activities:
    - each: {v: payload.Visits}
      id: v.page + "@" + v.at
      type: ACTIVITY_TYPE_KEY_PAGE
      at: timestamp(v.at)
  relationship:
    is_customer: payload.rank > 0.5
"""


def mapped(tmp_path: Path, checker: CelChecker, text: str) -> Mapped:
    """Return what a file says."""
    path = tmp_path / "map.yaml"
    path.write_text(text)
    return read_map(path, checker)[0]


def read(mapping: Mapped, payload: Any) -> DeliveryContents:
    """Return what is read of a payload."""
    return mapping.read(Delivery("application/json", {}, json.dumps(payload).encode()))


def facts(mapping: Mapped, payload: Any) -> Any:
    """Return the facts that are asked about."""
    (asked,) = read(mapping, payload).asked
    return facts_of(asked.request)


def test_what_is_known_has_its_field(tmp_path: Path, checker: CelChecker) -> None:
    """Texts, numbers, instants, lists, words, a message for each element; the rest is left out."""
    mapping = mapped(tmp_path, checker, HEAD + FACTS)
    told = facts(
        mapping,
        {
            "id": 7,
            "name": "L1",
            "size": "250",
            "rank": 1,
            "at": "2026-07-01T00:00:00Z",
            "role": "boss",
            "vip": True,
            "Visits": [{"page": "/pricing", "at": "2026-07-01T00:00:00Z"}, {"page": "/"}],
            "tags": ["sap", "aws"],
            "another": {"key": []},
        },
    )
    lead = told.lead
    assert (lead.id, lead.company.employees, lead.seniority) == ("L1", 250, 1)
    assert lead.HasField("has_opted_out_of_email")
    assert not lead.has_opted_out_of_email
    assert list(lead.company.technologies) == ["sap", "aws"]
    assert lead.created_at.seconds == 1782864000
    assert told.relationship.is_customer
    (visit,) = told.activities
    assert (visit.id, visit.at.seconds) == ("/pricing@2026-07-01T00:00:00Z", 1782864000)
    bare = facts(mapping, {"id": 8, "name": "L2", "size": "", "role": "cook", "vip": None})
    assert (bare.lead.id, bare.lead.seniority) == ("L2", 4)
    assert not bare.lead.HasField("company")
    assert not bare.HasField("relationship")
    assert not bare.activities


def test_the_event_is_named_by_the_payload(tmp_path: Path, checker: CelChecker) -> None:
    """Its id makes the key; a CloudEvent keeps what the file does not say."""
    mapping = mapped(tmp_path, checker, HEAD.replace("event:", "when: payload.vip\nevent:") + FACTS)
    payload = {"id": 7, "name": "L1", "vip": True}
    (plain,) = read(mapping, payload).asked
    around = {"specversion": "1.0", "id": "x", "source": "/y", "type": "t", "subject": "lead/L1"}
    body = json.dumps({**around, "data": payload}).encode()
    (inside,) = mapping.read(Delivery(STRUCTURED, {}, body)).asked
    assert plain.request == inside.request
    assert (inside.event.id, inside.event.source, inside.event.subject) == ("7", "/test", "lead/L1")
    ignored = read(mapping, {"id": 7, "vip": False})
    assert (ignored.asked, ignored.letters) == ([], [])


@pytest.mark.parametrize(
    ("payload", "reason", "message"),
    [
        ([], "PAYLOAD_MISMATCH", "payload is not an object"),
        ({"id": "7"}, "PAYLOAD_MISMATCH", "payload.id is not of type int"),
        ({"id": 7.5}, "PAYLOAD_MISMATCH", "payload.id"),
        ({"id": True}, "PAYLOAD_MISMATCH", "payload.id"),
        ({"id": 2**64}, "PAYLOAD_MISMATCH", "payload.id"),
        ({"id": 7, "tags": "x"}, "PAYLOAD_MISMATCH", "payload.tags is not a list"),
        ({"id": 7, "tags": [1]}, "PAYLOAD_MISMATCH", "payload.tags[0]"),
        ({"name": "L1"}, "MAPPING_FAILED", "its id"),
        ({"id": 7, "vip": True, "size": "many"}, "MAPPING_FAILED", "facts.lead.company.employees"),
        ({"id": 7, "vip": True, "size": "9999999999"}, "MAPPING_FAILED", "employees"),
        ({"id": 7}, "MAPPING_FAILED", "when: cannot be evaluated without payload.vip"),
    ],
)
def test_what_cannot_be_mapped_is_poison(
    tmp_path: Path, checker: CelChecker, payload: Any, reason: str, message: str
) -> None:
    """It says which key or field; nothing is guessed."""
    mapping = mapped(tmp_path, checker, HEAD + "when: payload.vip\n" + FACTS)
    letter = json.loads(read(mapping, payload).letters[0].body)
    assert letter["dealgatereason"] == reason
    assert message in letter["dealgatemessage"]


def test_a_list_is_mapped_piece_by_piece(tmp_path: Path, checker: CelChecker) -> None:
    """Each has its own event; one that cannot be mapped does not spoil the others."""
    text = (HEAD + FACTS).replace("  id: int\n", "  - id: int\n").replace("\n  ", "\n    ")
    text = text.replace("\n    - id: int", "\n  - id: int")
    read_all = read(
        mapped(tmp_path, checker, text),
        [{"id": 1, "name": "L1"}, {"id": 2, "size": "many"}, {"id": 3, "name": "L3"}],
    )
    assert [asked.event.id for asked in read_all.asked] == ["1", "3"]
    assert len(read_all.letters) == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("ask: score", "ask: scoer", "2:6: ask: 'scoer' is not a kind or a flow"),
        ("id: int", "id: integer", "4:7: payload.id: 'integer' is not a type"),
        ("tags: [text]", "tags: [text, int]", "a list has one element"),
        ("payload.name\n", "payload.nam\n", "16:17: facts.lead.id"),
        ("id: payload.name", "id: payload.id", "16:9: facts.lead.id: this is int"),
        ("    company:", "    companie:", "21:5: facts.lead: Lead has no field 'companie'"),
        ("boss: SENIORITY_C_LEVEL", "boss: SENIORITY_BOSS", "'SENIORITY_BOSS' is not a value"),
        ("LEAD_SOURCE_WEB", "LEAD_SOURCE_WEBB", "did you mean 'LEAD_SOURCE_WEB'?"),
        ("timestamp(payload.at)", "as_of", "as_of is the time of receipt"),
        ("each: {v: payload.Visits}", "each: {v: payload.name}", "each: this is string, not a li"),
        ("      id: v.page", "      id: w.page", "w"),
        ("event: {id: string(payload.id)", "event: {id: payload.id", "event.id: this is an int"),
        ("because: tests\n", "", "1:1: the key 'because' is missing"),
    ],
)  # fmt: skip
def test_faults_stand_where_they_are(
    tmp_path: Path, checker: CelChecker, old: str, new: str, told: str
) -> None:
    """By file, line and column, with the cure; before anything is consumed."""
    text = HEAD + FACTS
    assert old in text
    with pytest.raises(RulebookFaults) as caught:
        mapped(tmp_path, checker, text.replace(old, new, 1))
    assert told in str(caught.value)
    assert f"{tmp_path}/map.yaml:" in str(caught.value)


def test_cases_that_do_not_hold_are_told(tmp_path: Path, checker: CelChecker) -> None:
    """Facts that differ, attributes that differ, what is not ignored, and not rejected."""
    cases = """cases:
  - {case: holds, payload: {id: 1, name: L1}, facts: {lead: {id: L1}}}
  - {case: facts, payload: {id: 1, name: L1}, facts: {lead: {id: L2}}}
  - {case: event, payload: {id: 1, name: L1}, event: {source: /x}}
  - {case: ignored, payload: {id: 1, name: L1}, ignored: true}
  - {case: rejected, payload: {id: 1, name: L1}, rejected: MAPPING_FAILED}
  - {case: taken, payload: {id: 1, size: many}, facts: {lead: {id: L1}}}
"""
    path = tmp_path / "map.yaml"
    path.write_text(HEAD + FACTS + cases)
    number, faults = failed_cases(*read_map(path, checker))
    assert number == 6
    told = "\n".join(fault.message for fault in faults)
    assert [line.split(":")[0] for line in told.splitlines()] == [
        f"case {name}" for name in ("facts", "event", "ignored", "rejected", "taken")
    ]
    assert "facts.lead.id differs" in told


@pytest.mark.parametrize("name", ["hubspot", "salesforce"])
def test_the_documented_mappings_hold(name: str, checker: CelChecker) -> None:
    """Those of docs/crm, with their cases."""
    number, faults = failed_cases(*read_map(ROOT / f"docs/crm/{name}.yaml", checker))
    assert (number > 1, faults) == (True, [])


def test_the_mappings_of_the_page_hold(tmp_path: Path, checker: CelChecker) -> None:
    """Those that docs/crm.md shows in full, with their cases."""
    page = (ROOT / "docs/crm.md").read_text()
    files = re.findall(r"```yaml\n(because: .*?)```", page, re.DOTALL)
    assert len(files) == 3
    for text in files:
        (tmp_path / "map.yaml").write_text(text)
        assert failed_cases(*read_map(tmp_path / "map.yaml", checker))[1] == []


TELLS = (
    HEAD.replace("ask: score", "tell: lead")
    + """facts:
  id: payload.name
  title: payload.role
  company:
    employees: int(payload.size)
    technologies: payload.tags
"""
)
VISITS = (
    HEAD.replace("ask: score", "tell: activity")
    + """about: '"lead/" + payload.name'
facts:
  type: ACTIVITY_TYPE_PRICING_PAGE
  at: timestamp(payload.at)
"""
)
PAYLOAD = {"id": 7, "name": "L1", "role": "boss", "at": "2026-07-01T00:00:00Z"}


def test_an_entity_is_told(tmp_path: Path, checker: CelChecker) -> None:
    """What is known is put, under the event's key; what is not stays as it was."""
    (asked,) = read(mapped(tmp_path, checker, TELLS), PAYLOAD).asked
    put = EntityFacts(
        lead=Lead(id="L1", title="boss"), idempotency_key=f"{key_of(asked.event)}-lead"
    )
    assert asked.request == PutFactsRequest(entities=[put])
    assert asked.event.subject == "lead/L1"  # what is told of one entity stays in order


def test_what_an_entity_has_no_more_is_cleared(tmp_path: Path, checker: CelChecker) -> None:
    """If the file says that a payload is all there is: else it may be what has changed."""
    mapping = mapped(tmp_path, checker, TELLS + "absent: cleared\n")
    (asked,) = read(mapping, {**PAYLOAD, "role": "", "tags": ["sap"]}).asked
    assert isinstance(asked.request, PutFactsRequest)
    assert list(asked.request.entities[0].cleared) == ["title", "company.employees"]
    assert read(mapping, {"id": 7}).rejection == Rejection(
        "MAPPING_FAILED", "facts.id: is not known"
    )


def test_an_activity_is_told(tmp_path: Path, checker: CelChecker) -> None:
    """It is somebody's, by the file or by its event; its id is the event's key."""
    (asked,) = read(mapped(tmp_path, checker, VISITS), PAYLOAD).asked
    at = Timestamp(seconds=1782864000)
    visit = Activity(id=key_of(asked.event), type=ActivityType.ACTIVITY_TYPE_PRICING_PAGE, at=at)
    done = EntityActivity(entity="lead/L1", activity=visit)
    assert asked.request == AppendActivitiesRequest(activities=[done])
    unnamed = mapped(tmp_path, checker, VISITS.replace("about: '\"lead/\" + payload.name'\n", ""))
    around = {"specversion": "1.0", "id": "x", "source": "/y", "type": "t", "subject": "lead/L2"}
    body = json.dumps({**around, "data": PAYLOAD}).encode()
    (other,) = unnamed.read(Delivery(STRUCTURED, {}, body)).asked
    assert facts_of(other.request).at == at
    assert other.event.subject == "lead/L2"
    rejection = read(unnamed, PAYLOAD).rejection
    assert rejection is not None
    assert "whose activity" in rejection.message


def test_one_payload_can_tell_several(tmp_path: Path, checker: CelChecker) -> None:
    """A file for each; and what signals follow is left to them."""
    files = [mapped(tmp_path, checker, text) for text in (HEAD + FACTS, TELLS, VISITS)]
    reading = reading_all([file.read for file in files])
    delivery = Delivery("application/json", {}, json.dumps(PAYLOAD).encode())
    kinds = [type(item.request) for item in reading(delivery).asked]
    assert kinds == [Question, PutFactsRequest, AppendActivitiesRequest]
    followed = leaving_activities(reading)(delivery)
    assert [type(item.request) for item in followed.asked] == kinds[:2]
    (heard,) = followed.heard
    assert (heard.type, heard.subject) == (ACTIVITY_RECORDED, "lead/L1")
    assert json.loads(heard.data)["at"] == "2026-07-01T00:00:00Z"
    assert len(reading(Delivery("application/json", {}, b"{")).letters) == 1


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (TELLS.replace("tell: lead\n", ""), "ask or tell is missing"),
        (TELLS.replace("tell: lead\n", "tell: lead\nask: score\n"), "ask and tell exclude"),
        (TELLS.replace("tell: lead\n", "tell: deal\n"), "tell: "),
        (TELLS.replace("  id: payload.name\n", ""), "a lead needs an id"),
        (TELLS + "as_of: timestamp(payload.at)\n", "as_of: this means nothing here"),
        (TELLS + "about: payload.name\n", "about: this means nothing here"),
        (VISITS + "absent: cleared\n", "absent: this means nothing here"),
        (TELLS.replace("title:", "titel:"), "has no field 'titel'"),
    ],
)
def test_what_is_told_is_checked(
    tmp_path: Path, checker: CelChecker, text: str, wrong: str
) -> None:
    """Against the entity or the activity, before anything comes."""
    with pytest.raises(RulebookFaults) as raised:
        mapped(tmp_path, checker, text)
    assert wrong in str(raised.value)


def test_cases_of_what_is_told(tmp_path: Path, checker: CelChecker) -> None:
    """They say the facts, and exactly what is cleared."""
    (tmp_path / "map.yaml").write_text(
        TELLS
        + "absent: cleared\ncases:\n  - case: a size\n    payload: {id: 7, name: L1, size: '9'}\n"
        "    facts: {id: L1, company: {employees: 9}}\n    cleared: [title, company.technologies]\n"
        "  - case: none\n    payload: {id: 7, name: L1}\n    cleared: [title]\n"
    )
    number, faults = failed_cases(*read_map(tmp_path / "map.yaml", checker))
    assert number == 2
    (fault,) = faults
    assert "company.employees, company.technologies, title is cleared" in str(fault)


def test_declared_properties_are_told(tmp_path: Path, checker: CelChecker) -> None:
    """They are JSON of the types that the payload has, as the server reads them."""
    text = TELLS + "  properties: {tier: payload.role, rank: payload.rank, id: payload.id}\n"
    mapping = mapped(tmp_path, checker, text + "absent: cleared\n")
    (asked,) = read(mapping, {**PAYLOAD, "id": 2**53 + 1}).asked
    assert isinstance(asked.request, PutFactsRequest)
    (put,) = asked.request.entities
    assert dict(put.lead.properties) == {"tier": "boss", "id": "9007199254740993"}
    assert "properties.rank" in put.cleared
    for wrong in ("properties: payload.role", "properties: {at: timestamp(payload.at)}"):
        with pytest.raises(RulebookFaults):
            mapped(tmp_path, checker, f"{TELLS}  {wrong}\n")
