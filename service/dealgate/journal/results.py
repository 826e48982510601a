"""Results as rows beside the decisions they belong to: revisions are added, never overwritten."""

from collections.abc import Mapping, Sequence
from typing import Any

import apsw

from dealgate.journal.record import id_bytes, id_text
from dealgate.model.errors import ResultExists, TurnTaken, UnknownDecision
from dealgate.model.results import Result

# ruff: noqa: S608 - statements are built from constants, and from nothing else
COLUMNS = (
    "tenant, decision, revision, type, happened_at, recorded_at, amount, currency, reason, "
    "recorded_by, because"
)
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

        Raises UnknownDecision, ResultExists and TurnTaken, before it has changed anything.
        """
        row = to_row(proposed)
        if self._db.execute(HAS_DECISION, row[:2]).fetchone() is None:
            raise unknown(proposed)
        repeated = settled(self._of(*row[:2]), proposed)
        if repeated is not None:
            return repeated
        self._db.execute(INSERT, row)
        return proposed

    def of(self, tenant: str, decision_ids: Sequence[str]) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""
        found = {known: self._of(tenant, id_bytes(known)) for known in decision_ids}
        return {known: revisions for known, revisions in found.items() if revisions}

    def _of(self, tenant: str, identity: bytes) -> Sequence[Result]:
        rows = self._db.execute(OF_DECISION, (tenant, identity))
        return [from_row(row) for row in rows]


def settled(history: Sequence[Result], proposed: Result) -> Result | None:
    """Return the revision that `proposed` repeats, or None: it is the next one.

    Raises ResultExists if it is another result and corrects none, and TurnTaken if what it
    corrects is not the newest revision.
    """
    place = proposed.revision - 1
    if place < len(history) and history[place].says(proposed):
        return history[place]
    if place == len(history):
        return None
    if place == 0:
        raise ResultExists(
            f"decision {proposed.decision_id} has another result, revision {len(history)}; "
            "to correct it, name that revision in corrects and say because"
        )
    raise TurnTaken(
        f"the result of decision {proposed.decision_id} stands at revision {len(history)}, "
        f"not {place}; read it again, and correct what it is now"
    )


def unknown(proposed: Result) -> UnknownDecision:
    """Return the error of a result for a decision that is not there."""
    return UnknownDecision(f"there is no decision {proposed.decision_id}")


def to_row(result: Result) -> tuple[Any, ...]:
    """Return the values of COLUMNS; raise UnknownDecision if the id is no UUID."""
    try:
        identity = id_bytes(result.decision_id)
    except ValueError:
        raise unknown(result) from None
    return (
        result.tenant,
        identity,
        result.revision,
        result.type,
        result.happened_at,
        result.recorded_at,
        result.amount,
        result.currency,
        result.reason,
        result.recorded_by,
        result.because,
    )


def from_row(row: Sequence[Any]) -> Result:
    """Return exactly the result that was recorded; `row` holds the values of COLUMNS."""
    tenant, identity, *rest = row
    return Result(tenant, id_text(identity), *rest)
