"""What a journal holds besides its records, verified against them: indexes and counts.

The chain covers decisions and results. Somebody who can write the journal could leave both intact,
and still make a key lead nowhere, so that its question is decided again, or make a round robin skip
a seller.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Protocol

from dealgate.journal.body import Bodies
from dealgate.journal.record import from_row
from dealgate.journal.span import drift
from dealgate.model.decision import Decision
from dealgate.model.errors import RecordDamaged

ARCHIVE = "archive"  # in a note: of a journal kept elsewhere, whose keys, marks and turns it lacks


class Leads(Protocol):
    """Rows beside the records, by what keeps them; a `place` is how they name a decision."""

    def place(self, seq: int, decision: Decision) -> Any:
        """Return the place of a decision."""

    def key(self, decision: Decision) -> tuple[Any, bytes] | None:
        """Return the place that the decision's key leads to, and the hash that came with it."""

    def has_mark(self, seq: int, decision: Decision, mark: str) -> bool:
        """Tell whether the mark leads to the decision."""

    def turns(self) -> Iterable[tuple[str, str, int, Any]]:
        """Return tenant, series, number and place of each last turn."""

    def rulesets(self) -> Sequence[tuple[str, int, str]]:
        """Return kind, version and digest of every rule set that has decided."""

    def count(self, table: str) -> int:
        """Return how many rows there are."""

    def drift(self) -> int | None:
        """Return how far ids may stray from the clock (ms); None: nothing relies on it."""

    def astray(self) -> tuple[int, int]:
        """Return how many results have no place in the feed, and how many places no result."""


class Derived:
    """Sees every decision that can be read, and tells what does not fit them."""

    def __init__(self, leads: Leads, notes: Iterable[str]) -> None:
        """`notes` are what the chain says of the journal itself."""
        self._leads = leads
        self._older, self._is_part, self._is_archive = 0, False, False
        for note in notes:
            with suppress(ValueError, LookupError, TypeError):  # verified elsewhere
                self._read(json.loads(note))
        self._keys = self._marks = self._unmarked = 0
        self._drift = 0
        self._faults: list[str] = []
        self._turns: dict[tuple[str, str], tuple[int, Any]] = {}
        self._rulesets: set[tuple[str, int, str]] = set()

    def see(self, seq: int, decision: Decision) -> None:
        """Hold what leads to a decision to it; it is as it is kept."""
        self._drift = max(self._drift, drift([decision]))
        self._see_key(seq, decision)
        for mark in set(decision.marks):
            is_there = self._leads.has_mark(seq, decision, mark)
            self._marks += is_there
            self._unmarked += not is_there
        if decision.turn is not None:
            name, number = (decision.tenant, decision.turn.series), decision.turn.number
            if number >= self._turns.get(name, (number,))[0]:
                self._turns[name] = number, self._leads.place(seq, decision)
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
        for kind, version, digest in sorted(self._rulesets - set(self._leads.rulesets())):
            yield f"{kind}@{version}: has decided by {digest[:12]}, but its own entry is gone"
        bound = self._leads.drift()
        if bound is not None and bound < self._drift:
            yield "searches by time would miss decisions: the recorded clock deviation was changed"
        for many, what in zip(
            self._leads.astray(), ("have no place", "are not there"), strict=True
        ):
            if many:
                yield f"{many} results in the feed: {what}"

    def _read(self, note: Any) -> None:
        self._is_archive |= ARCHIVE in note
        self._is_part |= "gone" in note
        if "older" in note:
            self._older = max(self._older, note["older"]["last"])

    def _see_key(self, seq: int, decision: Decision) -> None:
        row = None if decision.key is None else self._leads.key(decision)
        if row is None or row[0] != self._leads.place(seq, decision):
            return  # it has expired, or is another's since
        self._keys += 1
        if row[1] != decision.body_hash:
            self._faults.append(f"the idempotency key of decision {decision.id}: was changed")

    def _surplus(self, table: str, seen: int, words: str) -> Iterator[str]:
        many = self._leads.count(table) - seen
        if many:
            yield f"{many} {words}"

    def _turn_faults(self) -> Iterator[str]:
        kept = {row[:2]: row[2:] for row in map(tuple, self._leads.turns())}
        for name, turn in kept.items():
            if self._turns.get(name) != turn:
                yield f"the last turn of {name[1]} of {name[0]}: is not the one that was recorded"
        if self._is_archive or self._is_part:
            return
        for tenant, series in self._turns.keys() - kept.keys():
            yield f"the last turn of {series} of {tenant}: was taken away"


class Rows(Protocol):
    """A journal, as much as is read of it here."""

    def notes(self) -> Sequence[str]:
        """Return the notes of all links that have one."""

    def decisions(self) -> Iterator[Sequence[Any]]:
        """Return every decision by number: the number, then the row as record.py makes it."""


def derived_faults(leads: Leads, rows: Rows, bodies: Bodies) -> Iterator[str]:
    """Return what is wrong with records that cannot be read, and with what leads to the others."""
    derived = Derived(leads, rows.notes())
    for seq, *row in rows.decisions():
        try:
            derived.see(seq, from_row(row, bodies))
        except RecordDamaged as damage:
            yield str(damage)
    yield from derived.faults()
