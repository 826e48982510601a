"""SIGKILL under load: what was acknowledged is there afterwards, again and again.

This shows that no acknowledgement runs ahead of its commit, and that a journal opens after any
crash. It cannot show that a commit is on disk: that is what `test_power.py` is for.
"""

from pathlib import Path
from random import Random

import apsw

from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.model.decision import DecisionFilter
from tests.journal.appender import decision
from tests.journal.processes import process_of

ROUNDS = 5


def killed_while_appending(path: Path | str, acks: int, *arguments: str) -> list[str]:
    """Run an appender, kill it after that many acknowledgements, and return all it gave."""
    with process_of("tests.journal.appender", str(path), *arguments) as (process, output):
        lines = [output.readline() for _ in range(acks)]
        process.kill()
        lines += output.readlines()
        assert process.wait() == -9
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]


async def test_sigkill_costs_no_acknowledged_decision(tmp_path: Path) -> None:
    """Killed at random moments, round after round: every acknowledged decision is there, intact."""
    path = tmp_path / "journal.db"
    random = Random()
    acknowledged: list[str] = []
    for _ in range(ROUNDS):
        acknowledged += killed_while_appending(path, random.randint(1, 1500))
        check = apsw.Connection(str(path))
        assert check.pragma("integrity_check") == "ok"
        check.close()
    journal = await SqliteJournal.open(path)
    for decision_id in acknowledged:
        assert await journal.get("default", decision_id) == decision(decision_id)
    await assert_whole(journal)
    await journal.close()


async def assert_whole(journal: SqliteJournal) -> None:
    """What was recorded but not acknowledged is whole too, and its key leads to it."""
    page = await journal.find(DecisionFilter("default", limit=1000))
    for found in page.decisions:
        assert found == decision(found.id)
        if found.key is not None:
            assert await journal.recall("default", found.key, found.body_hash) == found
