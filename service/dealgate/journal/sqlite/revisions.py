"""Results in a journal's file: revisions are added, never overwritten."""

from collections.abc import Mapping, Sequence

import apsw

from dealgate.journal.laws import damaged, unknown_decision
from dealgate.journal.record import id_bytes
from dealgate.journal.results import COLUMNS, from_row
from dealgate.model.results import Result

# ruff: noqa: S608 - statements are built from constants, and from nothing else
OF_DECISION = f"""
    SELECT {COLUMNS} FROM results WHERE tenant = ? AND decision = ? ORDER BY revision
"""
HAS_DECISION = "SELECT 1 FROM decisions WHERE tenant = ? AND id = ?"


class Results:
    """Reads results through one connection, on one thread."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def has_decision(self, tenant: str, decision_id: str) -> bool:
        """Tell whether a result could belong to it; raise UnknownDecision if it is not an id."""
        try:
            identity = id_bytes(decision_id)
        except ValueError:
            raise unknown_decision(decision_id) from None
        return self._db.execute(HAS_DECISION, (tenant, identity)).fetchone() is not None

    def of(self, tenant: str, decision_ids: Sequence[str]) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first.

        Raises RecordDamaged.
        """
        histories = {known: self._of(tenant, known) for known in decision_ids}
        return {known: revisions for known, revisions in histories.items() if revisions}

    def _of(self, tenant: str, decision_id: str) -> Sequence[Result]:
        try:
            rows = self._db.execute(OF_DECISION, (tenant, id_bytes(decision_id))).fetchall()
        except apsw.CorruptError as error:
            raise damaged(f"with the results of {decision_id}") from error
        return [from_row(row) for row in rows]
