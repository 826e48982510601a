"""Reads what was recorded in the order of its commits.

A decision's position is (its number, 0). A result's is the number of the newest decision at its
commit, and how many results came since then: one transaction at a time writes the file, so both
only grow, and no number appears behind one that was read.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import apsw

from dealgate.journal.body import Bodies
from dealgate.journal.merging import FEED_ROWS, FeedRow, item, merged, unreadable
from dealgate.journal.record import COLUMNS, from_row, id_text
from dealgate.journal.results import COLUMNS as RESULT_COLUMNS
from dealgate.journal.results import from_row as result_from_row
from dealgate.journal.sqlite.connection import UNREADABLE
from dealgate.model.feed import FeedFilter, FeedPage, Position

# ruff: noqa: S608 - statements are built from constants, and from nothing else
DECISIONS = f"""
    SELECT seq, {COLUMNS} FROM decisions NOT INDEXED WHERE seq > ? ORDER BY seq LIMIT {FEED_ROWS}
"""
DECISION = f"SELECT seq, {COLUMNS} FROM decisions NOT INDEXED WHERE seq = ?"
NEWEST = """
    SELECT max(coalesce((SELECT max(seq) FROM decisions), 0), (SELECT pruned FROM feed))
"""
END = f"""
    SELECT last, coalesce((SELECT max(number) FROM result_positions WHERE after = last), 0)
    FROM (SELECT ({NEWEST}) AS last)
"""
RESULTS = f"""
    SELECT p.after, p.number, {", ".join(f"r.{column}" for column in RESULT_COLUMNS.split(", "))},
        {", ".join(f"d.{column}" for column in COLUMNS.split(", "))}
    FROM (
        SELECT * FROM result_positions WHERE (after, number) > (?, ?)
        ORDER BY after, number LIMIT {FEED_ROWS}
    ) AS p
    CROSS JOIN results AS r
    ON r.tenant = p.tenant AND r.decision = p.decision AND r.revision = p.revision
    CROSS JOIN decisions AS d INDEXED BY decisions_by_id
    ON d.tenant = p.tenant AND d.id = p.decision
    ORDER BY p.after, p.number
"""
WIDTH = len(RESULT_COLUMNS.split(","))


class FeedReader:
    """Reads the feed through one connection, on one thread."""

    def __init__(self, db: apsw.Connection, bodies: Bodies) -> None:
        """`bodies` unpacks what is read."""
        self._db = db
        self._bodies = bodies
        self.id = bytes(db.execute("SELECT id FROM feed").get)

    def end(self) -> Position:
        """Return the position after all that is recorded."""
        row: Any = self._db.execute(END).fetchone()
        return Position(*row)

    def after(self, position: Position, wanted: FeedFilter) -> FeedPage:
        """Return the page after `position`, as of one instant."""
        with self._db:  # all in one snapshot
            decisions, results = self._decisions(position), self._results(position)
        return merged(position, decisions, results, wanted)

    def _decisions(self, position: Position) -> Sequence[FeedRow]:
        try:
            rows: Any = self._db.execute(DECISIONS, (position.first,)).fetchall()
        except UNREADABLE:
            return list(self._around_damage(position))
        return [self._decision(row) for row in rows]

    def _around_damage(self, position: Position) -> Iterator[FeedRow]:
        """Step over what is damaged, record by record."""
        last = min(self.end().first, position.first + FEED_ROWS)
        for seq in range(position.first + 1, last + 1):
            try:
                row = self._db.execute(DECISION, (seq,)).fetchone()
            except UNREADABLE:
                row = None
            yield unreadable(Position(seq, 0)) if row is None else self._decision(row)

    def _results(self, position: Position) -> Sequence[FeedRow]:
        return [self._result(row) for row in self._db.execute(RESULTS, position)]

    def _decision(self, row: Sequence[Any]) -> FeedRow:
        return self._placed(Position(row[0], 0), row[1:])

    def _result(self, row: Sequence[Any]) -> FeedRow:
        told, record = row[2 : 2 + WIDTH], row[2 + WIDTH :]
        return self._placed(Position(row[0], row[1]), record, told)

    def _placed(
        self, position: Position, record: Sequence[Any], told: Sequence[Any] | None = None
    ) -> FeedRow:
        identity, tenant, _, kind, _, entity, outcome, *_ = record
        result = None if told is None else result_from_row(told)
        read = partial(
            item,
            position,
            tenant,
            partial(id_text, identity),
            partial(from_row, record, self._bodies),
            result,
        )
        return FeedRow(position, tenant, kind, entity, outcome, read)
