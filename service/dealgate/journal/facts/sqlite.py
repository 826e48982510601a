"""Entity state in a file of SQLite, or in memory."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.facts.ledger import Value
from dealgate.journal.facts.statements import CLEAR, MISMATCH, NEWER, tables
from dealgate.journal.sqlite.connection import open_reading, open_writing
from dealgate.journal.sqlite.file import make_directory, make_private, sync_directory

READERS = 2
CHECKPOINT_PAGES = 1000
DEFERRED = "DEFERRED"
PATIENCE, PAUSE = 10.0, 0.005  # seconds


class SqliteFacts:
    """A connection."""

    def __init__(self, db: apsw.Connection) -> None:
        """`db` is this one's own."""
        self._db = db

    def rows(self, statement: str, *values: Value) -> Sequence[Any]:
        """Run a statement, and return what it selects."""
        return self._db.execute(statement, values).fetchall()

    def rows_of_each(
        self, statement: str, values: Sequence[Sequence[Value]]
    ) -> Sequence[Sequence[Any]]:
        """Run a statement with each of these values."""
        return [self.rows(statement, *value) for value in values]

    @contextmanager
    def transaction(self) -> Iterator[object]:
        """Within the block, all is done or nothing."""
        self._begin()
        try:
            yield self
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _begin(self) -> None:
        """Wait for one's turn: SQLite does not in all cases in which another process writes."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._db.execute(f"BEGIN {self._db.transaction_mode}")
            except apsw.BusyError:
                if time.monotonic() > until:
                    raise
                time.sleep(PAUSE)
            else:
                return

    def scrub(self) -> None:
        """Deleted pages are overwritten as they are freed; the log still holds what they were."""
        self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def close(self) -> None:
        """Close it."""
        self._db.close()


class SqliteBase:
    """A file, which several processes may write."""

    readers = READERS

    def __init__(self, path: Path, version: int = CLEAR) -> None:
        """Create the file and its tables; raises JournalUnusable. Blocks."""
        self._path = path
        try:
            make_directory(path.parent)
            make_private(path)
            sync_directory(path.parent)
            db = open_writing(path)
            _prepare(db, str(path), version)
            db.close()
        except (apsw.Error, OSError) as error:
            raise JournalUnusable(f"{path}: cannot keep entity state: {error}") from error

    def connect(self, *, reading: bool) -> SqliteFacts:
        """Open a connection."""
        if reading:
            db = open_reading(self._path)
            db.transaction_mode = DEFERRED
            return SqliteFacts(db)
        db = open_writing(self._path)
        db.wal_autocheckpoint(CHECKPOINT_PAGES)
        db.pragma("secure_delete", 1)
        return SqliteFacts(db)

    def is_ours(self, error: Exception) -> bool:
        """Tell whether an error is one of the database's."""
        return isinstance(error, apsw.Error)

    def may_repeat(self, error: Exception) -> bool:
        """Tell that no transaction is undone by another: it waits for its turn."""
        del error
        return False


class MemoryBase:
    """What is forgotten when the process ends."""

    readers = 0

    def connect(self, *, reading: bool) -> SqliteFacts:
        """Open the one connection that there is."""
        del reading
        db = apsw.Connection(":memory:")
        _prepare(db, "memory:", CLEAR)
        return SqliteFacts(db)

    def is_ours(self, error: Exception) -> bool:
        """Tell whether an error is one of the database's."""
        return isinstance(error, apsw.Error)

    def may_repeat(self, error: Exception) -> bool:
        """Tell that no transaction is undone by another: it waits for its turn."""
        del error
        return False


def _prepare(db: apsw.Connection, name: str, version: int) -> None:
    with db:
        for statement in tables("TEXT", "INTEGER", "BLOB"):
            db.execute(statement)
        db.execute(
            "INSERT OR IGNORE INTO fact_schema SELECT ? WHERE NOT EXISTS "
            "(SELECT * FROM fact_schema)",
            (version,),
        )
        newest: Any = db.execute("SELECT max(version) FROM fact_schema").get
    if newest != version:
        raise JournalUnusable(f"{name}: {MISMATCH.get((version, newest), NEWER)}")
