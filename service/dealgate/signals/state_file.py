"""The state of signals in a file of SQLite, which one process has at a time.

An event is a row from its arrival on; its body goes once its time has come, its key a while later,
so that a repeat is known as one. What an entity comes to, and the firings to be told, are written
together.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from dealgate.model.errors import OperatorError
from dealgate.signals.state import (
    Advanced,
    Arrival,
    Arrived,
    Due,
    Fired,
    Forgotten,
    Limits,
    Settle,
    Standing,
    StateFailed,
)

FORMAT = 1
SCHEMA = """
CREATE TABLE watermarks(
    tenant TEXT PRIMARY KEY, newest INTEGER NOT NULL, watermark INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE events(
    tenant TEXT, key TEXT, at INTEGER NOT NULL, entity TEXT NOT NULL, feed TEXT NOT NULL, body BLOB,
    PRIMARY KEY (tenant, key)
) WITHOUT ROWID;
CREATE INDEX events_due ON events(tenant, at) WHERE body IS NOT NULL;
CREATE INDEX events_of ON events(tenant, entity, at) WHERE body IS NOT NULL;
CREATE INDEX events_past ON events(tenant, at) WHERE body IS NULL;
CREATE TABLE entities(
    tenant TEXT, entity TEXT, states TEXT NOT NULL, wake INTEGER, PRIMARY KEY (tenant, entity)
) WITHOUT ROWID;
CREATE INDEX entities_due ON entities(tenant, wake) WHERE wake IS NOT NULL;
CREATE TABLE fired(
    number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, id TEXT NOT NULL,
    entity TEXT NOT NULL, signal BLOB NOT NULL, request_type TEXT NOT NULL, request BLOB NOT NULL,
    UNIQUE (tenant, id)
);
"""
DUE = """
SELECT entity FROM events WHERE tenant = ?1 AND body IS NOT NULL AND at < ?2
UNION SELECT entity FROM entities WHERE tenant = ?1 AND wake IS NOT NULL AND wake <= ?2 LIMIT ?3
"""
FORGET = (
    "DELETE FROM events WHERE tenant = ? AND entity = ?",
    "DELETE FROM entities WHERE tenant = ? AND entity = ?",
    "DELETE FROM fired WHERE tenant = ? AND entity = ?",
)


class StateUnusable(OperatorError):
    """A file of signals' state cannot be used; says why."""

    reason = "STATE_UNUSABLE"


class StateFile:
    """Keeps the state of signals in a file."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it; raise StateUnusable."""
        self._turn = threading.Lock()
        self._counted: dict[str, int] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = apsw.Connection(str(path))
            version = self._begin()
        except (apsw.Error, OSError) as error:
            why = "another process has it" if isinstance(error, apsw.BusyError) else str(error)
            raise StateUnusable(f"{path}: {why}") from error
        if version != FORMAT:
            raise StateUnusable(f"{path}: is of format {version}, and this program reads {FORMAT}")

    def _begin(self) -> int:
        for pragma in (
            *("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"),
            "secure_delete = ON",  # an activity's content does not stay in free pages
        ):
            self._file.execute(f"PRAGMA {pragma}").fetchall()
        with self._file:
            if not self._number("SELECT count(*) FROM sqlite_master"):
                self._file.execute(f"{SCHEMA};PRAGMA user_version = {FORMAT}")
        return self._number("PRAGMA user_version")

    def close(self) -> None:
        """Close it."""
        with self._turn:
            self._file.close()

    def arrive(self, tenant: str, events: Sequence[Arrival], limits: Limits) -> list[Arrived]:
        """Keep events, each once, and raise the watermark; raises StateFailed."""
        with self._transaction():
            newest, watermark = self._times(tenant)
            arrived: list[Arrived] = []
            for event in events:
                arrived.append(self._arrive(tenant, event, watermark, limits))
                if arrived[-1] is Arrived.TAKEN:
                    newest = max(newest, event.at)
                    watermark = max(watermark, newest - limits.lateness)
            self._raise(tenant, newest, watermark)
            self._execute(
                "DELETE FROM events WHERE tenant = ? AND body IS NULL AND at < ?",
                (tenant, watermark - limits.remembered),
            )
            return arrived

    def _arrive(self, tenant: str, event: Arrival, watermark: int, limits: Limits) -> Arrived:
        key = (tenant, event.key)
        if self._number("SELECT count(*) FROM events WHERE tenant = ? AND key = ?", key):
            return Arrived.REPEATED
        if event.at < watermark:
            return Arrived.LATE
        of = (tenant, event.entity)
        waiting = "SELECT count(*) FROM events WHERE tenant = ? AND entity = ? AND body IS NOT NULL"
        if self._number(waiting, of) >= limits.waiting:
            return Arrived.CROWDED
        if not self._number("SELECT count(*) FROM entities WHERE tenant = ? AND entity = ?", of):
            if self._count(tenant) >= limits.entities:
                return Arrived.STRANGER
            self._execute("INSERT INTO entities VALUES (?, ?, '{}', NULL)", of)
            self._counted[tenant] += 1
        row = (*key, event.at, event.entity, event.feed, event.body)
        self._execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", row)
        return Arrived.TAKEN

    def pass_time(self, tenant: str, watermark: int) -> None:
        """Raise the watermark; it is never lowered. Raises StateFailed."""
        with self._transaction():
            newest, before = self._times(tenant)
            if watermark > before:
                self._raise(tenant, newest, watermark)

    def settle(self, tenant: str, settle: Settle, most: int) -> int:
        """Settle up to `most` entities whose time has come; return how many. Raises StateFailed."""
        with self._transaction():
            watermark = self._times(tenant)[1]
            entities = self._execute(DUE, (tenant, watermark, most)).fetchall()
            for (entity,) in entities:
                self._write(tenant, settle(self._due(tenant, entity, watermark), watermark))
            return len(entities)

    def _due(self, tenant: str, entity: str, watermark: int) -> Due:
        select = "SELECT states FROM entities WHERE tenant = ? AND entity = ?"
        held = self._execute(select, (tenant, entity)).fetchone()
        rows = self._execute(
            "SELECT key, at, entity, feed, body FROM events"
            " WHERE tenant = ? AND entity = ? AND body IS NOT NULL AND at < ? ORDER BY at, key",
            (tenant, entity, watermark),
        ).fetchall()
        self._execute(
            "UPDATE events SET body = NULL"
            " WHERE tenant = ? AND entity = ? AND body IS NOT NULL AND at < ?",
            (tenant, entity, watermark),
        )
        return Due(entity, json.loads(held[0]) if held else {}, [Arrival(*row) for row in rows])

    def _write(self, tenant: str, advanced: Advanced) -> None:
        of = (tenant, advanced.entity)
        waiting = "SELECT count(*) FROM events WHERE tenant = ? AND entity = ? AND body IS NOT NULL"
        if not advanced.states and not self._number(waiting, of):
            self._execute("DELETE FROM entities WHERE tenant = ? AND entity = ?", of)
            self._counted[tenant] = self._count(tenant) - self._file.changes()
        else:
            self._execute(
                "UPDATE entities SET states = ?, wake = ? WHERE tenant = ? AND entity = ?",
                (json.dumps(advanced.states, separators=(",", ":")), advanced.wake, *of),
            )
        for fired in advanced.fired:
            self._execute(
                "INSERT INTO fired(tenant, id, entity, signal, request_type, request)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    *(tenant, fired.id, fired.entity, fired.signal),
                    *(fired.request_type, fired.request),
                ),
            )

    def untold(self, tenant: str, most: int) -> Sequence[Fired]:
        """Return the firings that wait to be told, oldest first; raises StateFailed."""
        with self._transaction():
            rows = self._execute(
                "SELECT id, entity, signal, request_type, request, number FROM fired"
                " WHERE tenant = ? ORDER BY number LIMIT ?",
                (tenant, most),
            )
            return [Fired(*row) for row in rows]

    def told(self, tenant: str, fired: Sequence[Fired]) -> None:
        """Forget firings that were told; raises StateFailed."""
        with self._transaction():
            for one in fired:
                self._execute(
                    "DELETE FROM fired WHERE tenant = ? AND number = ?", (tenant, one.number)
                )

    def standing(self, tenant: str) -> Standing:
        """Return how much is kept; raises StateFailed."""
        with self._transaction():
            waiting = "SELECT count(*) FROM events WHERE tenant = ? AND body IS NOT NULL"
            return Standing(
                self._times(tenant)[1],
                self._count(tenant),
                self._number(waiting, (tenant,)),
                self._number("SELECT count(*) FROM fired WHERE tenant = ?", (tenant,)),
            )

    def forget(self, tenant: str, entity: str) -> Forgotten:
        """Remove all that is kept of an entity, for good; raises StateFailed."""
        of = (tenant, entity)
        with self._transaction():
            events, entities, fired = (self._removed(query, of) for query in FORGET)
            self._counted.clear()
        with self._turn:
            try:  # deleted bytes are overwritten in the file; its log has them still
                self._file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except apsw.Error as error:
                raise StateFailed(f"the state of signals: {error}") from error
        return Forgotten(bool(events or entities or fired), events, fired)

    def _removed(self, query: str, values: tuple[object, ...]) -> int:
        self._execute(query, values)
        return int(self._file.changes())

    def _times(self, tenant: str) -> tuple[int, int]:
        row = self._execute(
            "SELECT newest, watermark FROM watermarks WHERE tenant = ?", (tenant,)
        ).fetchone()
        return (0, 0) if row is None else (row[0], row[1])

    def _raise(self, tenant: str, newest: int, watermark: int) -> None:
        self._execute(
            "INSERT OR REPLACE INTO watermarks VALUES (?, ?, ?)", (tenant, newest, watermark)
        )

    def _count(self, tenant: str) -> int:
        if tenant not in self._counted:
            select = "SELECT count(*) FROM entities WHERE tenant = ?"
            self._counted[tenant] = self._number(select, (tenant,))
        return self._counted[tenant]

    def _number(self, query: str, values: tuple[object, ...] = ()) -> int:
        return int(self._execute(query, values).fetchone()[0])

    def _execute(self, query: str, values: tuple[object, ...] = ()) -> Any:
        return self._file.execute(query, values)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Do what is within as a whole, or nothing of it."""
        with self._turn:
            try:
                with self._file:
                    yield
            except BaseException as error:
                self._counted.clear()
                if isinstance(error, apsw.Error):
                    raise StateFailed(f"the state of signals: {error}") from error
                raise
