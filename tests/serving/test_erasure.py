"""Somebody is erased on a real server that is encrypted and keeps facts: nothing tells of them."""

import re
import signal
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from dealgate.journal.sealed.master import new_master_key
from dealgate_client import Client, Lead, PreconditionFailed
from dealgate_client.v1.decision_service_pb2 import WatchedEvent
from dealgate_client.v1.replay_pb2 import ReplayVerdict
from tests.flows.newest import folder_of
from tests.serving.conftest import Process, Start

ANN, BOB = "L-ann-4711", "L-bob-0815"
SECRETS = ("ann@secret.example", ANN, "key-of-ann")


@pytest.fixture
def server(tmp_path: Path, start: Start) -> Process:
    """With a master key, and facts beside the journal."""
    new_master_key(tmp_path / "master.key")
    return start(
        DEALGATE_RULES=str(folder_of(tmp_path, "score")),
        DEALGATE_FACTS="1",
        DEALGATE_JOURNAL_MASTER_KEY=str(tmp_path / "master.key"),
    )


@pytest.fixture
def client(server: Process) -> Iterator[Client]:
    """A client of the server."""
    with Client(server.target, timeout=30) as client:
        yield client


def test_an_erased_lead_is_gone(
    server: Process, client: Client, tmp_path: Path, start: Start
) -> None:
    """From state, records, keys, watches, exports and files; Bob's are as they were.

    Without the key store the journal is not served again.
    """
    for lead in (ANN, BOB):
        client.put_facts(Lead(id=lead, email=f"{lead[2:5]}@secret.example"))
    first = client.score_lead(lead=Lead(id=ANN), idempotency_key="key-of-ann")
    other = client.score_lead(lead=Lead(id=BOB), idempotency_key="key-of-bob")
    assert [path for told in first.header.facts_from_state for path in told.paths] == ["lead.email"]
    assert SECRETS[0] in str(_watched(client, 2))  # so that the server has it in memory
    told = client.erase_subject(f"lead/{ANN}", "request 4711", erased_by="dpo")
    assert told.stand_in.startswith("erased-")

    assert client.get_facts(f"lead/{BOB}").lead.email == "bob@secret.example"
    gone = client.get_facts(f"lead/{ANN}")
    assert (gone.revision, gone.HasField("lead")) == (0, False)
    assert list(client.list_entities("lead")) == [f"lead/{BOB}"]
    record = client.get_decision(first.header.decision_id)
    assert list(record.erased) == [told.stand_in]
    assert record.question.score.facts.lead.id == told.stand_in
    seen = _watched(client, 2)
    assert [secret for secret in SECRETS if secret in str((record, seen))] == []
    assert "bob@secret.example" in str(seen)
    assert not client.export_subject(f"lead/{ANN}").records
    replayed = client.replay_decision(first.header.decision_id)
    assert replayed.verdict == ReplayVerdict.REPLAY_VERDICT_ERASED
    with pytest.raises(PreconditionFailed, match="was erased"):
        client.score_lead(lead=Lead(id=ANN), idempotency_key="key-of-ann")
    assert client.score_lead(lead=Lead(id=BOB), idempotency_key="key-of-bob") == other
    anew = client.score_lead(lead=Lead(id="L-cid-1"), idempotency_key="new")
    assert not anew.header.facts_from_state
    assert _files_with(tmp_path) == []

    assert server.end() == 0
    assert _files_with(tmp_path) == []
    (tmp_path / "journal.db.keys").rename(tmp_path / "elsewhere.keys")
    refusing = start(DEALGATE_RULES=str(tmp_path / "rules"))
    assert refusing.port is None
    assert refusing.end(signal.SIGKILL) != 0
    assert any(
        re.search("is encrypted, and its key store .* is not there", line)
        for line in refusing.lines
    )


def _watched(client: Client, most: int) -> list[WatchedEvent]:
    return list(islice(client.watch_decisions(from_beginning=True, include_records=True), most))


def _files_with(folder: Path) -> list[str]:
    """Return which files hold what is Ann's."""
    return [
        f"{file.name}: {secret}"
        for file in folder.glob("journal*")
        for secret in SECRETS
        if secret.encode() in file.read_bytes()
    ]
