"""A server process whose rules are edited under it, as operators and authors do."""

import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealgate.cli import app
from dealgate_client import CatalogSummary, Client, Denied, Lead, NotFound, PreconditionFailed
from tests.serving.conftest import PATIENCE, Process, Start
from tests.small import copied


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Two kinds, with a copy of the last version of score as a draft."""
    rules = copied(tmp_path)
    score = (rules / "score" / "v2.yaml").read_text()
    draft = re.sub(r"^version: 2$", "version: 90", score, flags=re.MULTILINE)
    (rules / "score" / "v90.yaml").write_text(draft)
    return rules


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def catalog(process: Process) -> CatalogSummary:
    """Ask the server for its catalog."""
    with Client(process.target, timeout=60) as client:
        return client.get_catalog()


def test_edits_are_followed_and_broken_ones_refused(start: Start, rules: Path) -> None:
    """An edit decides soon; a broken one is refused, logged, seen in health, and gone once mended.

    Decisions go on all the while.
    """
    process, draft = start(DEALGATE_RULES=str(rules)), rules / "score" / "v90.yaml"
    releases = draft.with_name("releases.yaml")
    text = draft.read_text()
    with Client(process.target, timeout=60) as client:

        def digest() -> str:
            dry = client.score_lead(lead=Lead(id="L1"), dry_run=True, rule_set_version=90)
            return dry.header.rule_set_digest

        first = digest()
        draft.write_text(text.replace("\nowner: ", "\nowner: new-", 1))
        until(lambda: digest() != first)
        second = digest()
        lines = releases.read_text()
        releases.write_text(lines + "- version: 99\n")
        until(lambda: not client.is_serving("dealgate.rules"))
        assert client.is_serving()
        assert digest() == second
        refused = catalog(process).last_reload
        assert {fault.file for fault in refused.faults} == {"rules/score/releases.yaml"}
        releases.write_text(lines)
        draft.write_text(text)
        until(lambda: client.is_serving("dealgate.rules"))
        until(lambda: digest() == first)
    process.end()
    assert sum("the changed rules are refused" in line for line in process.lines) == 1
    assert any(line.startswith("  rules/score/releases.yaml:") for line in process.lines)


def test_a_broken_draft_is_left_out_alone(start: Start, rules: Path) -> None:
    """A server starts without it and decides; who names it is told where its fault is."""
    draft = rules / "score" / "v90.yaml"
    draft.write_text(draft.read_text().replace("\nowner: ", "\nowners: ", 1))
    process = start(DEALGATE_RULES=str(rules), DEALGATE_RELOAD="off")
    with Client(process.target, timeout=60) as client:
        assert client.is_serving("dealgate.rules")
        assert client.score_lead(lead=Lead(id="L1"), dry_run=True).header.rule_set_digest
        with pytest.raises(NotFound, match=r"score@90 has 1 fault .* rules/score/v90\.yaml:"):
            client.score_lead(lead=Lead(id="L1"), dry_run=True, rule_set_version=90)
        faults = client.get_catalog().last_reload.faults
    assert {fault.file for fault in faults} == {"rules/score/v90.yaml"}
    process.end()


def test_sighup_looks_at_once(start: Start, rules: Path) -> None:
    """With following switched off, the server looks when it gets SIGHUP, and says what it saw."""
    process = start(DEALGATE_RULES=str(rules), DEALGATE_RELOAD="off")
    process.tell(signal.SIGHUP)
    until(lambda: any("nothing is new in the rules folder" in line for line in process.lines))
    with (rules / "score" / "v90.yaml").open("a") as file:
        file.write("# a comment\n")
    process.tell(signal.SIGHUP)
    until(lambda: catalog(process).edition == 2)
    assert process.end() == 0


def test_tools_judge_and_release_over_grpc(start: Start, rules: Path) -> None:
    """A draft is judged with the server's rules, released, and in use when the answer comes."""
    (rules / "score" / "v90.cases.yaml").write_text((rules / "score/v2.cases.yaml").read_text())
    process = start(DEALGATE_RULES=str(rules), DEALGATE_RELEASE_RPC="true", DEALGATE_RELOAD="off")
    with Client(process.target, timeout=60) as client:
        text = (rules / "score" / "v90.yaml").read_text()
        broken = client.check_rule_set({"score/v90.yaml": text.replace("rules:", "ruels:")})
        assert broken.faults[0].file == "rules/score/v90.yaml"
        assert client.check_rule_set({"score/v90.yaml": text}).sound
        with pytest.raises(PreconditionFailed, match="is already in effect"):
            client.release_rule_set("score", 2, because="Again.", by="ann")
        made = client.release_rule_set("score", 90, because="Agreed.", by="ann")
        assert made.in_use
        back = client.release_rule_set("score", None, because="Bad.", by="bob")
        assert (back.version, back.in_use) == (2, True)
        assert len(client.get_rule_set("score", 2).summary.releases) == 2


def test_no_release_unless_the_operator_lets_it(start: Start) -> None:
    """Callers are not authenticated, so it is switched off, and the refusal says how to."""
    with (
        Client(start().target, timeout=60) as client,
        pytest.raises(Denied, match="DEALGATE_RELEASE_RPC"),
    ):
        client.release_rule_set("score", 2, because="Mine.", by="eve")


def test_a_release_on_the_command_line_reaches_the_server(start: Start, rules: Path) -> None:
    """What `dealgate release` appends decides in the running server, as of its instant."""
    (rules / "score" / "v90.cases.yaml").write_text((rules / "score/v2.cases.yaml").read_text())
    process = start(DEALGATE_RULES=str(rules))
    line = ["release", "score", "90", "--from", "2999-01-01", "--by", "ann", "--because", "Agreed"]
    assert CliRunner().invoke(app, [*line, "--rules", str(rules)]).exit_code == 0
    until(lambda: catalog(process).edition == 2)
    with Client(process.target, timeout=60) as client:
        assert client.get_rule_set("score", 90).summary.releases[0].released_by == "ann"
