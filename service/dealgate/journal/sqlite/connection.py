"""Connections to a journal file, with the settings that durability depends on."""

from pathlib import Path
from typing import Protocol, TypeAlias

import apsw

from dealgate.journal.errors import JournalUnusable

BUSY_MS = 5000
# Damage that leaves a page well-formed may still leave invalid text.
UNREADABLE = (apsw.CorruptError, UnicodeDecodeError)
FULL = 2


def open_writing(path: Path) -> apsw.Connection:
    """Open an existing journal for writing: WAL, synced at each commit; raise JournalUnusable."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    db.set_busy_timeout(BUSY_MS)
    mode = db.pragma("journal_mode", "wal")
    db.pragma("synchronous", FULL)
    db.pragma("fullfsync", 1)  # macOS: fsync alone leaves the data in the drive's cache
    if mode != "wal" or db.pragma("synchronous") != FULL:
        db.close()
        raise JournalUnusable(
            f"{path}: this file system cannot keep a journal durable (no WAL with "
            "synchronous=FULL); put the journal on a local disk"
        )
    # The housekeeper checkpoints, so that no commit waits for it.
    db.wal_autocheckpoint(0)
    db.transaction_mode = "IMMEDIATE"
    return db


class Restorable(Protocol):
    """A journal that is kept in another form, and is a database as long as somebody reads it."""

    @property
    def path(self) -> Path:
        """The file."""

    def opened(self) -> apsw.Connection:
        """Return the database; raises JournalUnusable."""


JournalFile: TypeAlias = Path | Restorable


def path_of(journal: JournalFile) -> Path:
    """Return the file that a journal is in."""
    return journal if isinstance(journal, Path) else journal.path


def open_reading(journal: JournalFile) -> apsw.Connection:
    """Open an existing journal for reading: never waits for the writer, nor makes it wait."""
    if not isinstance(journal, Path):
        return journal.opened()
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    db = apsw.Connection(str(journal), flags=flags)
    db.set_busy_timeout(BUSY_MS)
    return db
