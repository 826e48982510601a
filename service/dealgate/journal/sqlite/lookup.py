"""Looks up records: by id, idempotency key, mark or turn."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import apsw

from dealgate.journal.body import Bodies
from dealgate.journal.laws import damaged, refuse_reuse
from dealgate.journal.record import COLUMNS, from_row, id_bytes
from dealgate.journal.sqlite.connection import UNREADABLE
from dealgate.journal.sqlite.overlooked import overlooked
from dealgate.model.decision import Decision
from dealgate.model.errors import RecordDamaged
from dealgate.model.feed import Position

# ruff: noqa: S608 - statements are built from constants, and from nothing else
BY_ID = f"SELECT {COLUMNS} FROM decisions WHERE tenant = ? AND id = ?"
BY_SEQ = f"SELECT {COLUMNS} FROM decisions WHERE seq = ?"
BY_TURN = f"""
    SELECT {COLUMNS} FROM decisions
    WHERE seq = (SELECT seq FROM turns WHERE tenant = ? AND series = ?)
"""
NEWEST = f"SELECT {COLUMNS} FROM decisions ORDER BY seq DESC LIMIT 1"
TURN = "SELECT number FROM turns WHERE tenant = ? AND series = ?"
# Each mark is bounded for itself: a telephone that thousands share must not hide the rest.
MARKED = "SELECT seq FROM marks WHERE tenant = ? AND mark = ? ORDER BY seq DESC LIMIT ?"
BY_MARK = f"SELECT {COLUMNS} FROM decisions WHERE seq IN ({MARKED}) ORDER BY seq DESC"
BOOKMARK = "SELECT first, second FROM bookmarks WHERE name = ?"
KEYED = "under this options.idempotency_key"
BY_KEY = "SELECT seq, body_hash FROM keys WHERE tenant = ? AND key = ?"


class Lookup:
    """Reads records through one connection, on one thread."""

    def __init__(self, db: apsw.Connection, bodies: Bodies) -> None:
        self._db = db
        self._bodies = bodies

    def by_id(self, tenant: str, decision_id: str) -> Decision | None:
        """Return the decision, or None; an id that is not a UUID has none."""
        try:
            identity = id_bytes(decision_id)
        except ValueError:
            return None
        with _sound(decision_id):
            row = self._db.execute(BY_ID, (tenant, identity)).fetchone()
            row = row or overlooked(self._db, tenant, identity)
            if row is None:
                return None
            if (row[0], row[1]) != (identity, tenant):  # damage has led to another one's
                raise damaged(decision_id)
            return from_row(row, self._bodies)

    def by_key(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under this key, or None; raise KeyReused on another body."""
        with _sound(KEYED):
            row = self._db.execute(BY_KEY, (tenant, key)).fetchone()
            if row is None:
                return None
            seq, first_hash = row
            refuse_reuse(first_hash, body_hash)
            decision = self._decision(BY_SEQ, (seq,))
            if decision is not None and (decision.tenant, decision.key) != (tenant, key):
                raise damaged(KEYED)
            return decision

    def by_mark(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark, at most `limit`, newest first."""
        try:
            rows = self._db.execute(BY_MARK, (tenant, mark, limit)).fetchall()
            return [from_row(row, self._bodies) for row in rows]
        except (*UNREADABLE, RecordDamaged):
            return self._readable_by_mark(tenant, mark, limit)

    def by_turn(self, tenant: str, series: str) -> Decision | None:
        """Return the decision that took the last turn of the series, or None."""
        with _sound(f"that took the last turn of {series}"):
            return self._decision(BY_TURN, (tenant, series))

    def newest(self) -> Decision | None:
        """Return the newest decision of all tenants, or None, also if it cannot be read."""
        with suppress(*UNREADABLE, RecordDamaged):
            return self._decision(NEWEST, ())
        return None

    def turn(self, tenant: str, series: str) -> int:
        """Return the number of the last turn that was given, or 0."""
        row = self._db.execute(TURN, (tenant, series)).fetchone()
        return 0 if row is None else int(row[0])

    def bookmark(self, name: str) -> Position | None:
        """Return how far the reader of this name has come, or None."""
        row: Any = self._db.execute(BOOKMARK, (name,)).fetchone()
        return None if row is None else Position(*row)

    def _readable_by_mark(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Leave out what is damaged: it is only one of many, and nobody asked for it by name."""
        decisions: list[Decision] = []
        marked: list[Any] = self._db.execute(MARKED, (tenant, mark, limit)).fetchall()
        for (seq,) in marked:
            with suppress(*UNREADABLE, RecordDamaged):
                decision = self._decision(BY_SEQ, (seq,))
                decisions += [decision] if decision is not None else []
        return decisions

    def _decision(self, statement: str, bindings: tuple[str | bytes | int, ...]) -> Decision | None:
        row = self._db.execute(statement, bindings).fetchone()
        return None if row is None else from_row(row, self._bodies)


@contextmanager
def _sound(subject: str) -> Iterator[None]:
    """Raise RecordDamaged if just this cannot be read: the rest of the file may be sound."""
    try:
        yield
    except UNREADABLE as error:
        raise damaged(subject) from error
