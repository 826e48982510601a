"""What an operator does with a journal's file loses nothing."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from dealgate.journal.bookmarks import BookmarkMove
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.retention import DAY as NANOSECONDS_OF_A_DAY
from dealgate.journal.retention import Cutoff, retained, selected
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.sqlite.pruning import archive, count_removable, prune
from dealgate.journal.sqlite.upkeep import backup, stats, verify
from dealgate.journal.urls import reader
from dealgate.model.decision import Turn
from dealgate.model.feed import ALL, Position
from tests.journal.appender import result
from tests.journal.decisions import JULY, MILLISECOND, decision

DAY = 24 * 60 * 60 * 1000  # in milliseconds, as decisions are numbered here


def instant(day: int) -> int:
    """Return when the decision of that day was taken, in nanoseconds."""
    return JULY + day * DAY * MILLISECOND


def before(day: int) -> Sequence[Cutoff]:
    """Return what is old if everything before that day is."""
    return [Cutoff(instant(day))]


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A journal of ten decisions, one a day; one has a key, one a turn, one a result."""
    journal = await SqliteJournal.open(tmp_path / "journal.db")
    for day in range(10):
        taken = decision(
            day * DAY,
            key="k" if day == 9 else None,
            turn=Turn("series", 1) if day == 2 else None,
        )
        await journal.append(taken)
        if day == 1:
            await journal.attach(result(taken.id))
    await journal.close()
    return tmp_path / "journal.db"


def test_stats(path: Path) -> None:
    """Rows, files and the span of time are counted."""
    found = stats(path)
    assert (found.rows["decisions"], found.rows["results"], found.rows["turns"]) == (10, 1, 1)
    assert (found.first, found.last) == (instant(0), instant(9))
    assert found.files["journal.db"] > 0
    assert sum(rows for _, _, rows in found.by_kind) == 10


def test_a_sound_journal_is_verified(path: Path) -> None:
    """Every record is read."""
    found = verify(path)
    assert (found.sound, found.faults) == (10, [])


def test_rot_is_found(path: Path) -> None:
    """A record that can no longer be read is named, and the others are read."""
    with sqlite3.connect(path) as db:
        db.execute("UPDATE decisions SET body = zeroblob(40) WHERE seq = 4")
    found = verify(path)
    assert found.sound == 9
    unreadable, changed = found.faults
    assert "can no longer be read" in unreadable
    assert "was changed after it was recorded" in changed


async def test_a_backup_beside_a_writer_is_whole(path: Path, tmp_path: Path) -> None:
    """What was acknowledged before is in the copy, which is a journal like any other."""
    journal = await SqliteJournal.open(path)
    await journal.append(decision(20 * DAY))
    size = await asyncio.to_thread(backup, path, tmp_path / "copy.db")
    await journal.close()
    assert size > 0
    assert verify(tmp_path / "copy.db").sound == 11
    again = await SqliteJournal.open(tmp_path / "copy.db")
    await again.close()
    with pytest.raises(JournalUnusable, match="exists already"):
        backup(path, tmp_path / "copy.db")


def test_archive_and_prune(path: Path, tmp_path: Path) -> None:
    """What is pruned is in the archive; last turns and live keys stay; nothing else changes."""
    kept = tmp_path / "archive.db"
    assert archive(path, kept, before(5)) == 5
    assert verify(path).sound == 10
    assert prune(path, kept, before(5)) == 4  # day 2 has the last turn of its series
    assert verify(path).sound == 6
    assert verify(kept).sound == 5
    assert (stats(path).rows["results"], stats(kept).rows["results"]) == (0, 1)
    assert stats(path).rows["turns"] == 1
    every = [*reader(str(path)).of_tenant("default")(["qualify"])]
    assert len(every) == 6


async def test_a_pruned_journal_goes_on(path: Path, tmp_path: Path) -> None:
    """A server opens it and appends, and its series goes on."""
    archive(path, tmp_path / "a.db", before(5))
    prune(path, tmp_path / "a.db", before(5))
    journal = await SqliteJournal.open(path)
    await journal.append(decision(30 * DAY, turn=Turn("series", 2)))
    last = await journal.last_of("default", "series")
    await journal.close()
    assert last is not None
    assert last.turn == Turn("series", 2)


def test_pruning_needs_the_archive(path: Path, tmp_path: Path) -> None:
    """Nothing goes that the archive lacks, or that somebody may be writing."""
    archive(path, tmp_path / "a.db", before(2))
    with pytest.raises(JournalUnusable, match="lacks"):
        prune(path, tmp_path / "a.db", before(5))
    assert verify(path).sound == 10


