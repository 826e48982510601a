"""`dealgate replay`: a journal proved, in one go or in several, and what a CI sees of it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dealgate.aside.pool import chunked, in_order
from dealgate.assemble.replays import Rules, replays_of
from dealgate.cli import app
from dealgate.cli import replay as command
from dealgate.journal.urls import open_journal
from dealgate.model.decision import Decision
from dealgate.model.replays import Replayed
from tests.foresight.recording import asked, cases, recorded
from tests.small import RULES, copied

SHIPPED = Path(__file__).parents[2] / "rules"
ALL = ("--all", "--kind", "qualify")


def run(*options: object) -> tuple[int, str]:
    """Run it; return its status and what it said."""
    result = CliRunner().invoke(app, ["replay", *map(str, options)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, list[Decision]]:
    """A journal with twelve decisions of qualify."""
    path = tmp_path / "journal.db"

    async def fill() -> list[Decision]:
        journal = await open_journal(str(path))
        decisions = await recorded(journal, [asked(question) for question in cases("qualify")[:12]])
        await journal.close()
        return decisions

    return path, asyncio.run(fill())


def test_a_journal_is_proved(kept: tuple[Path, list[Decision]]) -> None:
    """One decision, and all of them: the same bytes, and status 0."""
    path, decisions = kept
    where = ("--journal", path, "--rules", SHIPPED)
    status, text = run(decisions[0].id, *where)
    assert (status, "the same answer, byte for byte" in text) == (0, True)
    status, text = run(*ALL, *where)
    assert status == 0
    assert text.startswith("12 decisions replayed\n  12  the same answer, byte for byte\n")
    status, text = run(*ALL, "--format", "json", "--since", "2026-03-02", *where)
    assert (status, json.loads(text)["decisions"]) == (0, 0)


def test_it_goes_on_where_it_stopped(
    kept: tuple[Path, list[Decision]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file keeps the position and the counts; the next run replays the rest alone."""
    path, decisions = kept
    monkeypatch.setattr(command, "CHUNK", 4)
    position = path.with_name("position.json")
    resumed = (
        "--all",
        "--kind",
        "qualify",
        "--journal",
        path,
        "--rules",
        SHIPPED,
        "--resume",
        position,
    )
    run(*resumed, "--limit", 5)
    assert json.loads(position.read_text())["position"] == decisions[4].id
    status, text = run(*resumed)
    assert (status, "12 decisions replayed" in text) == (0, True)
    _, text = run(
        "--all",
        "--kind",
        "qualify",
        "--journal",
        path,
        "--rules",
        SHIPPED,
        "--after",
        decisions[9].id,
    )
    assert "2 decisions replayed" in text
    position.write_text("[]")
    assert run(*resumed)[0] == 2


def test_other_rules_fail_by_name(kept: tuple[Path, list[Decision]], tmp_path: Path) -> None:
    """By rules that are not those that decided, nothing is proved: status 1, and what differs."""
    path, decisions = kept
    status, text = run("--all", "--journal", path, "--rules", copied(tmp_path), "--format", "json")
    document = json.loads(text)
    assert (status, document["unsound"]) == (1, len(decisions))
    status, text = run(decisions[0].id, "--journal", path, "--rules", RULES)
    assert status == 1


def test_what_cannot_be_done_says_why(tmp_path: Path) -> None:
    """No journal, no kind, no instant, nothing to do: status 2."""
    nowhere = ("--all", "--rules", RULES, "--journal", tmp_path / "none.db")
    assert run(*nowhere)[0] == 2
    assert run(*nowhere, "--kind", "astrology")[0] == 2
    assert run(*nowhere, "--since", "soon")[0] == 2
    assert run(*nowhere, "--after", "a", "--resume", tmp_path / "b")[0] == 2
    assert run("--rules", RULES)[0] == 2


def test_several_processes_come_to_the_same_in_the_same_order(
    kept: tuple[Path, list[Decision]],
) -> None:
    """What a pool answers is in the order of the journal, and equal to one process's answers."""
    _, decisions = kept
    chunks: Any = list(chunked(decisions, 5))
    alone = list(in_order(replays_of, Rules(str(RULES)), chunks, 1))
    together = list(in_order(replays_of, Rules(str(RULES)), chunks, 2))
    assert together == alone
    ids = [one.decision_id for answer in together for one in answer if isinstance(one, Replayed)]
    assert ids == [decision.id for decision in decisions]
