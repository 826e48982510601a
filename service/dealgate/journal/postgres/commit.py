"""One transaction for a batch of entries: all are durable, or each gets the reason."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg
from psycopg import errors as pg

from dealgate.journal.chain import Sign
from dealgate.journal.damage import DamageLog
from dealgate.journal.draft import CommitVerdict, Draft, Entry, rulesets_of
from dealgate.journal.errors import AlreadyRecorded
from dealgate.journal.halves import by_halves
from dealgate.journal.postgres.committed import Committed
from dealgate.journal.postgres.confirmations import Confirmations, Unconfirmed
from dealgate.journal.postgres.connection import Connection
from dealgate.journal.postgres.links import Links
from dealgate.journal.postgres.rows import (
    COLUMNS,
    RESULT_COLUMNS,
    bodies,
    to_columns,
    to_result_columns,
)
from dealgate.journal.record import Row
from dealgate.journal.results import to_row as result_row
from dealgate.journal.span import drift
from dealgate.journal.standing import JournalHealth
from dealgate.model.decision import Decision
from dealgate.model.errors import Unavailable

RETRY_AFTER = 1.0
SLOW_SECONDS = 5.0  # after which a commit that does not end is reported
ATTEMPTS = 3  # for transactions that PostgreSQL itself asks to repeat
log = logging.getLogger(__name__)

SEQUENCE = "SELECT nextval('decisions_seq') FROM generate_series(1, %s)"
COPY = f"COPY decisions (seq, {COLUMNS}) FROM STDIN"
INSERT_KEY = """
    INSERT INTO keys (tenant, key, body_hash, id, decided_at) VALUES (%s, %s, %s, %s, %s)
"""
TAKE_TURN = """
    INSERT INTO turns (tenant, series, number, id) VALUES (%s, %s, %s, %s)
    ON CONFLICT (tenant, series) DO UPDATE SET number = excluded.number, id = excluded.id
"""
MOVE_BOOKMARK = """
    INSERT INTO bookmarks (name, first, second) VALUES (%s, %s, %s)
    ON CONFLICT (name) DO UPDATE SET first = excluded.first, second = excluded.second
"""
INSERT_MARK = "INSERT INTO marks VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
VALUES = ", ".join(["%s"] * len(RESULT_COLUMNS.split(",")))
INSERT_RESULT = f"INSERT INTO results ({RESULT_COLUMNS}) VALUES ({VALUES})"  # noqa: S608 - constants
INSERT_RULESET = "INSERT INTO rulesets VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
WIDEN = """
    INSERT INTO drift SELECT %(bound)s
    WHERE %(bound)s > (SELECT coalesce(max(milliseconds), -1) FROM drift) ON CONFLICT DO NOTHING
"""
# Not for update: what another server sweeps at this moment is swept.
SWEEP = """
    DELETE FROM keys WHERE (tenant, key) IN (
        SELECT tenant, key FROM keys WHERE decided_at < %s
        ORDER BY decided_at LIMIT %s FOR UPDATE SKIP LOCKED
    )
