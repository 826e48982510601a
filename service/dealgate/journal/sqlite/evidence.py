"""A journal file as its evidence is read."""

from collections.abc import Iterator, Sequence
from typing import Any

import apsw

from dealgate.journal.chain import Head, Link
from dealgate.journal.derived import derived_faults
from dealgate.journal.record import COLUMNS
from dealgate.journal.results import COLUMNS as RESULT_COLUMNS
from dealgate.journal.span import LARGEST_INTEGER
from dealgate.journal.sqlite.dictionaries import bodies_of
from dealgate.journal.sqlite.leads import SqliteLeads
from dealgate.journal.sqlite.links import NEWEST, links_of

# ruff: noqa: S608 - statements are built from constants, and from nothing else
BATCH = 1000
RESULT = f"SELECT {RESULT_COLUMNS} FROM results WHERE decision = ? AND revision = ?"
FIRST = f"SELECT seq, {COLUMNS} FROM decisions ORDER BY seq LIMIT {BATCH}"
NEXT = f"SELECT seq, {COLUMNS} FROM decisions WHERE seq > ? ORDER BY seq LIMIT {BATCH}"


class SqliteEvidence:
    """Reads through one connection."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def heads(self) -> Sequence[Head]:
        """Return the end of the chain, if it has begun."""
        newest: Any = self._db.execute(NEWEST).fetchone()
        return [] if newest is None else [Head("", *newest)]

    def rulesets(self) -> Sequence[tuple[str, int, str]]:
        """Return kind, version and digest of every rule set that decided."""
        rows: Any = self._db.execute("SELECT kind, version, digest FROM rulesets").fetchall()
        return list(rows)

    def count_decisions(self, last: int | None = None) -> int:
        """Return how many decisions there are, or those up to the one of this number."""
        upto = LARGEST_INTEGER if last is None else last
        return int(self._db.execute("SELECT count(*) FROM decisions WHERE seq <= ?", (upto,)).get)

    def derived_faults(self) -> Iterator[str]:
        """Return what does not fit the records, of rows that lead to them."""
        return derived_faults(SqliteLeads(self._db), self, bodies_of(self._db))

    def chains(self) -> Sequence[str]:
        """Return the name of the one chain."""
        return [""]

    def notes(self) -> Sequence[str]:
        """Return the notes of all links that have one."""
        notes: Any = self._db.execute("SELECT note FROM links WHERE note <> ''").fetchall()
        return [note for (note,) in notes]

    def links(self, _: str) -> Iterator[Link]:
        """Return every link, in order."""
        return links_of(self._db)

    def decisions(self) -> Iterator[Sequence[Any]]:
        """Return every decision by number: the number, then the row."""
        rows: Any = self._db.execute(FIRST).fetchall()
        while rows:
            yield from rows
            rows = self._db.execute(NEXT, (rows[-1][0],)).fetchall()

    def result(self, decision: bytes, revision: int) -> Sequence[Any] | None:
        """Return a result's row, if it is there."""
        row: Any = self._db.execute(RESULT, (decision, revision)).fetchone()
        return None if row is None else list(row)

    def has_decision(self, decision: bytes) -> bool:
        """Tell whether the decision is there."""
        return self._db.execute("SELECT 1 FROM decisions WHERE id = ?", (decision,)).get is not None

    def count_results(self) -> int:
        """Return how many results there are."""
        return int(self._db.execute("SELECT count(*) FROM results").get)
