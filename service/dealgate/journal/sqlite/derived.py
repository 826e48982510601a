"""What a journal's file holds besides its records, held to them: rows that lead there, or count.

The chain covers decisions and results. Whoever writes the file could leave them alone, and have a
key lead to nobody, so that its question is decided once more, or a round robin skip a seller.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import apsw

from dealgate.journal.span import drift
from dealgate.model.decision import Decision

KEY = "SELECT seq, body_hash FROM keys WHERE tenant = ? AND key = ?"
MARK = "SELECT 1 FROM marks WHERE tenant = ? AND mark = ? AND seq = ?"
TURNS = "SELECT tenant, series, number, seq FROM turns"
RULESETS = "SELECT kind, version, digest FROM rulesets"
DRIFT = "SELECT coalesce(max(milliseconds), 0) FROM drift"
UNPLACED = """
    SELECT count(*) FROM (
        SELECT tenant, decision, revision FROM results
        EXCEPT SELECT tenant, decision, revision FROM result_positions
    )
"""
PLACED = """
    SELECT count(*) FROM (
        SELECT tenant, decision, revision FROM result_positions
        EXCEPT SELECT tenant, decision, revision FROM results
    )
"""
ARCHIVE = "archive"  # in a note: of a journal kept elsewhere, whose keys, marks and turns it lacks


class Derived:
    """Sees every decision that can be read, and tells what does not fit them."""

    def __init__(self, db: apsw.Connection) -> None:
        """Read what the chain says of the journal itself."""
        self._db = db
        self._older, self._is_part, self._is_archive = 0, False, False
        for (note,) in db.execute("SELECT note FROM links WHERE note <> ''"):
            with suppress(ValueError, LookupError, TypeError):  # verified elsewhere
                self._read(json.loads(note))
        self._keys = self._marks = self._unmarked = 0
        self._drift = 0
        self._faults: list[str] = []
        self._turns: dict[tuple[str, str], tuple[int, int]] = {}
        self._rulesets: set[tuple[str, int, str]] = set()

    def see(self, seq: int, decision: Decision) -> None:
        """Hold what leads to a decision to it; it is as it is kept."""
        self._drift = max(self._drift, drift([decision]))
        self._see_key(seq, decision)
        for mark in set(decision.marks):
            is_there = self._db.execute(MARK, (decision.tenant, mark, seq)).get is not None
            self._marks += is_there
            self._unmarked += not is_there
        if decision.turn is not None:
            name = (decision.tenant, decision.turn.series)
            self._turns[name] = max(self._turns.get(name, (0, 0)), (decision.turn.number, seq))
        if seq > self._older:
            self._rulesets.add((decision.kind, decision.version, decision.digest))

    def faults(self) -> Iterator[str]:
        """Return what does not fit the decisions that were seen."""
        yield from self._faults
        yield from self._surplus("keys", self._keys, "idempotency keys lead to decisions without")
        yield from self._surplus("marks", self._marks, "marks lead to decisions without them")
        if self._unmarked and not self._is_archive:
            yield f"{self._unmarked} marks of decisions: were taken away"
        yield from self._turn_faults()
        known = set(self._db.execute(RULESETS))
        for kind, version, digest in sorted(self._rulesets - known):
            yield f"{kind}@{version}: has decided by {digest[:12]}, and that is no longer noted"
        if self._db.execute(DRIFT).get < self._drift:
            yield "searches by time would pass over decisions: how far clocks stray was changed"
        for statement, what in ((UNPLACED, "have no place"), (PLACED, "are not there")):
            if many := self._db.execute(statement).get:
                yield f"{many} results in the feed: {what}"

    def _read(self, note: Any) -> None:
        self._is_archive |= ARCHIVE in note
        self._is_part |= "gone" in note
        if "older" in note:
            self._older = max(self._older, note["older"]["last"])

    def _see_key(self, seq: int, decision: Decision) -> None:
        if decision.key is None:
            return
        row: Any = self._db.execute(KEY, (decision.tenant, decision.key)).fetchone()
        if row is None or row[0] != seq:  # it has expired, or is another's since
            return
        self._keys += 1
        if row[1] != decision.body_hash:
            self._faults.append(f"the idempotency key of decision {decision.id}: was changed")

    def _surplus(self, table: str, seen: int, words: str) -> Iterator[str]:
        many = self._db.execute(f"SELECT count(*) FROM {table}").get - seen  # noqa: S608 - constants
        if many:
            yield f"{many} {words}"

    def _turn_faults(self) -> Iterator[str]:
        rows: Any = self._db.execute(TURNS).fetchall()
        kept = {(tenant, series): (number, seq) for tenant, series, number, seq in rows}
        for name, turn in kept.items():
            if self._turns.get(name) != turn:
                yield f"the last turn of {name[1]} of {name[0]}: is not the one that was recorded"
        if self._is_archive or self._is_part:
            return
        for tenant, series in self._turns.keys() - kept.keys():
            yield f"the last turn of {series} of {tenant}: was taken away"