"""


# On a connection that goes on, nothing would ever be written again; another one may lead elsewhere.
LOST = (Unconfirmed, pg.ReadOnlySqlTransaction)


class Committer:
    """Commits batches through one connection, on one thread; reconnects when it was lost."""

    synced = 0.0  # the database does not tell

    def __init__(
        self,
        open_: Callable[[], Connection],
        key_lifetime: int,
        standing: JournalHealth,
        damage: DamageLog,
        sign: Sign | None = None,
    ) -> None:
        """`key_lifetime` is in nanoseconds; what cannot be kept is told to `standing`."""
        self._open = open_
        self._sign = sign
        self._was_full = False
        self._begun: float | None = None
        self._connect()
        self._key_lifetime = key_lifetime
        self._standing = standing
        self._damage = damage
        self._bodies = bodies()

    def commit(self, entries: Sequence[Entry]) -> Sequence[CommitVerdict]:
        """Return, durable, what each append or attachment returns, or the error it raises.

        Without entries it only tries whether the journal can be written.
        """
        self._begun = time.monotonic()
        try:
            if self._db.closed or self._db.broken:
                self._connect()
                self._try()  # whatever is read from now on is confirmed by the standbys
            verdicts = by_halves(entries, self._written, _is_everybodys) if entries else self._try()
        except Exception as error:  # noqa: BLE001 - the writer must outlive every fault
            # Never the statement: it may hold facts.
            self._standing.failed(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
            self._was_full = isinstance(error, pg.DiskFull)
            if isinstance(error, LOST):
                self._db.close()
            return [_unavailable() for _ in entries]
        finally:
            self._begun = None
        self._was_full = False
        self._standing.worked()
        return verdicts

    def look(self) -> None:
        """Tell of a commit that does not end; from any thread."""
        begun = self._begun
        if begun is not None and time.monotonic() - begun > SLOW_SECONDS:
            self._standing.failed(
                "a commit does not complete: do the standbys of synchronous_standby_names answer?"
            )

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _connect(self) -> None:
        self._db = self._open()
        self._confirmations = Confirmations(self._db)
        # Nobody can know whether the last commit of a lost connection was made.
        self._links = Links(self._db, self._sign)

    def _try(self) -> Sequence[CommitVerdict]:
        self._confirmations.try_(with_room=self._was_full)
        return ()

    def _written(self, entries: Sequence[Entry]) -> Sequence[CommitVerdict]:
        for _ in range(ATTEMPTS - 1):
            with suppress(pg.SerializationFailure, pg.DeadlockDetected):
                return self._attempt(entries)
        return self._attempt(entries)

    def _attempt(self, entries: Sequence[Entry]) -> Sequence[CommitVerdict]:
        try:
            with self._db.transaction():
                committed = Committed(self._db, self._bodies, entries)
                draft = Draft(committed, committed, self._bodies, self._damage)
                verdicts = [draft.judge(entry) for entry in entries]
                self._write(draft)
            self._confirmations.hold()
            self._links.committed()
        except pg.UniqueViolation as error:
            raise AlreadyRecorded(", ".join(decision.id for decision in draft.decisions)) from error
        except psycopg.DataError as error:
            raise OverflowError(
                "this decision contains a value that journals cannot store"
            ) from error
        return verdicts

    def _write(self, draft: Draft) -> None:
        moved = [(name, *position) for name, position in draft.bookmarks.items()]
        self._insert_many(MOVE_BOOKMARK, moved)
        if not draft.is_told:
            return
        rows: Sequence[tuple[int, Row]] = ()
        if draft.decisions:
            rows = self._insert(draft)
            self._forget(draft.decisions)
        self._insert_many(INSERT_RESULT, map(to_result_columns, draft.results))
        self._links.extend(rows, map(result_row, draft.results), draft.note)

    def _insert(self, draft: Draft) -> Sequence[tuple[int, Row]]:
        seqs = [row[0] for row in self._db.execute(SEQUENCE, (len(draft.rows),))]
        with self._db.cursor() as cursor, cursor.copy(COPY) as copy:
            for seq, row in zip(seqs, draft.rows, strict=True):
                copy.write_row((seq, *to_columns(row)))
        self._insert_many(INSERT_KEY, map(_key, (d for d in draft.decisions if d.key is not None)))
        self._insert_many(TAKE_TURN, map(_turn, (d for d in draft.decisions if d.turn is not None)))
        numbered = zip(seqs, draft.decisions, strict=True)
        self._insert_many(INSERT_MARK, ((d.tenant, m, seq) for seq, d in numbered for m in d.marks))
        self._insert_many(INSERT_RULESET, rulesets_of(draft.decisions))
        return list(zip(seqs, draft.rows, strict=True))

    def _insert_many(self, statement: str, rows: Any) -> None:
        bindings = list(rows)
        if bindings:
            with self._db.cursor() as cursor:
                cursor.executemany(statement, bindings)

    def _forget(self, decisions: Sequence[Decision]) -> None:
        self._db.execute(WIDEN, {"bound": drift(decisions)})
        now = max(decision.decided_at for decision in decisions)
        self._db.execute(SWEEP, (now - self._key_lifetime, 2 * len(decisions) + 16))


def _key(decision: Decision) -> tuple[Any, ...]:
    identity = UUID(decision.id)
    return decision.tenant, decision.key, decision.body_hash, identity, decision.decided_at


def _turn(decision: Decision) -> tuple[Any, ...]:
    turn = decision.turn
    return decision.tenant, turn and turn.series, turn and turn.number, UUID(decision.id)


def _is_everybodys(error: Exception) -> bool:
    """Tell whether the database is at fault, rather than an entry that cannot be stored."""
    return isinstance(error, psycopg.Error)


def _unavailable() -> Unavailable:
    return Unavailable(
        "the journal cannot be written; ask again later, with the same idempotency key", RETRY_AFTER
    )
