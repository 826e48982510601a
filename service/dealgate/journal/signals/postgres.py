"""The state of signals in PostgreSQL, which one consumer of a tenant has at a time.

Who has it holds a lock of the session that writes it: it goes with the session, however a consumer
ends, and nothing is written by anybody who lost it. Those who wait for their turn take over.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

import psycopg

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.postgres.confirmations import Confirmations, Unconfirmed
from dealgate.journal.postgres.connection import (
    SCHEMA,
    Connection,
    closed_unless_ready,
    connect_writing,
    without_password,
)
from dealgate.journal.signals.ledger import Value
from dealgate.journal.signals.port import StateUnusable
from dealgate.journal.signals.statements import FORMAT, VERSION, tables

# Ids are compared by their bytes, as SQLite does, whatever the database's language.
TYPES = {
    "text": 'TEXT COLLATE "C"',
    "number": "BIGINT",
    "data": "BYTEA",
    "counted": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "plain": "",
}
# Any number will do, as long as nobody else in the database takes it.
LOCK = 0x7369676E616C73
TAKEN = (
    "the connection was lost, and another consumer has taken over, or the lost session is not over "
    "yet; start this one again, and it waits for its turn"
)
SETTINGS = (
    # Entities are judged within a transaction, however many events they have.
    "idle_in_transaction_session_timeout = '60s'",
    # The session of a machine that is lost ends, and its lock with it.
    *("tcp_keepalives_idle = 5", "tcp_keepalives_interval = 2", "tcp_keepalives_count = 3"),
    "tcp_user_timeout = 10000",
)


class PostgresState:
    """A database, and the one connection to it."""

    def __init__(self, url: str, shown: str) -> None:
        """Create the tables; `shown` is what messages call the database.

        Raises StateUnusable. Blocks.
        """
        self._shown = shown
        self._db: Connection | None = None
        self._confirmations: Confirmations | None = None
        self._turn: str | None = None  # the tenant whose state this one is to have
        self._has_turn = False
        try:
            self._name = without_password(url)
            with closing(connect_writing(self._name)) as db, db.transaction():
                _prepare(db, shown)
        except (psycopg.Error, JournalUnusable) as error:
            reason = str(error).partition("\n")[0]
            raise StateUnusable(f"{shown}: cannot keep the state of signals: {reason}") from error

    def take_turn(self, tenant: str) -> bool:
        """Have the state of a tenant for as long as the session lasts; False: another has it."""
        self._turn = None
        self._has_turn = _lock(self._connected(), tenant)
        self._turn = tenant if self._has_turn else None
        return self._has_turn

    @contextmanager
    def transaction(self, tenant: str) -> Iterator["_Within"]:
        """Within the block, all is done or nothing; a session that was lost is opened again."""
        db = self._connected()
        if self._turn is not None and not self._has_turn:
            self._has_turn = _lock(db, self._turn)
            if not self._has_turn:
                raise StateUnusable(f"{self._shown}: {TAKEN}")
        with db.transaction():
            # Erasing waits for no turn, only for what is being written right now.
            db.execute("SELECT pg_advisory_xact_lock(%s)", (_number(f"write {tenant}"),))
            yield _Within(db)
        self._held()

    def _held(self) -> None:
        """Raise Unconfirmed if the standbys do not have what was written.

        Events are acknowledged after it, and would be lost in a fail-over.
        """
        try:
            if self._confirmations is not None:
                self._confirmations.hold()
        except Unconfirmed:
            self.close()
            raise

    def _connected(self) -> Connection:
        """Return a connection that answers."""
        if self._db is not None:
            try:
                self._db.execute("SELECT 1")
            except psycopg.OperationalError:
                self._db.close()
            else:
                return self._db
        self._has_turn = False
        db = connect_writing(self._name)
        confirmations = Confirmations(db)
        with closed_unless_ready(db):
            for setting in SETTINGS:
                db.execute(f"SET {setting}")
            # What a lost session has written and nobody confirmed is read again.
            confirmations.try_(with_room=False)
        self._db, self._confirmations = db, confirmations
        return db

    def scrub(self) -> None:
        """PostgreSQL vacuums what was deleted by itself."""

    def is_ours(self, error: BaseException) -> bool:
        """Tell whether an error is PostgreSQL's."""
        return isinstance(error, psycopg.Error | JournalUnusable)

    def close(self) -> None:
        """End the session, and the turn with it."""
        if self._db is not None:
            with suppress(psycopg.Error):  # the server may take a while to see that it ended
                self._db.execute("SELECT pg_advisory_unlock_all()")
            self._db.close()


class _Within:
    """The connection, within a transaction."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def rows(self, statement: str, *values: Value) -> Sequence[Any]:
        """Run a statement, and return what it selects."""
        return _rows(self._db.execute(statement.replace("?", "%s"), values))

    def rows_of_each(
        self, statement: str, values: Sequence[Sequence[Value]]
    ) -> Sequence[Sequence[Any]]:
        """Run a statement with each of these values: all are sent before one is waited for."""
        with self._db.pipeline():
            cursors = [self._db.execute(statement.replace("?", "%s"), value) for value in values]
        return [_rows(cursor) for cursor in cursors]


def _rows(cursor: psycopg.Cursor[Any]) -> Sequence[Any]:
    return cursor.fetchall() if cursor.description is not None else ()


def _lock(db: Connection, tenant: str) -> bool:
    statement = "SELECT pg_try_advisory_lock(%s)"
    row: Any = db.execute(statement, (_number(f"turn {tenant}"),)).fetchone()
    return bool(row[0])


def _number(name: str) -> int:
    """Return the number of a lock."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _prepare(db: Connection, shown: str) -> None:
    db.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    db.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    for statement in tables(**TYPES):
        db.execute(statement)
    row: Any = db.execute(VERSION).fetchone()
    if row[0] != FORMAT:
        raise StateUnusable(f"{shown}: is of format {row[0]}, and this program reads {FORMAT}")