async def test_pruning_beside_a_server_is_refused(path: Path, tmp_path: Path) -> None:
    """The journal has one writer."""
    archive(path, tmp_path / "a.db", before(5))
    journal = await SqliteJournal.open(path)
    with pytest.raises(JournalUnusable, match="is writing this journal"):
        prune(path, tmp_path / "a.db", before(5))
    await journal.close()


def test_where_there_is_no_journal(tmp_path: Path) -> None:
    """A wrong path is told, and nothing is created."""
    with pytest.raises(JournalUnusable, match="there is no journal here"):
        stats(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "has an older schema"),
        ("UPDATE alembic_version SET version_num = '9999'", "was written by a newer Dealgate"),
        ("DROP TABLE alembic_version", "cannot be used as a journal: no such table"),
        ("", "cannot be used as a journal: file is not a database"),
    ],
)
def test_why_a_journal_is_not_pruned_is_what_is_wrong(path: Path, harm: str, told: str) -> None:
    """Not every file that SQLite refuses is an old journal: no server would bring it up to date."""
    if harm:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(harm)
    else:
        path.write_bytes(b"something else, of some length" * 100)
    for ask in (
        lambda: archive(path, path.with_name("old.db"), before(3)),
        lambda: count_removable(path, before(3)),
    ):
        with pytest.raises(JournalUnusable, match=told):
            ask()


async def test_pruning_takes_no_position_back(path: Path, tmp_path: Path) -> None:
    """What was read stays read: a number that was taken is never given again, even to results."""
    journal = await SqliteJournal.open(path)
    end = await journal.feed_end()
    await journal.close()
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM keys")
        db.execute("DELETE FROM turns")
    archive(path, tmp_path / "a.db", before(20))
    assert prune(path, tmp_path / "a.db", before(20)) == 10
    journal = await SqliteJournal.open(path)
    assert await journal.feed_end() == Position(end.first, 0)
    late = await journal.append(decision(11 * DAY))
    await journal.attach(result(late.id))
    page = await journal.feed(end, ALL)
    assert [item.position for item in page.items] == [(end.first + 1, 0), (end.first + 1, 1)]
    await journal.close()


async def test_what_a_reader_has_not_come_to_is_not_pruned(path: Path, tmp_path: Path) -> None:
    """Whoever publishes from a bookmark would lose it in silence."""
    journal = await SqliteJournal.open(path)
    await journal.move_bookmark(BookmarkMove("outbox", None, Position(2, 0)))
    await journal.close()
    archive(path, tmp_path / "a.db", before(5))
    with pytest.raises(JournalUnusable, match="outbox: has not read"):
        prune(path, tmp_path / "a.db", before(5))
    assert prune(path, tmp_path / "a.db", before(5), unread=True) == 4


async def test_retention_by_kind_and_tenant(tmp_path: Path) -> None:
    """Each is kept as long as the most specific term says; what no term names stays for ever."""
    path, kept = tmp_path / "journal.db", tmp_path / "archive.db"
    journal = await SqliteJournal.open(path)
    for number, (tenant, kind) in enumerate(OWNERS * 10):
        day = number // len(OWNERS)
        await journal.append(decision(day * DAY + number, tenant=tenant, kind=kind))
    await journal.close()
    terms = ["acme/verify=2d", "acme/*=8d", "verify=5d"]
    cutoffs = retained(terms, JULY + 10 * NANOSECONDS_OF_A_DAY)
    going = [("acme", "score", 2), ("acme", "verify", 8), ("zeta", "verify", 5)]
    assert count_removable(path, cutoffs) == going
    assert archive(path, kept, cutoffs, removable=True) == 15
    assert prune(path, kept, cutoffs) == 15
    assert (verify(path).sound, verify(path).faults) == (25, [])
    assert sorted(stats(kept).by_kind) == going
    assert count_removable(path, cutoffs) == []
    one_kind = selected(instant(20), "zeta", ["score"])
    assert count_removable(path, one_kind) == [("zeta", "score", 10)]


OWNERS = [("acme", "score"), ("acme", "verify"), ("zeta", "score"), ("zeta", "verify")]


@pytest.mark.parametrize(
    "terms", [[], ["verify"], ["=3d"], ["verify=3"], ["verify=0d"], ["verify=3d", "*/verify=4d"]]
)
def test_what_is_no_retention_is_refused(terms: Sequence[str]) -> None:
    """With the form that it has."""
    with pytest.raises(JournalUnusable, match=r"verify=90d|sets the same"):
        retained(terms, JULY)
