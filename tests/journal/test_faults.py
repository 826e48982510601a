"""A disk that refuses, a queue that is full: callers hear at once, and the journal goes on."""

# ruff: noqa: D102, N802 - the methods of files and disks are SQLite's, named and described there

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import apsw
import pytest

from dealgate.journal.limits import Limits
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.model.decision import Decision, DecisionFilter
from dealgate.model.errors import Overloaded, Unavailable, UnknownDecision
from tests.journal.decisions import decision


class FailingDisk(apsw.VFS):
    """The default disk while it is open; its write-ahead logs fail, or wait, as they are told."""

    def __init__(self) -> None:
        super().__init__("failing", "unix", makedefault=True)
        self.on_write: type[apsw.Error] | None = None
        self.on_sync: type[apsw.Error] | None = None
        self.free = Event()
        self.free.set()
        self.reached = Event()

    def xOpen(self, name: Any, flags: list[int]) -> "FailingFile":
        text = name.filename() if isinstance(name, apsw.URIFilename) else name
        return FailingFile(self, text, flags)


class FailingFile(apsw.VFSFile):
    """One file of it."""

    def __init__(self, disk: FailingDisk, name: str, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._disk = disk
        self._is_log = name.endswith(".db-wal")

    def xWrite(self, data: Any, offset: int) -> None:
        if self._is_log and self._disk.on_write:
            raise self._disk.on_write
        if self._is_log:
            self._disk.reached.set()
            self._disk.free.wait()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        if self._is_log and self._disk.on_sync:
            raise self._disk.on_sync
        super().xSync(flags)


@pytest.fixture
def disk() -> Iterator[FailingDisk]:
    """The disk that journals opened in this test are on."""
    failing = FailingDisk()
    yield failing
    failing.free.set()
    failing.unregister()


@pytest.mark.parametrize(
    ("moment", "fault"),
    [("on_write", apsw.FullError), ("on_write", apsw.IOError), ("on_sync", apsw.IOError)],
)
async def test_a_failing_disk_fails_the_batch_and_no_more(
    tmp_path: Path, disk: FailingDisk, moment: str, fault: type[apsw.Error]
) -> None:
    """Callers in a failed commit hear Unavailable; the journal is whole and takes the next."""
    journal = await SqliteJournal.open(tmp_path / "journal.db")
    before = await journal.append(decision(0, key="k"))
    setattr(disk, moment, fault)
    batch = [decision(n, key=f"k{n}", facts=Random(n).randbytes(9000)) for n in range(1, 40)]
    answers = await asyncio.gather(*map(journal.append, batch), return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    setattr(disk, moment, None)
    with pytest.raises(UnknownDecision):
        await journal.get("default", batch[0].id)
    assert await asyncio.gather(*map(journal.append, batch)) == batch
    await journal.close()
    journal = await SqliteJournal.open(tmp_path / "journal.db")
    found = await journal.find(DecisionFilter("default"))
    assert found.decisions == [*reversed(batch), before]
    await journal.close()


async def test_a_full_disk_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log names the file and what SQLite said, and when it is over; callers hear the cure."""
    journal = await SqliteJournal.open(tmp_path / "journal.db")
    writer = journal._committer._db
    writer.pragma("max_page_count", writer.pragma("page_count"))
    for number in range(3):
        with pytest.raises(Unavailable, match="same idempotency key") as caught:
            await journal.append(decision(number, facts=Random(1).randbytes(100_000)))
        assert caught.value.retry_after > 0
        assert "journal.db" not in str(caught.value)
    writer.pragma("max_page_count", 1_000_000)
    assert await journal.append(decision(9)) == decision(9)
    broken, whole = [
        told
        for told in caplog.records
        if told.levelno >= logging.WARNING and str(tmp_path) in told.message
    ]
    assert "journal.db: cannot be written" in broken.message
    assert "database or disk is full" in caplog.text
    assert "journal.db: can be written again" in whole.message
    await journal.close()


async def test_a_full_queue_sheds_at_once(tmp_path: Path, disk: FailingDisk) -> None:
    """Beyond its limit the queue refuses with a delay; what it took is recorded, the rest not."""
    journal = await SqliteJournal.open(tmp_path / "journal.db", Limits(queue=10))
    disk.free.clear()
    disk.reached.clear()
    first = asyncio.ensure_future(journal.append(decision(100)))
    await asyncio.to_thread(disk.reached.wait)
    decisions = [decision(n) for n in range(100)]
    callers = [asyncio.ensure_future(journal.append(decided)) for decided in decisions]
    await asyncio.sleep(0)
    shed = [caller for caller in callers if caller.done()]
    assert len(shed) == 90
    for caller in shed:
        assert isinstance(error := caller.exception(), Overloaded)
        assert error.retry_after > 0
    disk.free.set()
    taken = [await caller for caller in (first, *callers) if caller not in shed]
    found = await journal.find(DecisionFilter("default"))
    assert found.decisions == sorted(taken, key=lambda decided: decided.id, reverse=True)
    await journal.close()


async def test_a_closed_journal_is_unavailable(tmp_path: Path) -> None:
    """What was taken is recorded on close, later calls are refused, and closing twice is fine."""
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path)
    taken = [asyncio.ensure_future(journal.append(decision(n))) for n in range(500)]
    await asyncio.sleep(0)
    await journal.close()
    await journal.close()
    assert len(await asyncio.gather(*taken)) == 500
    with pytest.raises(Unavailable):
        await journal.append(decision(501))
    with pytest.raises(Unavailable):
        await journal.get("default", decision(1).id)
    with pytest.raises(Unavailable):
        await journal.recall("default", "k", b"")
    with pytest.raises(Unavailable):
        await journal.find(DecisionFilter("default"))
    assert not path.with_name("journal.db-wal").exists()


async def test_the_log_is_held_to_its_cap(tmp_path: Path) -> None:
    """Without any help from the housekeeper the write-ahead log stays bounded."""
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path, Limits(checkpoint_pages=4))
    journal._housekeeper.close()
    for n in range(300):
        await journal.append(decision(n, facts=Random(n).randbytes(5000)))
    cap, one_append = 4 * 16 * 4096, 20 * 4096
    assert path.with_name("journal.db-wal").stat().st_size < cap + one_append
    await journal.close()


async def test_reading_goes_on_while_writing(tmp_path: Path) -> None:
    """Under load, with checkpoints and indexing all the while, every read finds what was acked."""
    limits = Limits(checkpoint_pages=4, index_after=20, train_after=50)
    journal = await SqliteJournal.open(tmp_path / "journal.db", limits)
    writing = asyncio.gather(*(journal.append(decision(n, key=f"k{n}")) for n in range(300)))
    acknowledged = {d.id async for d in as_written(journal, range(300, 600))}
    await writing
    found = await journal.find(DecisionFilter("default", limit=300))
    assert {d.id for d in found.decisions} == acknowledged
    await journal.close()


async def as_written(journal: SqliteJournal, numbers: range) -> AsyncIterator[Decision]:
    """Append one by one, read each back in every way, and yield it."""
    for number in numbers:
        decided = await journal.append(decision(number, key=f"k{number}"))
        assert await journal.get("default", decided.id) == decided
        assert await journal.recall("default", f"k{number}", decided.body_hash) == decided
        about = DecisionFilter("default", entity=str(decided.entity))
        assert (await journal.find(about)).decisions == [decided]
        yield decided
