"""Opening a journal: one writer, a known schema, durable settings, or a clear refusal."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
import pytest

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.limits import Limits
from dealgate.journal.sqlite.beginning import NEWEST_SCHEMA, began
from dealgate.journal.sqlite.connection import FULL, open_writing
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.sqlite.revision import MIGRATIONS, NEWEST
from dealgate.journal.sqlite.schema import migrate
from dealgate.journal.sqlite.upkeep import backup
from tests.journal.decisions import decision
from tests.journal.processes import process_of


@contextmanager
def appending(path: Path) -> Iterator[int]:
    """Have another process append to the journal, and kill it in the end; yields its id."""
    with process_of("tests.journal.appender", str(path)) as (process, output):
        output.readline()
        yield process.pid


async def test_a_journal_has_one_writing_process(tmp_path: Path) -> None:
    """While another process writes, opening names the file, that process and the cure.

    Once it is dead, however it died, the journal opens.
    """
    path = tmp_path / "journal.db"
    with appending(path) as process, pytest.raises(JournalUnusable) as caught:
        await SqliteJournal.open(path)
    assert str(path) in str(caught.value)
    assert f"process {process} " in str(caught.value)
    assert "stop that process" in str(caught.value)
    journal = await SqliteJournal.open(path)
    assert await journal.append(decision()) == decision()
    await journal.close()


async def test_a_refused_open_leaves_the_writer_alone(tmp_path: Path) -> None:
    """A second open in the same process is refused, and the first goes on."""
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path)
    with pytest.raises(JournalUnusable, match="one writer"):
        await SqliteJournal.open(path)
    assert await journal.append(decision()) == decision()
    with pytest.raises(JournalUnusable, match="one writer"):
        await SqliteJournal.open(path)
    await journal.close()


async def test_a_newer_journal_is_refused(tmp_path: Path) -> None:
    """A schema this Dealgate does not know is refused by name, and the file is not touched."""
    path = tmp_path / "journal.db"
    await (await SqliteJournal.open(path)).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.commit()
    before = path.read_bytes()
    with pytest.raises(JournalUnusable, match=r"newer Dealgate \(schema 9999.*upgrade Dealgate"):
        await SqliteJournal.open(path)
    assert path.read_bytes() == before


async def test_a_strange_file_is_refused(tmp_path: Path) -> None:
    """Neither another program's database nor a file that is none becomes a journal."""
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE invoices (id)")
    with pytest.raises(JournalUnusable, match=r"other\.db: is an SQLite file but not a journal"):
        await SqliteJournal.open(other)
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to be taken for one" * 100)
    with pytest.raises(JournalUnusable, match=r"text\.db: file is not a database"):
        await SqliteJournal.open(text)


async def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A path below a file is refused with the file system's own reason."""
    (tmp_path / "file").touch()
    with pytest.raises(JournalUnusable, match="cannot be opened as a journal"):
        await SqliteJournal.open(tmp_path / "file" / "journal.db")


async def test_missing_directories_are_made(tmp_path: Path) -> None:
    """A new journal makes the directories it is in."""
    path = tmp_path / "a b" / "c%20?" / "journal.db"
    journal = await SqliteJournal.open(path)
    await journal.append(decision())
    await journal.close()
    assert path.exists()


async def test_every_commit_is_synced(tmp_path: Path) -> None:
    """The connections that write and checkpoint are in WAL mode with synchronous=FULL."""
    journal = await SqliteJournal.open(tmp_path / "journal.db")
    for db in (journal._committer._db, journal._checkpointer._db):
        assert db.pragma("synchronous") == FULL
        assert db.pragma("journal_mode") == "wal"
    await journal.close()


def test_a_disk_that_cannot_be_durable_is_refused(tmp_path: Path) -> None:
    """Where WAL does not work, as in memory or on a share, a journal does not open."""
    path = tmp_path / "journal.db"
    migrate(path)
    disk = WithoutSharedMemory()
    try:
        with pytest.raises(JournalUnusable, match="put the journal on a local disk"):
            open_writing(path)
    finally:
        disk.unregister()


async def test_a_new_journal_is_what_the_migrations_come_to(tmp_path: Path) -> None:
    """The script that begins a journal leaves the tables, indexes and rows that alembic would."""
    migrated, new = tmp_path / "migrated.db", tmp_path / "new.db"
    migrate(migrated)
    if "DEALGATE_GOLDEN" in os.environ:
        NEWEST_SCHEMA.write_text(script_of(migrated), encoding="utf-8")
    new.touch()
    assert began(new)
    assert script_of(new) == script_of(migrated) == NEWEST_SCHEMA.read_text("utf-8")


def script_of(path: Path) -> str:
    """Return what makes a journal like the empty one at `path`; each feed has an id of its own."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE feed SET id = x'00' WHERE length(id) = 8")
        _, *statements, _ = db.iterdump()  # without its own BEGIN and COMMIT
    lines = "\n".join(statements).replace("X'00'", "randomblob(8)").splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines if line.rstrip())


class WithoutSharedMemory(apsw.VFS):
    """The default disk while it is open; it lacks what WAL needs."""

    def __init__(self) -> None:
        super().__init__("without-shared-memory", "unix-none", makedefault=True)


async def test_a_half_done_migration_is_undone(tmp_path: Path) -> None:
    """A migration that fails part way leaves nothing behind: the journal opens as it was."""
    path, steps = tmp_path / "journal.db", tmp_path / "migrations"
    await (await SqliteJournal.open(path)).close()
    shutil.copytree(MIGRATIONS, steps)
    (steps / "versions" / "v9999_fails.py").write_text(FAILING_STEP)
    with pytest.raises(ZeroDivisionError):
        migrate(path, steps)
    journal = await SqliteJournal.open(path)
    assert await journal.append(decision()) == decision()
    await journal.close()
    with closing(sqlite3.connect(path)) as db:
        assert not db.execute("SELECT * FROM sqlite_master WHERE name = 'half'").fetchall()


FAILING_STEP = f"""
from alembic import op

revision = "9999"
down_revision = "{NEWEST}"


def upgrade():
    op.execute("CREATE TABLE half (id)")
    1 / 0
"""


async def test_only_the_owner_reads_a_journal(tmp_path: Path) -> None:
    """Every file of a journal, its folder and its copies are the owner's alone, whatever umask."""
    before = os.umask(0)
    try:
        path = tmp_path / "data" / "journal.db"
        journal = await SqliteJournal.open(path, Limits(index_after=1))
        await journal.append(decision())
        backup(path, path.with_name("copy.db"))
        found = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        await journal.close()
    finally:
        os.umask(before)
    assert {"journal.db", "journal.db-wal", "journal.db.lock", "copy.db"} <= set(found)
    assert set(found.values()) == {0o600}, found
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_a_journal_that_others_may_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A journal from before, that others may read, is opened with a warning that says the cure."""
    path = tmp_path / "journal.db"
    await (await SqliteJournal.open(path)).close()
    path.chmod(0o644)
    await (await SqliteJournal.open(path)).close()
    assert f"chmod 600 {path}" in caplog.text
