"""A journal in PostgreSQL as its evidence is read."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from dealgate.journal.chain import Head, Link
from dealgate.journal.derived import derived_faults
from dealgate.journal.postgres.connection import Connection
from dealgate.journal.postgres.leads import PostgresLeads
from dealgate.journal.postgres.links import heads_of, links_of
from dealgate.journal.postgres.rows import COLUMNS, RESULT_COLUMNS, bodies, to_result_row, to_row

# ruff: noqa: S608 - statements are built from constants, and from nothing else
BATCH = 1000
DECISIONS = f"SELECT seq, {COLUMNS} FROM decisions WHERE seq > %s ORDER BY seq LIMIT {BATCH}"
RESULT = f"SELECT {RESULT_COLUMNS} FROM results WHERE decision = %s AND revision = %s"
BEFORE_ALL = -(2**63)


class PostgresEvidence:
    """Reads through one connection, within a transaction that sees one instant."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def heads(self) -> Sequence[Head]:
        """Return the end of each chain."""
        return heads_of(self._db)

    def rulesets(self) -> Sequence[tuple[str, int, str]]:
        """Return kind, version and digest of every rule set that decided."""
        return self._db.execute("SELECT kind, version, digest FROM rulesets").fetchall()

    def count_decisions(self, last: int | None = None) -> int:
        """Return how many decisions there are, or those up to the one of this number."""
        where = "" if last is None else f" WHERE seq <= {int(last)}"
        return self._count(f"SELECT count(*) FROM decisions{where}")

    def derived_faults(self) -> Iterator[str]:
        """Return what does not fit the records, of rows that lead to them."""
        return derived_faults(PostgresLeads(self._db), self, bodies())

    def chains(self) -> Sequence[str]:
        """Return the names of the chains."""
        return [head.chain for head in self.heads()]

    def notes(self) -> Sequence[str]:
        """Return the notes of all links that have one."""
        return [note for (note,) in self._db.execute("SELECT note FROM links WHERE note <> ''")]

    def links(self, chain: str) -> Iterator[Link]:
        """Return the links of a chain, in order."""
        return links_of(self._db, chain)

    def decisions(self) -> Iterator[Sequence[Any]]:
        """Return every decision by number: the number, then the row."""
        after = BEFORE_ALL
        while rows := self._db.execute(DECISIONS, (after,)).fetchall():
            for seq, *columns in rows:
                yield seq, *to_row(columns)
            after = rows[-1][0]

    def result(self, decision: bytes, revision: int) -> Sequence[Any] | None:
        """Return a result's row, if it is there."""
        row = self._db.execute(RESULT, (UUID(bytes=decision), revision)).fetchone()
        return None if row is None else to_result_row(row)

    def has_decision(self, decision: bytes) -> bool:
        """Tell whether the decision is there."""
        asked = (UUID(bytes=decision),)
        return bool(self._db.execute("SELECT 1 FROM decisions WHERE id = %s", asked).fetchone())

    def count_results(self) -> int:
        """Return how many results there are."""
        return self._count("SELECT count(*) FROM results")

    def _count(self, statement: str) -> int:
        (row,) = self._db.execute(statement)
        return int(row[0])
