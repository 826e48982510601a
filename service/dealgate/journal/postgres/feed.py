"""Reads what was recorded in the order of its transactions.

A position is the transaction's number and the row's. Numbers are given before the commit: only
what lies below the oldest open transaction is read, because nothing can appear there any more. So
a transaction that stays open anywhere in the database's cluster holds the feed up; none is lost.

A result follows its decision: its transaction saw the decision committed before it was given a
number of its own (`committed.py` reads before anything is written).
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from dealgate.journal.body import Bodies
from dealgate.journal.merging import FEED_ROWS, FeedRow, item, merged
from dealgate.journal.postgres.connection import Connection
from dealgate.journal.postgres.numbering import BASE
from dealgate.journal.postgres.rows import COLUMNS, RESULT_COLUMNS, bodies, to_decision, to_result
from dealgate.model.feed import FeedFilter, FeedPage, Position

# ruff: noqa: S608 - statements are built from constants, and from nothing else
HORIZON = f"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + {BASE}"
RANGE = f"""
    (xid, seq) > (%s::bigint::text::xid8, %s::bigint) AND xid < %s::bigint::text::xid8
    ORDER BY xid, seq LIMIT {FEED_ROWS}
"""
DECISIONS = f"SELECT xid::text::bigint, seq, {COLUMNS} FROM decisions WHERE {RANGE}"
RESULTS = f"""
    SELECT r.xid::text::bigint, r.seq,
        {", ".join(f"r.{column}" for column in RESULT_COLUMNS.split(", "))},
        {", ".join(f"d.{column}" for column in COLUMNS.split(", "))}
    FROM (SELECT * FROM results WHERE {RANGE}) AS r
    JOIN decisions AS d ON d.tenant = r.tenant AND d.id = r.decision
    ORDER BY r.xid, r.seq
"""
WIDTH = len(RESULT_COLUMNS.split(","))
LAST = 2**63 - 1


class FeedReader:
    """Reads the feed through one connection, on one thread."""

    def __init__(self, db: Connection) -> None:
        """Read through `db`."""
        self._db = db
        self._bodies: Bodies = bodies()

    def id(self) -> bytes:
        """Return what tells this journal from any other."""
        row: Any = self._db.execute("SELECT id FROM feed").fetchone()
        return bytes(row[0])

    def end(self) -> Position:
        """Return the position after all that may be read now."""
        return Position(self._horizon() - 1, LAST)

    def after(self, position: Position, wanted: FeedFilter) -> FeedPage:
        """Return the page after `position`."""
        # Before both: what is committed in between must not let a result pass its decision.
        asked = (*position, self._horizon())
        decisions = [self._placed(row[:2], row[2:]) for row in self._db.execute(DECISIONS, asked)]
        results = [
            self._placed(row[:2], row[2 + WIDTH :], row[2 : 2 + WIDTH])
            for row in self._db.execute(RESULTS, asked)
        ]
        return merged(position, decisions, results, wanted)

    def _horizon(self) -> int:
        row: Any = self._db.execute(HORIZON).fetchone()
        return int(row[0])

    def _placed(
        self, at: Sequence[int], record: Sequence[Any], told: Sequence[Any] | None = None
    ) -> FeedRow:
        identity, tenant, _, kind, _, entity, outcome, *_ = record
        position = Position(*at)
        result = None if told is None else to_result(told)
        decision = partial(to_decision, record, self._bodies)
        read = partial(item, position, tenant, lambda: str(identity), decision, result)
        return FeedRow(
            position, tenant, kind, bytes(entity).decode(errors="replace"), outcome, read
        )
