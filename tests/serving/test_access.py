"""Access rules at a running server: tokens, and a file that changes."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealgate.cli.journal import app as journal
from dealgate_client import Client, Lead, errors
from tests.access.keyring import AUDIENCE, ISSUER, Keyring
from tests.serving.conftest import PATIENCE, Process

RULES = """\
because: A test.
tokens:
  - {{issuer: "{issuer}", audience: {audience}, keys: keys.json, algorithms: [ES256]}}
principals:
  - {{name_from: token.email, when: token.subject == "ann", roles: [{role}]}}
roles:
  scorer: {{may: [decide, record], tenants: [acme], kinds: [score], because: She asks.}}
  reader: {{may: [read], tenants: [acme], because: She reads.}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where keys and access rules lie."""
    folder = tmp_path_factory.mktemp("access")
    _write(folder, "scorer")
    return folder


@pytest.fixture(scope="module")
def keyring(folder: Path) -> Keyring:
    """The issuer."""
    return Keyring(folder / "keys.json")


@pytest.fixture(scope="module")
def server(folder: Path, keyring: Keyring) -> Iterator[Process]:
    """A server that is given access rules."""
    assert keyring.path.is_file()
    process = Process(folder, DEALGATE_ACCESS=str(folder / "access.yaml"))
    yield process
    assert process.end() == 0


def _write(folder: Path, role: str) -> None:
    text = RULES.format(issuer=ISSUER, audience=AUDIENCE, role=role)
    (folder / "access.yaml").write_text(text)


def _ask(server: Process, token: str | None) -> str:
    """Return the decision id of a lead scored with this token."""
    with Client(server.target, tenant="acme", token=token, timeout=60) as client:
        return client.score_lead(lead=Lead(id="L1")).header.decision_id


def test_a_token_opens_the_door(server: Process, keyring: Keyring) -> None:
    """With a valid token a caller gets what its role covers; without, or with another, nothing."""
    ann = keyring.token(sub="ann", email="ann@example.com")
    assert _ask(server, ann)
    for token in (None, keyring.token(sub="ann", email="ann@x", exp=1), "not.a.token"):
        with pytest.raises(errors.Denied):
            _ask(server, token)
    with Client(server.target, tenant="acme", token=lambda: ann, timeout=60) as client:
        with pytest.raises(errors.Denied):
            client.qualify_lead(lead=Lead(id="L1"))
        with pytest.raises(errors.Denied):
            client.get_decision("00000000-0000-7000-8000-000000000000")


def test_the_file_is_read_again(server: Process, keyring: Keyring, folder: Path) -> None:
    """A broken file changes nothing and is told; a sound one holds within seconds."""
    ann = keyring.token(sub="ann", email="ann@example.com")
    (folder / "access.yaml").write_text("because: [")
    _wait_for(server, "the rules before it hold on")
    assert _ask(server, ann)
    _write(folder, "reader")
    _wait_for(server, "are now in effect")
    with pytest.raises(errors.Denied):
        _ask(server, ann)


def test_the_audit_log_tells(server: Process, keyring: Keyring, folder: Path) -> None:
    """What was refused, and which access rules began to hold, is in the journal's audit log."""
    with pytest.raises(errors.Denied):
        _ask(server, keyring.token(sub="bob", email="bob@example.com"))
    refused, until = "- LeadService.ScoreLead refused acme FORBIDDEN", time.monotonic() + PATIENCE
    while refused not in (told := _audited(server)):  # written after the answer
        assert time.monotonic() < until, told
    assert "access.yaml changed" in told
    assert folder.is_dir()


def _audited(server: Process) -> str:
    return CliRunner().invoke(journal, ["audit", "--journal", str(server.journal)]).output


def _wait_for(server: Process, words: str) -> None:
    until = time.monotonic() + PATIENCE
    while not any(words in line for line in server.lines):
        assert time.monotonic() < until, server.lines
        time.sleep(0.05)


def test_a_server_does_not_start_on_broken_rules(tmp_path: Path) -> None:
    """Access rules with faults stop the start: a server must not begin wide open."""
    (tmp_path / "access.yaml").write_text("principals: []\n")
    process = Process(tmp_path, DEALGATE_ACCESS=str(tmp_path / "access.yaml"))
    assert process.end() != 0
    assert any("access.yaml:1" in line for line in process.lines)
