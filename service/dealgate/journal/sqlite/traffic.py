"""Whole journals read for insights, beside a server that writes: no lock taken, nothing changed."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.record import COLUMNS, from_row
from dealgate.journal.results import COLUMNS as RESULT_COLUMNS
from dealgate.journal.results import from_row as result_from_row
from dealgate.journal.sqlite.connection import open_reading
from dealgate.journal.sqlite.dictionaries import bodies_of
from dealgate.model.decision import Decision
from dealgate.model.results import Result

# A reader that stays in one transaction keeps the log from being reset: each batch is its own.
BATCH = 1000
LAST = "SELECT coalesce(max(seq), 0) FROM decisions"
ROWS = """
    SELECT seq, {columns}, {results}
    FROM decisions AS d NOT INDEXED LEFT JOIN results AS r
    ON r.tenant = d.tenant AND r.decision = d.id AND r.revision = (
        SELECT max(revision) FROM results WHERE tenant = d.tenant AND decision = d.id
    )
    WHERE d.seq > ? AND d.seq <= ? AND d.tenant = ? AND d.kind IN ({kinds})
    ORDER BY d.seq LIMIT ?
"""
WIDTH = len(COLUMNS.split(","))


@dataclass(frozen=True, slots=True)
class SqliteTenantReader:
    """Reads the decisions of one tenant out of the journal at `path`, in any process."""

    path: Path
    tenant: str

    def __call__(self, kinds: Sequence[str]) -> Iterator[tuple[Decision, Result | None]]:
        """Yield decisions of these kinds as they were recorded, each with its newest result.

        Those recorded after the first is asked for are left out. Raises JournalUnusable.
        """
        try:
            with closing(open_reading(self.path)) as db:
                yield from self._rows(db, kinds)
        except apsw.Error as error:
            raise JournalUnusable(f"{self.path}: cannot be read as a journal: {error}") from error

    def _rows(
        self, db: apsw.Connection, kinds: Sequence[str]
    ) -> Iterator[tuple[Decision, Result | None]]:
        bodies, statement = bodies_of(db), _statement(len(kinds))
        seq: Any = 0
        last = db.execute(LAST).get
        while rows := db.execute(statement, (seq, last, self.tenant, *kinds, BATCH)).fetchall():
            for row in rows:
                told = row[1 + WIDTH :]
                result = None if told[0] is None else result_from_row(told)
                yield from_row(row[1 : 1 + WIDTH], bodies), result
            seq = rows[-1][0]


def _statement(kinds: int) -> str:
    return ROWS.format(
        columns=", ".join(f"d.{column}" for column in COLUMNS.split(", ")),
        results=", ".join(f"r.{column}" for column in RESULT_COLUMNS.split(", ")),
        kinds=", ".join("?" * kinds),
    )
