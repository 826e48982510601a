"""Finds a decision that its index no longer contains.

Damage that leaves a page well-formed changes ids and positions in the index: a decision is not
found, although its record is sound. Positions grow as ids do, or nearly, so the table itself can
be searched by halves. Only what the index does not know comes here.
"""

import apsw

from dealgate.journal.record import COLUMNS

# ruff: noqa: S608 - statements are built from constants, and from nothing else
SPAN = "SELECT coalesce(min(seq), 0), coalesce(max(seq), -1) FROM decisions"
# By position alone: an index, once damaged, must not be asked.
AT = "SELECT id FROM decisions NOT INDEXED WHERE seq >= ? ORDER BY seq LIMIT 1"
NEAR = f"""
    SELECT {COLUMNS} FROM decisions NOT INDEXED
    WHERE seq BETWEEN ? AND ? AND id = ? AND tenant = ?
"""
# Calls that arrive one after the other may be recorded in another order, at most this many places
# apart.
DISORDER = 64

KeptRow = tuple[object, ...] | None


def overlooked(db: apsw.Connection, tenant: str, identity: bytes) -> KeptRow:
    """Return the row of the decision, if there is one; raises CorruptError where none is read."""
    low, high = _span(db)
    first, last = low, high
    while first < last:
        middle = (first + last) // 2
        if _id_at(db, middle) < identity:
            first = middle + 1
        else:
            last = middle
    return db.execute(NEAR, (first - DISORDER, first + DISORDER, identity, tenant)).fetchone()


def _span(db: apsw.Connection) -> tuple[int, int]:
    low, high = db.execute(SPAN).fetchall()[0]
    return int(low), int(high)  # type: ignore[arg-type]  # SQLite's own whole numbers


def _id_at(db: apsw.Connection, position: int) -> bytes:
    row = db.execute(AT, (position,)).fetchone()
    identity: object = b"" if row is None else row[0]
    return identity if isinstance(identity, bytes) else b""
