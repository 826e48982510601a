"""Several processes that write one journal: its laws hold for all of them together."""

import asyncio
import json
from contextlib import ExitStack
from pathlib import Path
from signal import SIGUSR1
from typing import Any

import pytest

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.limits import Limits
from dealgate.journal.locations import shared
from dealgate.journal.urls import open_journal
from dealgate.model.decision import Decision, DecisionFilter
from tests.journal.appender import decision as appended
from tests.journal.decisions import decision
from tests.journal.processes import process_of
from tests.journal.racer import KEYS, TURNS
from tests.journal.test_kill import killed_while_appending

RACERS = 3


def race(url: str) -> list[dict[str, Any]]:
    """Run the racers at the same time, and return what each was given."""
    with ExitStack() as stack:
        racers = [
            stack.enter_context(process_of("tests.journal.racer", url, str(n)))
            for n in range(RACERS)
        ]
        for _, output in racers:
            assert output.readline() == b"ready\n"
        for racer, _ in racers:
            racer.send_signal(SIGUSR1)
        given = [json.loads(output.read()) for _, output in racers]
        assert [racer.wait() for racer, _ in racers] == [0] * RACERS
    return given


async def test_keys_and_turns_are_global(tmp_path: Path) -> None:
    """Three processes race: each key has one decision, each turn one winner, and none is skipped.

    They even begin the file together.
    """
    url = shared(f"{tmp_path}/journal.db")
    given = await asyncio.to_thread(race, url)
    assert all(racer["keys"] == given[0]["keys"] for racer in given)
    assert sorted(turn for racer in given for turn in racer["turns"]) == list(range(1, TURNS + 1))
    journal = await open_journal(url)
    page = await journal.find(DecisionFilter("default", limit=1000))
    assert len(page.decisions) == KEYS + TURNS
    await journal.close()


async def test_a_killed_writer_holds_nobody_up(tmp_path: Path) -> None:
    """One of two writers is killed in the middle of its commits; the other goes on at once."""
    url = shared(f"{tmp_path}/journal.db")
    journal = await open_journal(url, Limits(checkpoint_pages=20, index_after=50))
    killing = asyncio.create_task(asyncio.to_thread(killed_while_appending, url, 300))
    kept: list[Decision] = []
    while not killing.done():
        kept.append(await journal.append(decision(len(kept))))
    for known in await killing:
        assert await journal.get("default", known) == appended(known)
    for decided in kept:
        assert await journal.get("default", decided.id) == decided
    assert await journal.append(decision(1_000_000)) == decision(1_000_000)
    assert journal.fault is None
    await journal.close()


async def test_a_writer_that_leaves_takes_nothing_along(tmp_path: Path) -> None:
    """Writers come and go, as in a rolling restart, and those who stay notice nothing."""
    url = shared(f"{tmp_path}/journal.db")
    staying = await open_journal(url)
    kept: list[Decision] = []
    for _ in range(4):
        other = await open_journal(url)
        for _ in range(30):
            kept.append(await other.append(decision(len(kept))))
            kept.append(await staying.append(decision(len(kept))))
        await other.close()
    assert staying.fault is None
    page = await staying.find(DecisionFilter("default", limit=1000))
    assert list(page.decisions) == kept[::-1]
    await staying.close()


async def test_one_who_shares_and_one_who_does_not(tmp_path: Path) -> None:
    """A journal has one writer, unless all of its writers say that they share it."""
    url = f"sqlite:///{tmp_path}/journal.db"
    journal = await open_journal(shared(url))
    with pytest.raises(JournalUnusable, match="one writer"):
        await open_journal(url)
    await journal.close()
    journal = await open_journal(url)
    with pytest.raises(JournalUnusable, match="one writer"):
        await open_journal(shared(url))
    await journal.close()


async def test_only_a_file_can_be_shared() -> None:
    """Memory is one process's; an option nobody knows is named."""
    with pytest.raises(JournalUnusable, match="in memory cannot be shared"):
        shared("memory:")
    with pytest.raises(JournalUnusable, match="no option fast; there are: shared, keys"):
        await open_journal("sqlite:///data/journal.db?fast")
