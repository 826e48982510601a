"""The state of signals in a file of SQLite, which one process has at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from dealgate.journal.signals.ledger import Value
from dealgate.journal.signals.port import StateUnusable
from dealgate.journal.signals.statements import FORMAT, VERSION, tables
from dealgate.model.private_files import make_private_file, make_private_folder

PRAGMAS = (
    *("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"),
    "secure_delete = ON",  # an activity's content does not stay in free pages
)
TYPES = {
    "text": "TEXT",
    "number": "INTEGER",
    "data": "BLOB",
    "counted": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "plain": " WITHOUT ROWID",
}
# The first format had other names, and no table that says its format.
RENAMED = """
DROP INDEX events_due; DROP INDEX events_of; DROP INDEX events_past; DROP INDEX entities_due;
ALTER TABLE watermarks RENAME TO signal_watermarks;
ALTER TABLE events RENAME TO signal_events;
ALTER TABLE entities RENAME TO signal_entities;
ALTER TABLE fired RENAME TO signal_firings;
"""
IN_MEMORY = ":memory:"  # SQLite's name for what is forgotten with the process
NAMES = "SELECT name FROM sqlite_master WHERE type = 'table'"


class SqliteState:
    """A file, and the one connection to it."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it; raise StateUnusable."""
        try:
            if str(path) != IN_MEMORY:
                make_private_folder(path.parent)
                make_private_file(path)  # SQLite gives its log the same rights
            self._db = apsw.Connection(str(path))
            version = self._begin(path)
        except (apsw.Error, OSError) as error:
            why = "another process has it" if isinstance(error, apsw.BusyError) else str(error)
            raise StateUnusable(f"{path}: {why}") from error
        if version != FORMAT:
            raise StateUnusable(f"{path}: is of format {version}, and this program reads {FORMAT}")

    def _begin(self, path: Path) -> int:
        names = {name for (name,) in self._db.execute(NAMES)}
        if names and not names & {"signal_schema", "watermarks"}:
            raise StateUnusable(f"{path}: contains something else; name a separate file")
        for pragma in PRAGMAS:
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        with self._db:
            if "watermarks" in names:
                self._db.execute(RENAMED).fetchall()
            for statement in tables(**TYPES):
                self._db.execute(statement)
        return int(self._db.execute(VERSION).get)

    def take_turn(self, tenant: str) -> bool:
        """Return True: the process that has the file has it alone."""
        del tenant
        return True

    @contextmanager
    def transaction(self, tenant: str) -> Iterator["SqliteState"]:
        """Within the block, all is done or nothing."""
        del tenant
        with self._db:
            yield self

    def rows(self, statement: str, *values: Value) -> Sequence[Any]:
        """Run a statement, and return what it selects."""
        return self._db.execute(statement, values).fetchall()

    def rows_of_each(
        self, statement: str, values: Sequence[Sequence[Value]]
    ) -> Sequence[Sequence[Any]]:
        """Run a statement with each of these values."""
        return [self.rows(statement, *value) for value in values]

    def scrub(self) -> None:
        """Deleted bytes are overwritten in the file; its log has them still."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def is_ours(self, error: BaseException) -> bool:
        """Tell whether an error is SQLite's."""
        return isinstance(error, apsw.Error)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
