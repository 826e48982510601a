"""SIGKILL under load: what was acknowledged is there afterwards, again and again.

This shows that no acknowledgement runs ahead of its commit, and that a journal opens after any
crash. It cannot show that a commit is on disk: that is what `test_power.py` is for.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import cast

import apsw

from dealgate.journal.sqlite import SqliteJournal
from dealgate.model.decision import Decision, DecisionFilter

APPENDER = Path(__file__).with_name("appender.py")
ROUNDS = 6


def rebuild() -> Callable[[str], Decision]:
    """Return the appender's own `decision`."""
    spec = importlib.util.spec_from_file_location("appender", APPENDER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast("Callable[[str], Decision]", module.decision)


def killed_while_appending(path: Path, acks: int) -> list[str]:
    """Run an appender, kill it after that many acknowledgements, and return all it gave."""
    with subprocess.Popen([sys.executable, APPENDER, path], stdout=subprocess.PIPE) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(acks)]
        process.kill()
        lines += process.stdout.readlines()
    assert process.returncode == -9
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]


async def test_sigkill_costs_no_acknowledged_decision(tmp_path: Path) -> None:
    """Killed at random moments, round after round: every acknowledged decision is there, intact."""
    path = tmp_path / "journal.db"
    random, decision = Random(), rebuild()
    acknowledged: list[str] = []
    for _ in range(ROUNDS):
        acknowledged += killed_while_appending(path, random.randint(1, 1500))
        check = apsw.Connection(str(path))
        assert check.pragma("integrity_check") == "ok"
        check.close()
    journal = await SqliteJournal.open(path)
    for decision_id in acknowledged:
        assert await journal.get("default", decision_id) == decision(decision_id)
    await assert_whole(journal, decision)
    await journal.close()


async def assert_whole(journal: SqliteJournal, decision: Callable[[str], Decision]) -> None:
    """What was recorded but not acknowledged is whole too, and its key leads to it."""
    page = await journal.find(DecisionFilter("default", limit=1000))
    for found in page.decisions:
        assert found == decision(found.id)
        if found.key is not None:
            assert await journal.recall("default", found.key, found.body_hash) == found
