"""Reads a journal in PostgreSQL that servers may be writing, in any process."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.laws import unknown_decision
from dealgate.journal.port import Recorded
from dealgate.journal.postgres.connection import connect
from dealgate.journal.postgres.evidence import PostgresEvidence
from dealgate.journal.postgres.lookup import Lookup
from dealgate.journal.postgres.rows import COLUMNS, RESULT_COLUMNS, bodies, to_decision, to_result
from dealgate.model.decision import Decision
from dealgate.model.errors import RecordDamaged, UnknownDecision

BATCH = 1000
# One snapshot, whatever is recorded meanwhile: numbers are given before commits, and out of order.
SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
ROWS = f"""
    SELECT {", ".join(f"d.{column}" for column in COLUMNS.split(", "))},
        {", ".join(f"r.{column}" for column in RESULT_COLUMNS.split(", "))}
    FROM decisions AS d LEFT JOIN results AS r
    ON r.tenant = d.tenant AND r.decision = d.id AND r.revision = (
        SELECT max(revision) FROM results WHERE tenant = d.tenant AND decision = d.id
    )
    WHERE d.tenant = %s AND d.kind = ANY(%s) AND d.decided_at >= %s AND d.seq > %s ORDER BY d.seq
"""  # noqa: S608 - built from constants
POSITION = "SELECT seq FROM decisions WHERE tenant = %s AND id = %s"
EARLIEST = -(2**63)
WIDTH = len(COLUMNS.split(","))


@dataclass(frozen=True, slots=True)
class PostgresReader:
    """Reads the journal that libpq finds under `name`, which holds no password."""

    name: str

    def decision(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision; raises JournalUnusable, UnknownDecision and RecordDamaged."""
        with _readable(), closing(connect(self.name)) as db:
            decision = Lookup(db, BATCH).by_id(tenant, decision_id)
        if decision is None:
            raise UnknownDecision(f"there is no decision {decision_id} of tenant {tenant}")
        return decision

    def of_tenant(self, tenant: str) -> "PostgresTenantReader":
        """Return what reads the decisions of this tenant."""
        return PostgresTenantReader(self.name, tenant)

    @contextmanager
    def evidence(self) -> Iterator[PostgresEvidence]:
        """Within the block, read all tenants' evidence as of one instant."""
        with _readable(), closing(connect(self.name)) as db:
            db.execute(SNAPSHOT)
            yield PostgresEvidence(db)

    def newest(self) -> Decision | None:
        """Return the newest decision of all, as it is kept."""
        with _readable(), closing(connect(self.name)) as db:
            return Lookup(db, BATCH).newest()


@dataclass(frozen=True, slots=True)
class PostgresTenantReader:
    """Reads the decisions of one tenant, in any process."""

    name: str
    tenant: str

    def __call__(
        self, kinds: Sequence[str], since: int | None = None, after: str | None = None
    ) -> Iterator[Recorded | RecordDamaged]:
        """Yield decisions of these kinds as they were recorded, each with its newest result.

        Those recorded after the first is asked for are left out, those decided before `since` and
        those up to `after`, too: servers that write at once may number theirs a little out of
        order. Raises JournalUnusable, and UnknownDecision for `after`.
        """
        packed = bodies()
        with _readable(), closing(connect(self.name)) as db:
            db.execute(SNAPSHOT)
            position = 0 if after is None else _position(db, self.tenant, after)
            asked = (self.tenant, list(kinds), EARLIEST if since is None else since, position)
            with db.cursor("recorded") as cursor:
                cursor.itersize = BATCH
                for row in cursor.execute(ROWS, asked):
                    yield _recorded(row, packed)


def _position(db: Any, tenant: str, decision_id: str) -> int:
    try:
        row = db.execute(POSITION, (tenant, UUID(decision_id))).fetchone()
    except ValueError:
        row = None
    if row is None:
        raise unknown_decision(decision_id)
    return int(row[0])


def _recorded(row: Sequence[Any], packed: Any) -> Recorded | RecordDamaged:
    told = row[WIDTH:]
    try:
        decision = to_decision(row[:WIDTH], packed)
    except RecordDamaged as damage:
        return damage
    return decision, None if told[0] is None else to_result(told)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        reason = str(error).partition("\n")[0]
        raise JournalUnusable(f"the journal in PostgreSQL cannot be read: {reason}") from error
