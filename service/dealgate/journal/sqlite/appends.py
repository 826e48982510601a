"""The statements of an append. The caller holds the transaction and is the only writer."""

from collections.abc import Sequence

import apsw

from dealgate.journal.errors import AlreadyRecorded
from dealgate.journal.laws import refuse_turn
from dealgate.journal.record import Row, to_row
from dealgate.journal.sqlite.dictionaries import bodies_of
from dealgate.journal.sqlite.lookup import Lookup
from dealgate.model.decision import Decision

INSERT = """
    INSERT INTO decisions
        (id, tenant, decided_at, kind, version, entity, outcome, dictionary, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
INSERT_KEY = "INSERT INTO keys (seq, tenant, key, body_hash, decided_at) VALUES (?, ?, ?, ?, ?)"
SWEEP = """
    DELETE FROM keys
    WHERE seq IN (SELECT seq FROM keys ORDER BY seq LIMIT ?) AND decided_at < ?
"""
WIDEN = """
    INSERT INTO drift SELECT :bound
    WHERE :bound > (SELECT coalesce(max(milliseconds), -1) FROM drift)
"""
INSERT_MARKS = "INSERT OR IGNORE INTO marks (tenant, mark, seq) VALUES (?, ?, ?)"
TAKE_TURN = """
    INSERT INTO turns (tenant, series, number, seq) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET number = excluded.number, seq = excluded.seq
"""
MILLISECOND = 1_000_000


class Appends:
    """Appends decisions through one connection, on one thread, within the caller's transaction."""

    def __init__(self, db: apsw.Connection, key_lifetime: int) -> None:
        """`key_lifetime` is in nanoseconds."""
        self._db = db
        self._key_lifetime = key_lifetime
        self.bodies = bodies_of(db)
        self._lookup = Lookup(db, self.bodies)

    def append_plain(self, decisions: Sequence[Decision]) -> None:
        """Insert decisions that have nothing but an id; raise AlreadyRecorded for one of them."""
        rows = [to_row(decision, self.bodies) for decision in decisions]
        try:
            self._db.executemany(INSERT, rows)
        except apsw.ConstraintError as error:
            raise AlreadyRecorded(f"one of {len(rows)}") from error

    def append(self, decision: Decision) -> Decision:
        """Insert and return `decision`, or return the first one under its key.

        Raises KeyReused, TurnTaken and AlreadyRecorded, before it has changed anything.
        """
        if decision.key is not None:
            first = self._lookup.by_key(decision.tenant, decision.key, decision.body_hash)
            if first is not None:
                return first
        if decision.turn is not None:
            refuse_turn(decision.turn, self._lookup.turn(decision.tenant, decision.turn.series))
        self._insert(to_row(decision, self.bodies), decision.id)
        self._insert_beside(decision, self._db.last_insert_rowid())
        return decision

    def widen_drift(self, decisions: Sequence[Decision]) -> None:
        """Record how far ids stray from `decided_at`: a search by time relies on nothing else."""
        drift = max(map(_drift, decisions))
        bound = (1 << drift.bit_length()) - 1  # coarse, so that it hardly ever grows
        self._db.execute(WIDEN, {"bound": bound})

    def sweep(self, decisions: Sequence[Decision]) -> None:
        """Forget keys whose lifetime ended before these decisions were taken."""
        now = max(decision.decided_at for decision in decisions)
        # Twice as many as may have come, so that a backlog shrinks and no commit is held up.
        self._db.execute(SWEEP, (2 * len(decisions) + 16, now - self._key_lifetime))

    def add_dictionary(self, dictionary: bytes, trained_at: int) -> None:
        """Keep a dictionary, trained on records up to `trained_at`, and compress with it."""
        self._db.execute(
            "INSERT INTO dictionaries (trained_at, bytes) VALUES (?, ?)", (trained_at, dictionary)
        )
        self.bodies.use(self._db.last_insert_rowid())

    def _insert(self, row: Row, decision_id: str) -> None:
        try:
            self._db.execute(INSERT, row)
        except apsw.ConstraintError as error:
            raise AlreadyRecorded(decision_id) from error

    def _insert_beside(self, decision: Decision, seq: int) -> None:
        """Insert what the decision is found by besides its id and entity."""
        tenant, turn = decision.tenant, decision.turn
        if decision.key is not None:
            key = (seq, tenant, decision.key, decision.body_hash, decision.decided_at)
            self._db.execute(INSERT_KEY, key)
        if turn is not None:
            self._db.execute(TAKE_TURN, (tenant, turn.series, turn.number, seq))
        if decision.marks:
            self._db.executemany(INSERT_MARKS, [(tenant, mark, seq) for mark in decision.marks])


def _drift(decision: Decision) -> int:
    id_milliseconds = int(decision.id[:8] + decision.id[9:13], 16)
    return abs(id_milliseconds - decision.decided_at // MILLISECOND)
