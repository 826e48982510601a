"""Rows beside the records of a journal file, as they are verified."""

from collections.abc import Sequence
from typing import Any

import apsw

from dealgate.model.decision import Decision

KEY = "SELECT seq, body_hash FROM keys WHERE tenant = ? AND key = ?"
MARK = "SELECT 1 FROM marks WHERE tenant = ? AND mark = ? AND seq = ?"
TURNS = "SELECT tenant, series, number, seq FROM turns"
RULESETS = "SELECT kind, version, digest FROM rulesets"
DRIFT = "SELECT coalesce(max(milliseconds), 0) FROM drift"
ASTRAY = """
    SELECT count(*) FROM (
        SELECT tenant, decision, revision FROM {one}
        EXCEPT SELECT tenant, decision, revision FROM {other}
    )
"""


class SqliteLeads:
    """Reads through one connection; a place is a decision's number."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def place(self, seq: int, _: Decision) -> Any:
        """Return the place of a decision."""
        return seq

    def key(self, decision: Decision) -> tuple[Any, bytes] | None:
        """Return the place that the decision's key leads to, and the hash that came with it."""
        row: Any = self._db.execute(KEY, (decision.tenant, decision.key)).fetchone()
        return row  # type: ignore[no-any-return]

    def has_mark(self, seq: int, decision: Decision, mark: str) -> bool:
        """Tell whether the mark leads to the decision."""
        return self._db.execute(MARK, (decision.tenant, mark, seq)).get is not None

    def turns(self) -> Sequence[tuple[str, str, int, Any]]:
        """Return tenant, series, number and place of each last turn."""
        rows: Any = self._db.execute(TURNS).fetchall()
        return rows  # type: ignore[no-any-return]

    def rulesets(self) -> Sequence[tuple[str, int, str]]:
        """Return kind, version and digest of every rule set that has decided."""
        rows: Any = self._db.execute(RULESETS).fetchall()
        return rows  # type: ignore[no-any-return]

    def count(self, table: str) -> int:
        """Return how many rows there are."""
        return int(self._db.execute(f"SELECT count(*) FROM {table}").get)  # noqa: S608 - constants

    def drift(self) -> int | None:
        """Return how far ids may stray from the clock (ms)."""
        return int(self._db.execute(DRIFT).get)

    def astray(self) -> tuple[int, int]:
        """Return how many results have no place in the feed, and how many places no result."""
        unplaced = self._db.execute(ASTRAY.format(one="results", other="result_positions")).get
        empty = self._db.execute(ASTRAY.format(one="result_positions", other="results")).get
        return int(unplaced), int(empty)
