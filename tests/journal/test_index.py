"""The index by entity is derived: without it, or with a bad one, answers are the same."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from dealgate.journal.limits import Limits
from dealgate.journal.sqlite.index import index_path
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.sqlite.search import UNINDEXED
from dealgate.model.decision import Decision, DecisionFilter, Entity
from tests.journal.decisions import decision

LIMITS = Limits(index_after=10)
ABOUT_A = DecisionFilter("default", entity="lead/a", limit=1000)


async def filled(path: Path, decisions: list[Decision]) -> SqliteJournal:
    """Return a journal with these decisions, all but a few of them indexed."""
    journal = await SqliteJournal.open(path, LIMITS)
    await asyncio.gather(*map(journal.append, decisions))
    await indexed(journal)
    return journal


async def indexed(journal: SqliteJournal) -> None:
    """Wait for the housekeeper."""
    async with asyncio.timeout(60):
        while journal._search._db.execute(UNINDEXED).get >= LIMITS.index_after:
            await asyncio.to_thread(journal._housekeeper.wake)


def about(count: int) -> list[Decision]:
    """Return that many decisions, every third about lead/a."""
    return [decision(n, entity=Entity("lead", "abc"[n % 3])) for n in range(count)]


def lose(path: Path) -> None:
    """Delete the index."""
    index_path(path).unlink()


def garble(path: Path) -> None:
    """Overwrite the index with something else."""
    index_path(path).write_bytes(b"no index " * 10_000)


def truncate(path: Path) -> None:
    """Leave the first half."""
    content = index_path(path).read_bytes()
    index_path(path).write_bytes(content[: len(content) // 2])


def outdate(path: Path) -> None:
    """Make it the index of another version."""
    db = apsw.Connection(str(index_path(path)))
    db.pragma("user_version", 99)
    db.close()


@pytest.mark.parametrize("harm", [lose, garble, truncate, outdate])
async def test_a_harmed_index_changes_no_answer(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """Whatever happened to the index, at once and once it is rebuilt the same is found."""
    path = tmp_path / "journal.db"
    decisions = about(300)
    expected = [d for d in reversed(decisions) if d.entity.id == "a"]
    journal = await filled(path, decisions)
    assert (await journal.find(ABOUT_A)).decisions == expected
    await journal.close()
    harm(path)
    journal = await SqliteJournal.open(path, LIMITS)
    assert (await journal.find(ABOUT_A)).decisions == expected
    await indexed(journal)
    assert (await journal.find(ABOUT_A)).decisions == expected
    await journal.close()


async def test_the_index_of_another_journal_is_not_believed(tmp_path: Path) -> None:
    """An index whose newest entry the journal does not hold is discarded: it was restored."""
    path, other = tmp_path / "journal.db", tmp_path / "other.db"
    await (await filled(other, about(200))).close()
    shifted = [decision(n + 1000, entity=Entity("lead", "a")) for n in range(200)]
    await (await filled(path, shifted)).close()
    shutil.copy(index_path(other), index_path(path))
    journal = await SqliteJournal.open(path, LIMITS)
    await indexed(journal)
    assert (await journal.find(ABOUT_A)).decisions == list(reversed(shifted))
    await journal.close()


async def test_the_index_is_used(tmp_path: Path) -> None:
    """With an index, one page finds an entity behind more decisions than a page may look at."""
    path = tmp_path / "journal.db"
    rare = decision(0, entity=Entity("lead", "a"))
    common = [decision(n, entity=Entity("lead", "b")) for n in range(1, 200)]
    await (await filled(path, [rare, *common])).close()
    journal = await SqliteJournal.open(path, Limits(scan=50, index_after=10))
    page = await journal.find(ABOUT_A)
    assert page.decisions == [rare]
    assert page.next_before is None
    await journal.close()
