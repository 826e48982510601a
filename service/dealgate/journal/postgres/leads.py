"""Rows beside the records of a journal in PostgreSQL, as they are verified."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from dealgate.journal.postgres.connection import Connection
from dealgate.model.decision import Decision

KEY = "SELECT id, body_hash FROM keys WHERE tenant = %s AND key = %s"
MARK = "SELECT 1 FROM marks WHERE tenant = %s AND mark = %s AND seq = %s"
TURNS = "SELECT tenant, series, number, id FROM turns"
RULESETS = "SELECT kind, version, digest FROM rulesets"


class PostgresLeads:
    """Reads through one connection; a place is a decision's id."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def place(self, _: int, decision: Decision) -> Any:
        """Return the place of a decision."""
        return UUID(decision.id)

    def key(self, decision: Decision) -> tuple[Any, bytes] | None:
        """Return the place that the decision's key leads to, and the hash that came with it."""
        row = self._db.execute(KEY, (decision.tenant, decision.key)).fetchone()
        return None if row is None else (row[0], bytes(row[1]))

    def has_mark(self, seq: int, decision: Decision, mark: str) -> bool:
        """Tell whether the mark leads to the decision."""
        return self._db.execute(MARK, (decision.tenant, mark, seq)).fetchone() is not None

    def turns(self) -> Sequence[tuple[str, str, int, Any]]:
        """Return tenant, series, number and place of each last turn."""
        return self._db.execute(TURNS).fetchall()

    def rulesets(self) -> Sequence[tuple[str, int, str]]:
        """Return kind, version and digest of every rule set that has decided."""
        return self._db.execute(RULESETS).fetchall()

    def count(self, table: str) -> int:
        """Return how many rows there are."""
        (row,) = self._db.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - constants
        return int(row[0])

    def drift(self) -> int | None:
        """Return None: searches by time look at the instants themselves."""
        return None

    def astray(self) -> tuple[int, int]:
        """Return zeros: results are rows of the feed themselves."""
        return 0, 0
