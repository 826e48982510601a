"""Finds decisions, newest first, with bounded work a page.

Newest means by id: a UUIDv7 begins with the millisecond the question was taken, so the unique
index on (tenant, id) is in that order, and ids make cursors that need no state. Filters on time
are checked on the record's own `decided_at`; `span.py` says what lets a search skip the rest.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from dealgate.journal.record import COLUMNS, from_row, id_text
from dealgate.journal.span import clamped, id_span
from dealgate.journal.sqlite.connection import UNREADABLE, open_reading
from dealgate.journal.sqlite.dictionaries import bodies_of
from dealgate.journal.sqlite.index import index_path
from dealgate.journal.sqlite.revisions import Results
from dealgate.model.decision import Decision, DecisionFilter, Page
from dealgate.model.errors import RecordDamaged
from dealgate.model.results import Result

# ruff: noqa: S608 - every statement is built from these constants, and from nothing else
IN_RANGE = "tenant = :tenant AND id >= :low AND id < :high"
CONDITIONS = """
    (:entity IS NULL OR entity = :entity) AND (:kind IS NULL OR kind = :kind)
    AND (:version IS NULL OR version = :version)
    AND (:decided_from IS NULL OR decided_at >= :decided_from)
    AND (:decided_before IS NULL OR decided_at < :decided_before)
"""
MATCHES = f"{CONDITIONS} ORDER BY id DESC LIMIT :limit + 1"
# The last candidate that one page looks at; none: the page sees them all.
HORIZON = f"""
    SELECT id FROM decisions INDEXED BY decisions_by_id WHERE {IN_RANGE}
    ORDER BY id DESC LIMIT 1 OFFSET :scan - 1
"""
# The same without the index by entity, and without a row: only the index by id is read.
CANDIDATES = f"""
    SELECT id FROM decisions INDEXED BY decisions_by_id WHERE {IN_RANGE}
    ORDER BY id DESC LIMIT :scan + 1
"""
CANDIDATE = f"""
    SELECT {COLUMNS} FROM decisions INDEXED BY decisions_by_id
    WHERE tenant = :tenant AND id = :candidate AND {CONDITIONS}
"""
PAGE = f"SELECT {COLUMNS} FROM decisions INDEXED BY decisions_by_id WHERE {IN_RANGE} AND {MATCHES}"
HORIZON_OF_ENTITY = f"""
    SELECT id FROM lookup.entries WHERE {IN_RANGE} AND entity = :entity
    ORDER BY id DESC LIMIT 1 OFFSET :scan - 1
"""
# What is indexed, and what is not yet.
PAGE_OF_ENTITY = f"""
    WITH found (candidate) AS (
        SELECT id FROM lookup.entries WHERE {IN_RANGE} AND entity = :entity
        UNION
        SELECT id FROM decisions NOT INDEXED
        WHERE seq > (SELECT through FROM lookup.progress) AND {IN_RANGE} AND entity = :entity
    )
    SELECT {COLUMNS} FROM found CROSS JOIN decisions INDEXED BY decisions_by_id
    ON tenant = :tenant AND id = candidate WHERE {MATCHES}
"""
UNINDEXED = """
    SELECT coalesce((SELECT max(seq) FROM decisions), 0) - (SELECT through FROM lookup.progress)
"""
Bindings: TypeAlias = dict[str, str | bytes | int | None]

DRIFT = "SELECT coalesce(max(milliseconds), 0) FROM drift"


class Search:
    """Finds decisions through one connection, on one thread at a time."""

    def __init__(self, journal: Path, scan: int) -> None:
        """A page looks at `scan` candidates at most, and as many that are not yet indexed."""
        self._db = open_reading(journal)
        self._db.execute("ATTACH ? AS lookup", (f"{index_path(journal).as_uri()}?mode=ro",))
        self._bodies = bodies_of(self._db)
        self._results = Results(self._db)
        self._scan = scan

    def find(self, sought: DecisionFilter) -> Page:
        """Return a page; raise UnknownDecision if `before` is not an id."""
        bindings = self._bindings(sought)
        try:
            return self._find(sought, bindings)
        except (*UNREADABLE, RecordDamaged):
            return self._find_around_damage(sought, self._bindings(sought))

    def _find(self, sought: DecisionFilter, bindings: Bindings) -> Page:
        indexed = sought.entity is not None and self._db.execute(UNINDEXED).get <= self._scan
        horizon = self._db.execute(HORIZON_OF_ENTITY if indexed else HORIZON, bindings).get
        if horizon is not None:
            bindings["low"] = horizon
        rows = self._db.execute(PAGE_OF_ENTITY if indexed else PAGE, bindings).fetchall()
        decisions = [from_row(row, self._bodies) for row in rows[: sought.limit]]
        if len(rows) > sought.limit:
            return Page(decisions, decisions[-1].id)
        return Page(decisions, None if horizon is None else id_text(horizon))

    def results(self, tenant: str, decision_ids: Sequence[str]) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""
        return self._results.of(tenant, decision_ids)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _find_around_damage(self, sought: DecisionFilter, bindings: Bindings) -> Page:
        """Look at candidates one by one, and name those that can no longer be read."""
        decisions: list[Decision] = []
        unreadable: list[str] = []
        candidates: list[Any] = self._db.execute(CANDIDATES, bindings).fetchall()
        for number, (candidate,) in enumerate(candidates):
            if number == self._scan or len(decisions) == sought.limit:
                return Page(decisions, id_text(candidates[number - 1][0]), unreadable)
            try:
                row = self._db.execute(CANDIDATE, {**bindings, "candidate": candidate}).fetchone()
                decisions += [] if row is None else [from_row(row, self._bodies)]
            except (*UNREADABLE, RecordDamaged):
                unreadable.append(id_text(candidate))
        return Page(decisions, None, unreadable)

    def _bindings(self, sought: DecisionFilter) -> Bindings:
        low, high = id_span(sought, self._db.execute(DRIFT).get)
        return {
            "tenant": sought.tenant,
            "low": low,
            "high": high,
            "entity": sought.entity,
            "kind": sought.kind,
            "version": sought.version,
            "decided_from": clamped(sought.decided_from),
            "decided_before": clamped(sought.decided_before),
            "limit": sought.limit,
            "scan": self._scan,
        }
