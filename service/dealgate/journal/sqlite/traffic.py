"""Whole journals read for insights, beside a server that writes: no lock taken, nothing changed."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import apsw

from dealgate.journal.body import Bodies
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.laws import damaged, unknown_decision
from dealgate.journal.port import Recorded
from dealgate.journal.record import COLUMNS, from_row, id_bytes
from dealgate.journal.results import COLUMNS as RESULT_COLUMNS
from dealgate.journal.results import from_row as result_from_row
from dealgate.journal.sqlite.connection import UNREADABLE, JournalFile, open_reading, path_of
from dealgate.journal.sqlite.dictionaries import bodies_of
from dealgate.model.errors import RecordDamaged

# A reader that stays in one transaction keeps the log from being reset: each batch is its own.
BATCH = 1000
LAST = "SELECT coalesce(max(seq), 0) FROM decisions"
POSITION = "SELECT seq FROM decisions WHERE tenant = ? AND id = ?"
ROWS = """
    SELECT seq, {columns}, {results}
    FROM decisions AS d NOT INDEXED LEFT JOIN results AS r
    ON r.tenant = d.tenant AND r.decision = d.id AND r.revision = (
        SELECT max(revision) FROM results WHERE tenant = d.tenant AND decision = d.id
    )
    WHERE {range} AND d.decided_at >= ? AND d.tenant = ? AND d.kind IN ({kinds})
    ORDER BY d.seq LIMIT {limit}
"""
BETWEEN, EXACTLY = "d.seq > ? AND d.seq <= ?", "d.seq = ?"
WIDTH = len(COLUMNS.split(","))
EARLIEST = -(2**63)


@dataclass(frozen=True, slots=True)
class SqliteTenantReader:
    """Reads the decisions of one tenant out of a journal, in any process."""

    file: JournalFile
    tenant: str

    def __call__(
        self, kinds: Sequence[str], since: int | None = None, after: str | None = None
    ) -> Iterator[Recorded | RecordDamaged]:
        """Yield decisions of these kinds as they were recorded, each with its newest result.

        Those recorded after the first is asked for are left out, those decided before `since` and
        those up to `after`, too; what is damaged comes as an error in its place. Raises
        JournalUnusable, and UnknownDecision for `after`.
        """
        try:
            with closing(open_reading(self.file)) as db:
                bodies = bodies_of(db)
                position = 0 if after is None else _position(db, self.tenant, after)
                for row in Rows(db, self.tenant, kinds, since).all(position):
                    yield row if isinstance(row, RecordDamaged) else _recorded(row, bodies)
        except apsw.Error as error:
            path = path_of(self.file)
            raise JournalUnusable(f"{path}: cannot be read as a journal: {error}") from error


class Rows:
    """The rows of one tenant and some kinds, by position in the file."""

    def __init__(
        self, db: apsw.Connection, tenant: str, kinds: Sequence[str], since: int | None
    ) -> None:
        self._db = db
        self._wanted = (EARLIEST if since is None else since, tenant, *kinds)
        self._between_statement = _statement(BETWEEN, len(kinds))
        # A range looks one row further, which may lie on the damage.
        self._exact_statement = _statement(EXACTLY, len(kinds))

    def all(self, after: int) -> Iterator[tuple[Any, ...] | RecordDamaged]:
        """Yield each row after that one, and why there is none where the file is damaged."""
        seq, last = after, self._db.execute(LAST).get
        try:
            while rows := self._between(seq, last):
                yield from rows
                seq = rows[-1][0]
        except UNREADABLE:
            for start in range(seq, last, BATCH):
                yield from self._around_damage(start, min(start + BATCH, last))

    def _around_damage(self, start: int, last: int) -> Iterator[tuple[Any, ...] | RecordDamaged]:
        """Yield the rows after `start`, and step over what is damaged record by record."""
        try:
            yield from self._between(start, last)
        except UNREADABLE:
            for seq in range(start + 1, last + 1):
                try:
                    yield from self._asked(self._exact_statement, seq)
                except UNREADABLE:
                    yield damaged(f"number {seq}")

    def _between(self, after: int, last: int) -> Sequence[tuple[Any, ...]]:
        return self._asked(self._between_statement, after, last)

    def _asked(self, statement: str, *where: int) -> Sequence[tuple[Any, ...]]:
        rows: Sequence[tuple[Any, ...]]
        rows = self._db.execute(statement, (*where, *self._wanted)).fetchall()
        return rows


def _position(db: apsw.Connection, tenant: str, decision_id: str) -> int:
    try:
        row = db.execute(POSITION, (tenant, id_bytes(decision_id))).fetchone()
    except ValueError:
        row = None
    if row is None:
        raise unknown_decision(decision_id)
    return int(row[0])


def _recorded(row: Sequence[Any], bodies: Bodies) -> Recorded | RecordDamaged:
    told = row[1 + WIDTH :]
    try:
        decision = from_row(row[1 : 1 + WIDTH], bodies)
    except RecordDamaged as damage:
        return damage
    return decision, None if told[0] is None else result_from_row(told)


def _statement(where: str, kinds: int) -> str:
    return ROWS.format(
        range=where,
        limit=BATCH,
        columns=", ".join(f"d.{column}" for column in COLUMNS.split(", ")),
        results=", ".join(f"r.{column}" for column in RESULT_COLUMNS.split(", ")),
        kinds=", ".join("?" * kinds),
    )
