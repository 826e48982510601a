"""Results in a journal's file: revisions are added, never overwritten."""

from collections.abc import Mapping, Sequence

import apsw

from dealgate.journal.laws import settled, unknown_decision
from dealgate.journal.record import id_bytes
from dealgate.journal.results import COLUMNS, from_row, to_row
from dealgate.model.results import Result

# ruff: noqa: S608 - statements are built from constants, and from nothing else
INSERT = f"INSERT INTO results ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
OF_DECISION = f"""
    SELECT {COLUMNS} FROM results WHERE tenant = ? AND decision = ? ORDER BY revision
"""
HAS_DECISION = "SELECT 1 FROM decisions WHERE tenant = ? AND id = ?"


class Results:
    """Reads and adds results through one connection, on one thread."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def attach(self, proposed: Result) -> Result:
        """Add `proposed`, or return the revision that it repeats.

        Raises UnknownDecision, ResultExists and Stale, before it has changed anything.
        """
        row = to_row(proposed)
        if self._db.execute(HAS_DECISION, row[:2]).fetchone() is None:
            raise unknown_decision(proposed.decision_id)
        repeated = settled(self._of(*row[:2]), proposed)
        if repeated is not None:
            return repeated
        self._db.execute(INSERT, row)
        return proposed

    def of(self, tenant: str, decision_ids: Sequence[str]) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""
        histories = {known: self._of(tenant, id_bytes(known)) for known in decision_ids}
        return {known: revisions for known, revisions in histories.items() if revisions}

    def _of(self, tenant: str, identity: bytes) -> Sequence[Result]:
        rows = self._db.execute(OF_DECISION, (tenant, identity))
        return [from_row(row) for row in rows]
