"""Files that are removed, replaced or cut under a server: nothing more is acknowledged."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.limits import Limits
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.model.decision import Decision
from dealgate.model.errors import Unavailable, UnknownDecision
from tests.journal.decisions import decision

# Nothing is checkpointed by itself, so that all that was appended is in the log alone.
LIMITS = Limits(checkpoint_pages=100_000)


def log_of(path: Path) -> Path:
    """Return the write-ahead log of a journal."""
    return path.with_name(f"{path.name}-wal")


def remove(path: Path) -> None:
    """Delete the journal's file."""
    path.unlink()


def rename(path: Path) -> None:
    """Give the journal another name."""
    path.rename(path.with_name("other.db"))


def replace(path: Path) -> None:
    """Put a copy, such as a backup, in the place of the journal."""
    shutil.copy(path, path.with_name("backup.db"))
    path.with_name("backup.db").replace(path)


def remove_folder(path: Path) -> None:
    """Take the folder away, as an unmounted volume does."""
    path.parent.rename(path.parent.with_name("elsewhere"))


def remove_log(path: Path) -> None:
    """Delete the write-ahead log."""
    log_of(path).unlink()


def empty_log(path: Path) -> None:
    """Cut the write-ahead log to nothing."""
    os.truncate(log_of(path), 0)


def cut_log(path: Path) -> None:
    """Cut the write-ahead log in two."""
    os.truncate(log_of(path), log_of(path).stat().st_size // 2)


def cut_journal(path: Path) -> None:
    """Cut the journal's file to its first page."""
    os.truncate(path, 4096)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - another thread makes it hold
            await asyncio.sleep(0.01)


async def opened(folder: Path) -> tuple[SqliteJournal, Path, list[Decision]]:
    """Return a journal with some decisions, and where it is."""
    journal = await SqliteJournal.open(folder / "journal.db", LIMITS)
    kept = [await journal.append(decision(n)) for n in range(50)]
    return journal, folder / "journal.db", kept


MOVES = [remove, rename, replace, remove_folder, remove_log, empty_log, cut_log, cut_journal]


@pytest.mark.parametrize("harm", MOVES)
async def test_nothing_is_acknowledged_that_would_be_lost(
    tmp_path: Path, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    """The next decision, and each after it, is refused; the log names the file and the cure."""
    journal, path, _ = await opened(tmp_path / "data")
    harm(path)
    for number in range(100, 110):
        with pytest.raises(Unavailable, match="same idempotency key"):
            await journal.append(decision(number))
    assert journal.fault is not None
    errors = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    assert f"journal {path}: cannot be written: " in errors[0]
    assert "journal.db" in errors[0].removeprefix(f"journal {path}")
    assert "restart" in errors[0]
    await journal.close()


@pytest.mark.parametrize("harm", [remove, rename, replace, remove_folder, remove_log])
async def test_it_is_noticed_without_any_decision(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """A server that is idle knows soon, so that balancers look away."""
    journal, path, _ = await opened(tmp_path / "data")
    assert journal.fault is None
    harm(path)
    await until(lambda: journal.fault is not None)
    await journal.close()


async def test_a_journal_that_is_back_goes_on(tmp_path: Path) -> None:
    """Under its own name again, it takes decisions again, and holds those before."""
    journal, path, kept = await opened(tmp_path / "data")
    path.rename(path.with_name("other.db"))
    with pytest.raises(Unavailable):
        await journal.append(decision(100))
    path.with_name("other.db").rename(path)
    await until(lambda: journal.fault is None)
    kept.append(await journal.append(decision(101)))
    await journal.close()
    await assert_kept(path, kept)


async def test_what_a_removed_log_held_is_saved(tmp_path: Path) -> None:
    """Everything acknowledged before somebody deleted the log is in the journal afterwards."""
    journal, path, kept = await opened(tmp_path / "data")
    log_of(path).unlink()
    await until(lambda: journal.fault is not None)
    copy = tmp_path / "as-if-killed.db"
    shutil.copy(path, copy)
    await journal.close()
    await assert_kept(copy, kept)


async def assert_kept(path: Path, kept: list[Decision]) -> None:
    """Open it anew, and find every decision."""
    journal = await SqliteJournal.open(path)
    for decided in kept:
        assert await journal.get("default", decided.id) == decided
    await journal.close()


async def test_another_program_may_checkpoint(tmp_path: Path) -> None:
    """A checkpoint that empties the log, or a vacuum, is no harm and is not taken for it."""
    journal, path, kept = await opened(tmp_path / "data")
    for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM"):
        # As another program: a second SQLite in this process would drop the first one's locks.
        code = f"import sqlite3; sqlite3.connect({str(path)!r}).execute({statement!r})"
        process = await asyncio.create_subprocess_exec("python3", "-c", code)
        assert await process.wait() == 0
        number = len(kept)
        kept += [await journal.append(decision(number + n)) for n in range(30)]
    assert journal.fault is None
    await journal.close()
    await assert_kept(path, kept)


async def test_a_second_name_is_refused(tmp_path: Path) -> None:
    """Through a hard link another server would write another log: it does not start."""
    journal, path, _ = await opened(tmp_path / "data")
    other = path.with_name("hard.db")
    os.link(path, other)
    with pytest.raises(JournalUnusable, match=r"hard\.db: has another name"):
        await SqliteJournal.open(other)
    await journal.close()


@pytest.mark.parametrize("loss", [lambda path: path.unlink(), lambda path: os.truncate(path, 0)])
async def test_a_journal_that_begins_anew_says_so(
    tmp_path: Path, loss: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Where there was a journal, an empty one is a warning: the volume may not be mounted."""
    journal, path, kept = await opened(tmp_path / "data")
    assert "although there was one" not in caplog.text
    await journal.close()
    loss(path)
    journal = await SqliteJournal.open(path)
    assert f"journal {path}: is empty, although there was one" in caplog.text
    with pytest.raises(UnknownDecision):
        await journal.get("default", kept[0].id)
    await journal.close()
