"""Connections that are read through: one for each thread, replaced once it is lost."""

from collections.abc import Callable
from contextlib import closing
from threading import Lock, local
from typing import TypeVar

import psycopg
from psycopg import errors as pg

from dealgate.journal.postgres.connection import Connection, connect

Answer = TypeVar("Answer")

# A standby that replays what a read looks at cancels the read, which may be repeated.
REPEATED = (pg.SerializationFailure, pg.DeadlockDetected)
LOST_STATES = ("08", "57P")  # a broken connection; a server that shuts down, or is not ready yet


class Readers:
    """Those of one journal."""

    def __init__(self, name: str) -> None:
        """`name` is what `connect` takes."""
        self._name = name
        self._own = local()
        self._lock = Lock()
        self._open: set[Connection] = set()

    def read(self, work: Callable[[Connection], Answer]) -> Answer:
        """Return what `work` reads on this thread's connection; raises psycopg.Error.

        Once more if that was lost, or PostgreSQL asks for it. A read that took too long is not
        repeated: it would take as long again.
        """
        try:
            return work(self._connected())
        except REPEATED:
            return work(self._connected())
        except psycopg.OperationalError as error:
            if not self._was_lost(error):
                raise
            self._drop()
            return work(self._connected())

    def close(self) -> None:
        """Close all, whichever thread they belong to."""
        with self._lock:
            while self._open:
                self._open.pop().close()

    def _connected(self) -> Connection:
        db: Connection | None = getattr(self._own, "db", None)
        if db is not None and (db.closed or db.broken):
            self._drop()
            db = None
        if db is None:
            db = self._own.db = connect(self._name)
            with self._lock:
                self._open.add(db)
        return db

    def _was_lost(self, error: psycopg.Error) -> bool:
        db: Connection | None = getattr(self._own, "db", None)
        if db is None or db.closed or db.broken or error.sqlstate is None:
            return True
        return error.sqlstate.startswith(LOST_STATES)

    def _drop(self) -> None:
        """Close what was lost: it would be kept for as long as the journal is open."""
        db: Connection | None = getattr(self._own, "db", None)
        if db is not None:
            self._own.db = None
            with closing(db), self._lock:
                self._open.discard(db)
