"""Entity state on a real server: the page's commands, flows, replay, events, access by setting."""

import asyncio
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict

from dealgate.assemble.consuming import Consumption, consume
from dealgate.inbox.asking import asked_by
from dealgate.inbox.incoming import read_event
from dealgate.inbox.map_file import read_map
from dealgate.inbox.port import Delivery
from dealgate.inbox.reader import reading_all
from dealgate.inbox.server import Called
from dealgate.language.cel import CelChecker
from dealgate_client import (
    Activity,
    ActivityType,
    Client,
    Company,
    Denied,
    EntityActivity,
    EntityFacts,
    InvalidQuestion,
    KeyReused,
    Lead,
    Seniority,
    question,
)
from dealgate_client.aio import AsyncClient
from dealgate_client.v1.replay_pb2 import ReplayVerdict
from dealgate_client.v1.score_pb2 import ScoreFacts
from tests.flows.newest import folder_of
from tests.serving.conftest import ROOT, Process

PAGE = (ROOT / "docs/facts.md").read_text()
VP = Seniority.SENIORITY_VP


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server's rules and journal are."""
    return tmp_path_factory.mktemp("facts")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Process]:
    """A server that keeps facts."""
    rules = str(folder_of(folder, "verify", "score", "qualify"))
    process = Process(folder, DEALGATE_RULES=rules, DEALGATE_FACTS="1")
    yield process
    process.end(signal.SIGKILL)


