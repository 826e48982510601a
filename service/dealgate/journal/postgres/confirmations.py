"""Whether a commit is as durable as it says: there is room, and the standbys have confirmed it."""

import psycopg

from dealgate.journal.postgres.connection import Connection

# A transaction that is logged, flushed, and confirmed by the standbys that commits wait for; one
# that only takes a number is not.
TRY = "SELECT pg_logical_emit_message(true, 'dealgate', '')"
# A full disk may still take that: only what needs new pages says that there is room again.
ROOM = "CREATE TABLE room AS SELECT gen_random_uuid()::text FROM generate_series(1, 20000)"
# The function of PostgreSQL that gives up waiting for a standby, and calls the commit a success.
GIVEN_UP = "SyncRepWaitForLSN"


class Unconfirmed(psycopg.OperationalError):
    """A commit that no standby has confirmed, although commits wait for one."""


class Confirmations:
    """Those of one connection."""

    def __init__(self, db: Connection) -> None:
        """Listen to what the server remarks."""
        self._db = db
        self._given_up = False
        db.add_notice_handler(self._heed)

    def hold(self) -> None:
        """Raise Unconfirmed if a commit of this connection was made on its server alone."""
        if self._given_up:
            raise Unconfirmed("a commit was not confirmed by the standbys that it waits for")

    def try_(self, *, with_room: bool) -> None:
        """Commit something, and so confirm all before it; `with_room`: as much as needs room."""
        if with_room:
            with self._db.transaction(force_rollback=True):
                self._db.execute(ROOM)
        self._db.execute(TRY)
        self.hold()

    def _heed(self, notice: psycopg.errors.Diagnostic) -> None:
        self._given_up |= notice.source_function == GIVEN_UP
