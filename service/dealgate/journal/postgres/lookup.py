"""Reads records: by id, key, mark or turn, and pages of them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from dealgate.journal.laws import refuse_reuse
from dealgate.journal.postgres.connection import Connection
from dealgate.journal.postgres.feed import FeedReader
from dealgate.journal.postgres.rows import COLUMNS, RESULT_COLUMNS, bodies, to_decision, to_result
from dealgate.journal.record import id_bytes
from dealgate.journal.span import clamped, id_span
from dealgate.model.decision import Decision, DecisionFilter, Page
from dealgate.model.errors import RecordDamaged
from dealgate.model.feed import FeedFilter, FeedPage, Position
from dealgate.model.results import Result

# ruff: noqa: S608 - statements are built from constants, and from nothing else
BY_ID = f"SELECT {COLUMNS} FROM decisions WHERE tenant = %s AND id = %s"
BY_KEY = "SELECT body_hash, id FROM keys WHERE tenant = %s AND key = %s"
BY_TURN = "SELECT id FROM turns WHERE tenant = %s AND series = %s"
BOOKMARK = "SELECT first, second FROM bookmarks WHERE name = %s"
NEWEST = f"SELECT {COLUMNS} FROM decisions ORDER BY seq DESC LIMIT 1"
BY_MARK = f"""
    SELECT {COLUMNS} FROM decisions WHERE seq IN (
        SELECT seq FROM marks WHERE tenant = %s AND mark = %s ORDER BY seq DESC LIMIT %s
    ) ORDER BY seq DESC
"""
IN_RANGE = """
    tenant = %(tenant)s AND id >= %(low)s AND id <= %(high)s
    AND (%(before)s::uuid IS NULL OR id < %(before)s)
    AND (%(entity)s::bytea IS NULL OR entity = %(entity)s)
"""
HORIZON = f"""
    SELECT id FROM decisions WHERE {IN_RANGE} ORDER BY id DESC LIMIT 1 OFFSET %(scan)s - 1
"""
PAGE = f"""
    SELECT {COLUMNS} FROM decisions WHERE {IN_RANGE}
    AND (%(kind)s::text IS NULL OR kind = %(kind)s)
    AND (%(version)s::bigint IS NULL OR version = %(version)s)
    AND (%(decided_from)s::bigint IS NULL OR decided_at >= %(decided_from)s)
    AND (%(decided_before)s::bigint IS NULL OR decided_at < %(decided_before)s)
    ORDER BY id DESC LIMIT %(limit)s + 1
"""
DRIFT = "SELECT coalesce(max(milliseconds), 0) FROM drift"
RESULTS = f"""
    SELECT {RESULT_COLUMNS} FROM results WHERE tenant = %s AND decision = ANY(%s)
    ORDER BY decision, revision
"""
LAST_ID = UUID(bytes=b"\xff" * 16)


class Lookup:
    """Reads through one connection, on one thread at a time."""

    def __init__(self, db: Connection, scan: int) -> None:
        """A page looks at `scan` candidates at most."""
        self._db = db
        self._scan = scan
        self._bodies = bodies()

    def by_id(self, tenant: str, decision_id: str) -> Decision | None:
        """Return the decision, or None; an id that is not a UUID has none."""
        try:
            return self._decision(tenant, UUID(bytes=id_bytes(decision_id)))
        except ValueError:
            return None

    def by_key(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under this key, or None; raise KeyReused on another body."""
        row: Any = self._db.execute(BY_KEY, (tenant, key)).fetchone()
        if row is None:
            return None
        refuse_reuse(bytes(row[0]), body_hash)
        return self._decision(tenant, row[1])

    def by_turn(self, tenant: str, series: str) -> Decision | None:
        """Return the decision that took the last turn of the series, or None."""
        row: Any = self._db.execute(BY_TURN, (tenant, series)).fetchone()
        return None if row is None else self._decision(tenant, row[0])

    def by_mark(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark, newest first; what is damaged is left out."""
        rows = self._db.execute(BY_MARK, (tenant, mark, limit)).fetchall()
        return self._readable(rows)[0]

    def newest(self) -> Decision | None:
        """Return the newest decision of all tenants, or None, also if it cannot be read."""
        decisions, _ = self._readable(self._db.execute(NEWEST).fetchall())
        return decisions[0] if decisions else None

    def bookmark(self, name: str) -> Position | None:
        """Return how far the reader of this name has come, or None."""
        row: Any = self._db.execute(BOOKMARK, (name,)).fetchone()
        return None if row is None else Position(*row)

    def feed_end(self) -> Position:
        """Return the position after all that may be read now."""
        return FeedReader(self._db).end()

    def feed(self, after: Position, wanted: FeedFilter) -> FeedPage:
        """Return the page after a position."""
        return FeedReader(self._db).after(after, wanted)

    def results(self, tenant: str, decision_ids: Sequence[str]) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""
        ids = [UUID(bytes=id_bytes(known)) for known in decision_ids]
        histories: dict[str, list[Result]] = {}
        for result in map(to_result, self._db.execute(RESULTS, (tenant, ids))):
            histories.setdefault(result.decision_id, []).append(result)
        return histories

    def find(self, sought: DecisionFilter) -> Page:
        """Return a page; raise UnknownDecision if `before` is not an id."""
        bindings = self._bindings(sought)
        if bindings["low"] is None:
            return Page([], None)
        horizon: Any = self._db.execute(HORIZON, bindings).fetchone()
        if horizon is not None:
            bindings["low"] = horizon[0]
        rows = self._db.execute(PAGE, bindings).fetchall()
        decisions, damaged = self._readable(rows[: sought.limit])
        if len(rows) > sought.limit:
            return Page(decisions, str(rows[sought.limit - 1][0]), damaged)
        return Page(decisions, None if horizon is None else str(horizon[0]), damaged)

    def _decision(self, tenant: str, identity: UUID) -> Decision | None:
        row = self._db.execute(BY_ID, (tenant, identity)).fetchone()
        return None if row is None else to_decision(row, self._bodies)

    def _readable(self, rows: Sequence[Any]) -> tuple[list[Decision], list[str]]:
        decisions: list[Decision] = []
        damaged: list[str] = []
        for row in rows:
            try:
                decisions.append(to_decision(row, self._bodies))
            except RecordDamaged:
                damaged.append(str(row[0]))
        return decisions, damaged

    def _bindings(self, sought: DecisionFilter) -> dict[str, Any]:
        drift: Any = self._db.execute(DRIFT).fetchone()
        low, high = id_span(sought, drift[0])
        return {
            "tenant": sought.tenant,
            # Beyond the last id there is none.
            "low": None if len(low) > len(LAST_ID.bytes) else UUID(bytes=low.ljust(16, b"\0")),
            "high": LAST_ID
            if len(high) > len(LAST_ID.bytes)
            else UUID(bytes=high.ljust(16, b"\0")),
            "before": sought.before,
            "entity": None if sought.entity is None else sought.entity.encode(),
            "kind": sought.kind,
            "version": sought.version,
            "decided_from": clamped(sought.decided_from),
            "decided_before": clamped(sought.decided_before),
            "limit": sought.limit,
            "scan": self._scan,
        }