@pytest.fixture
def client(server: Process, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of a tenant of the test's own."""
    with Client(server.target, tenant=request.node.name[:60], timeout=30) as client:
        yield client


MAPS = {
    "lead": """because: Contacts are leads.
tell: lead
payload: {id: int, number: int, title: text, size: int}
event: {id: string(payload.number), source: '"/crm"'}
absent: cleared
facts: {id: string(payload.id), title: payload.title, company: {employees: payload.size}}
""",
    "visit": """because: Each change is a visit.
tell: activity
payload: {id: int, number: int, at: text}
event: {id: string(payload.number), source: '"/crm"'}
about: '"lead/" + string(payload.id)'
facts: {type: ACTIVITY_TYPE_PRICING_PAGE, at: timestamp(payload.at)}
""",
    "score": """because: Each change is scored.
ask: score
payload: {id: int, number: int}
event: {id: string(payload.number), source: '"/crm"', subject: '"lead/" + string(payload.id)'}
facts: {lead: {id: string(payload.id)}}
""",
}


def test_webhooks_become_facts_activities_and_questions(
    server: Process, client: Client, tmp_path: Path, checker: CelChecker
) -> None:
    """One payload is told by several mappings; repeated, it changes nothing."""
    readers = []
    for name, text in MAPS.items():
        (tmp_path / name).write_text(text)
        readers.append(read_map(tmp_path / name, checker)[0].read)
    changes: list[dict[str, Any]] = [{"title": "VP", "size": 420}, {"size": 421}]
    lines = [
        json.dumps({**told, "id": 512, "number": number, "at": f"2026-06-0{number}T00:00:00Z"})
        for number, told in enumerate(changes, 1)
    ]
    (tmp_path / "in.jsonl").write_text("".join(f"{line}\n" for line in [*lines, *lines]))
    tenant = "test_webhooks_become_facts_activities_and_questions"
    wanted = Consumption(
        f"jsonl://{tmp_path}/in.jsonl", server.target, tenant, read=reading_all(readers)
    )
    consumer = asyncio.run(consume(wanted, asyncio.Event()))
    assert consumer is not None
    assert consumer.rejected == 0
    known = client.get_facts("lead/512")
    assert (known.lead.company.employees, known.lead.HasField("title")) == (421, False)
    assert len(known.activities) == 2
    assert len(list(client.list_decisions(entity="lead/512"))) == 2


def test_the_page_runs(server: Process, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its programs work as they stand, one after the other, and say what it says."""
    programs = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    scope: dict[str, Any] = {}
    for program in programs:
        exec(compile(program.replace("localhost:50051", server.target), "facts.md", "exec"), scope)
    scope["client"].close()
    said = capsys.readouterr().out
    assert "company/001A" in said
    assert "['lead.company.employees']" in said
    assert f"{VP}\n{Seniority.SENIORITY_C_LEVEL}\nknown before it was put: 0\n" in said
    assert "lead/00Q1 is at revision 3, not 1" in said
    assert said.endswith("left: []\n")
    assert (folder / "journal.facts.db").exists()


def test_events_of_the_page_are_kept_and_decided(server: Process) -> None:
    """An entity, an activity and a question, as their lines stand there."""
    (lines,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    requests = [
        asked_by(read_event(Delivery("", {}, line.encode()))).request for line in lines.splitlines()
    ]

    async def consumed() -> Any:
        async with AsyncClient(server.target, tenant="events", timeout=30) as client:
            return await Called(client).decide(requests)

    put, appended, scored = asyncio.run(consumed())
    assert (put.entity, appended.activity_id) == ("lead/00Q1", "a1")
    paths = [path for told in scored.header.facts_from_state for path in told.paths]
    assert paths == ["lead.seniority", "activities"]


def test_a_decision_from_state_is_replayed_without_it(client: Client) -> None:
    """The facts are recorded with it: they may be deleted, and the answer is the same."""
    client.put_facts(Lead(id="L1", seniority=VP))
    answer = client.score_lead(lead=Lead(id="L1"), idempotency_key="a")
    client.delete_facts("lead/L1")
    replayed = client.replay_decision(answer.header.decision_id)
    assert replayed.verdict == ReplayVerdict.REPLAY_VERDICT_EQUAL
    recorded = client.get_decision(answer.header.decision_id)
    assert recorded.question.score.facts.lead.seniority == VP
    assert client.explain_decision(answer.header.decision_id).difference == ""


def test_a_repeat_gets_the_first_answer_whatever_became_known(client: Client) -> None:
    """The key is of what was sent, also for a flow and within a batch."""
    client.put_facts(Lead(id="L1", seniority=VP))
    asked = question(ScoreFacts(lead=Lead(id="L1")), idempotency_key="b")
    first = client.score_lead(lead=Lead(id="L1"), idempotency_key="a")
    batched = client.batch_decide([asked])
    flow = client.process_lead(lead=Lead(id="L1"), steps=["verify", "score"], idempotency_key="f")
    client.put_facts(Lead(id="L1", seniority=Seniority.SENIORITY_INTERN, email="a@b.example"))
    assert client.score_lead(lead=Lead(id="L1"), idempotency_key="a") == first
    assert client.batch_decide([asked]) == batched
    again = client.process_lead(lead=Lead(id="L1"), steps=["verify", "score"], idempotency_key="f")
    assert again == flow
    with pytest.raises(KeyReused):
        client.score_lead(lead=Lead(id="L1", seniority=VP), idempotency_key="a")
    with pytest.raises(KeyReused):
        client.score_lead(lead=Lead(id="L1"), facts_as_sent=True, idempotency_key="a")


def test_a_flow_is_completed_once_and_each_step_is_replayed(client: Client) -> None:
    """Headers of steps name what the server knew, by the step's own paths."""
    client.put_facts(Lead(id="L1", first_name="Ada", company=Company(id="A", employees=420)))
    visit = Activity(id="a1", type=ActivityType.ACTIVITY_TYPE_PRICING_PAGE)
    visit.at.GetCurrentTime()
    client.append_activities(EntityActivity(entity="lead/L1", activity=visit))
    answer = client.process_lead(lead=Lead(id="L1"), steps=["verify", "score"])
    told = [path for facts in answer.verify.header.facts_from_state for path in facts.paths]
    assert told == ["lead.company.employees", "lead.company.id", "lead.first_name"]
    told = [path for facts in answer.score.header.facts_from_state for path in facts.paths]
    assert told[-1] == "activities"
    for step in answer.header.steps:
        verdict = client.replay_decision(step.decision_id).verdict
        assert verdict == ReplayVerdict.REPLAY_VERDICT_EQUAL


def test_tenants_share_nothing(client: Client, server: Process) -> None:
    """What one puts, another neither reads nor is decided by."""
    client.put_facts(Lead(id="L1", seniority=VP))
    with Client(server.target, tenant="stranger", timeout=30) as other:
        assert other.get_facts("lead/L1").revision == 0
        assert not other.score_lead(lead=Lead(id="L1")).header.facts_from_state
        assert list(other.list_entities("lead")) == []


def test_pages_are_of_one_instant(client: Client) -> None:
    """An activity that comes while pages are read is on none of them."""
    done = [Activity(id=id_) for id_ in "abc"]
    for activity in done:
        activity.at.FromSeconds(1_780_000_000)
    client.append_activities(*(EntityActivity(entity="lead/L1", activity=one) for one in done))
    page = client.get_facts("lead/L1", page_size=2)
    late = Activity(id="aa", at=done[0].at)
    client.append_activities(EntityActivity(entity="lead/L1", activity=late))
    rest = client.get_facts("lead/L1", page_size=2, page_token=page.next_page_token)
    assert [told.activity.id for told in (*page.activities, *rest.activities)] == ["c", "b", "a"]
    with pytest.raises(InvalidQuestion):
        client.get_facts("lead/L2", page_token=page.next_page_token)
    with pytest.raises(InvalidQuestion):
        client.get_facts("lead/L1", page_token="bm9uc2Vuc2U=")


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ({"lead": {"firstName": "Ada"}}, "entities[0].lead.id"),
        ({"lead": {"id": "L", "company": {"employees": -1}}}, "entities[0].lead.company.employees"),
        ({"lead": {"id": "L", "createdAt": "2100-01-01T00:00:00Z"}}, "entities[0].lead.created_at"),
        ({"lead": {"id": "L", "properties": {"tier": 1}}}, "entities[0].lead.properties.tier"),
        ({"opportunity": {"id": "O", "people": 3}}, "entities[0].opportunity.people"),
        ({"lead": {"id": "L"}, "cleared": ["shoe_size"]}, "entities[0].cleared[0]"),
        ({"lead": {"id": "L"}, "expectedRevision": -1}, "entities[0].expected_revision"),
        ({}, "entities[0]"),
    ],
)  # fmt: skip
def test_what_a_question_could_not_hold_is_refused(server: Process, told: Any, path: str) -> None:
    """Facts that would have questions refused later are refused when they are put, by name."""
    facts = ParseDict(told, EntityFacts())
    with Client(server.target, timeout=60) as client, pytest.raises(InvalidQuestion) as refused:
        client.put_facts(facts)
    assert [violation.field for violation in refused.value.violations] == [path]


def test_activities_need_an_id_and_an_instant(client: Client) -> None:
    """Of whom, which and when: each that lacks is named."""
    with pytest.raises(InvalidQuestion) as refused:
        client.append_activities(EntityActivity(entity="deal/1", activity=Activity()))
    fields = [violation.field for violation in refused.value.violations]
    assert fields == [
        "activities[0].entity",
        "activities[0].activity.id",
        "activities[0].activity.at",
    ]


def test_without_the_setting_nothing_is_kept(tmp_path: Path) -> None:
    """Calls are refused with the cure, and questions are decided by what they bring."""
    process = Process(tmp_path)
    try:
        with Client(process.target, timeout=60) as client:
            with pytest.raises(Denied, match="DEALGATE_FACTS=1"):
                client.put_facts(Lead(id="L1"))
            answer = client.score_lead(lead=Lead(id="L1"))
            assert not answer.header.facts_from_state
        assert not list(tmp_path.glob("*.facts.db"))
    finally:
        process.end(signal.SIGKILL)
