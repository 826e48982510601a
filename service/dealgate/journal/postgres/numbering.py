"""Transaction numbers that continue when a journal is moved to another cluster.

A dump keeps the numbers of records, and a new cluster begins its own from 3. What is recorded next
would come before all that is there, and what is there would be delivered again, or never, once the
cluster has counted up to it. So new records get the cluster's number and a base, which begins after
the newest record. Positions, tokens and bookmarks from before lead to where they led.
"""

import logging
from typing import Any

from dealgate.journal.postgres.connection import Connection
from dealgate.journal.retention import OWN_BOOKMARKS

NAME = f"{OWN_BOOKMARKS}transactions"
# ruff: noqa: S608 - statements are built from constants, and from nothing else
BASE = f"coalesce((SELECT first FROM bookmarks WHERE name = '{NAME}'), 0)"
NEWEST = """
    SELECT coalesce(max(number), 0) FROM (
        (SELECT d.xid::text::bigint FROM decisions AS d ORDER BY d.xid DESC, d.seq DESC LIMIT 1)
        UNION ALL
        (SELECT r.xid::text::bigint FROM results AS r ORDER BY r.xid DESC, r.seq DESC LIMIT 1)
    ) AS newest (number)
"""
NEXT = f"SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint + {BASE}"
REMEMBER = """
    INSERT INTO bookmarks (name, first, second) VALUES (%s, %s, 0)
    ON CONFLICT (name) DO UPDATE SET first = excluded.first
"""
CONTINUE = """
    ALTER TABLE {table} ALTER COLUMN xid
    SET DEFAULT (pg_current_xact_id()::text::bigint + {base})::text::xid8
"""
log = logging.getLogger(__name__)


def continue_numbers(db: Connection, shown: str) -> None:
    """Have new records come after those that are there; `shown` is what the log calls the journal.

    Nothing is done where the cluster's own numbers are higher, as they always are where the records
    were made.
    """
    if _newest(db) < _next(db):
        return
    with db.transaction():
        db.execute("LOCK TABLE decisions, results IN ACCESS EXCLUSIVE MODE")
        newest = _newest(db)
        if newest < _next(db):  # another server was first
            return
        db.execute(REMEMBER, (NAME, newest + 1))
        for table in ("decisions", "results"):
            db.execute(CONTINUE.format(table=table, base=newest + 1))
    log.warning(
        "journal %s: was moved to another cluster; transaction numbers continue after %d",
        shown,
        newest,
    )


def _newest(db: Connection) -> int:
    return _number(db, NEWEST)


def _next(db: Connection) -> int:
    return _number(db, NEXT)


def _number(db: Connection, statement: str) -> int:
    row: Any = db.execute(statement).fetchone()
    return int(row[0])
