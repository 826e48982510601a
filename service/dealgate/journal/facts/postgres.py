"""Entity state in PostgreSQL, which many servers share."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg import errors as pg

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.facts.ledger import Value
from dealgate.journal.facts.statements import CLEAR, MISMATCH, NEWER, tables
from dealgate.journal.facts.store import ConnectionLost
from dealgate.journal.postgres.confirmations import Confirmations
from dealgate.journal.postgres.connection import (
    SCHEMA,
    Connection,
    closed_unless_ready,
    connect,
    connect_writing,
    without_password,
)

READERS = 4
# Any number will do, as long as nobody else in the database takes it.
LOCK = 0x6661637473
# Ids are compared by their bytes, as SQLite does, whatever the database's language.
TEXT, NUMBER, DATA = 'TEXT COLLATE "C"', "BIGINT", "BYTEA"


class PostgresFacts:
    """A connection."""

    def __init__(self, db: Connection, confirmations: Confirmations | None = None) -> None:
        """`db` is this one's own; what it commits is held to what its standbys confirm."""
        self._db = db
        self._confirmations = confirmations

    def rows(self, statement: str, *values: Value) -> Sequence[Any]:
        """Run a statement, and return what it selects."""
        cursor = self._db.execute(statement.replace("?", "%s"), values)
        return cursor.fetchall() if cursor.description is not None else ()

    def rows_of_each(
        self, statement: str, values: Sequence[Sequence[Value]]
    ) -> Sequence[Sequence[Any]]:
        """Run a statement with each of these values: all are sent before one is waited for."""
        with self._db.pipeline():
            cursors = [self._db.execute(statement.replace("?", "%s"), value) for value in values]
            return [cursor.fetchall() for cursor in cursors]

    @contextmanager
    def transaction(self) -> Iterator[object]:
        """Within the block, all is done or nothing; raises ConnectionLost before it begins."""
        try:
            self._db.execute("SELECT 1")
        except psycopg.OperationalError as error:
            raise ConnectionLost from error
        with self._db.transaction() as begun:
            yield begun
        if self._confirmations is not None:
            self._confirmations.hold()

    def scrub(self) -> None:
        """PostgreSQL vacuums what was deleted by itself."""

    def close(self) -> None:
        """Close it."""
        self._db.close()


class PostgresBase:
    """A database."""

    readers = READERS

    def __init__(self, url: str, shown: str, version: int = CLEAR) -> None:
        """Create the tables; `shown` is what messages call it. Raises JournalUnusable. Blocks."""
        self._name = without_password(url)
        try:
            with closing(connect_writing(self._name)) as db, db.transaction():
                _prepare(db, shown, version)
        except psycopg.Error as error:
            reason = str(error).partition("\n")[0]
            raise JournalUnusable(f"{shown}: cannot keep entity state: {reason}") from error

    def connect(self, *, reading: bool) -> PostgresFacts:
        """Open a connection."""
        if not reading:
            db = connect_writing(self._name)
            confirmations = Confirmations(db)
            with closed_unless_ready(db):
                # What a lost connection wrote without a confirmation is read, and answered, again.
                confirmations.try_(with_room=False)
            return PostgresFacts(db, confirmations)
        db = connect(self._name)
        # One read is of one moment, however many statements it takes.
        db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        return PostgresFacts(db)

    def is_ours(self, error: Exception) -> bool:
        """Tell whether an error is one of the database's."""
        return isinstance(error, psycopg.Error | JournalUnusable)

    def may_repeat(self, error: Exception) -> bool:
        """Tell whether a transaction met another, was undone, and is to be tried again."""
        return isinstance(error, pg.SerializationFailure | pg.DeadlockDetected)


def _prepare(db: Connection, shown: str, version: int) -> None:
    db.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    db.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    for statement in tables(TEXT, NUMBER, DATA):
        db.execute(statement)
    db.execute(
        "INSERT INTO fact_schema SELECT %s WHERE NOT EXISTS (SELECT * FROM fact_schema)",
        (version,),
    )
    row: Any = db.execute("SELECT max(version) FROM fact_schema").fetchone()
    if row[0] != version:
        raise JournalUnusable(f"{shown}: {MISMATCH.get((version, row[0]), NEWER)}")
