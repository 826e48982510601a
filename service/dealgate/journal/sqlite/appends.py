"""The statements that write a draft. The caller holds the transaction and is the only writer."""

from collections.abc import Sequence
from typing import Any

import apsw

from dealgate.journal.chain import Sign
from dealgate.journal.draft import Draft, rulesets_of
from dealgate.journal.errors import AlreadyRecorded
from dealgate.journal.record import COLUMNS, Row
from dealgate.journal.results import COLUMNS as RESULT_COLUMNS
from dealgate.journal.results import to_row as result_row
from dealgate.journal.span import drift
from dealgate.journal.sqlite.dictionaries import bodies_of
from dealgate.journal.sqlite.feed import END, NEWEST
from dealgate.journal.sqlite.links import Links
from dealgate.model.decision import Decision

# ruff: noqa: S608 - statements are built from constants, and from nothing else
INSERT = f"INSERT INTO decisions (seq, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_KEY = "INSERT INTO keys (seq, tenant, key, body_hash, decided_at) VALUES (?, ?, ?, ?, ?)"
SWEEP = """
    DELETE FROM keys
    WHERE seq IN (SELECT seq FROM keys ORDER BY seq LIMIT ?) AND decided_at < ?
"""
WIDEST = "SELECT coalesce(max(milliseconds), -1) FROM drift"
WIDEN = "INSERT OR IGNORE INTO drift VALUES (?)"
INSERT_MARKS = "INSERT OR IGNORE INTO marks (tenant, mark, seq) VALUES (?, ?, ?)"
TAKE_TURN = """
    INSERT INTO turns (tenant, series, number, seq) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET number = excluded.number, seq = excluded.seq
"""
INSERT_RULESETS = "INSERT OR IGNORE INTO rulesets (kind, version, digest) VALUES (?, ?, ?)"
MOVE_BOOKMARK = """
    INSERT INTO bookmarks (name, first, second) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET first = excluded.first, second = excluded.second
"""
INSERT_POSITION = """
    INSERT INTO result_positions (after, number, tenant, decision, revision) VALUES (?, ?, ?, ?, ?)
"""
INSERT_RESULT = f"INSERT INTO results ({RESULT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Appends:
    """Writes drafts through one connection, on one thread."""

    def __init__(self, db: apsw.Connection, key_lifetime: int, sign: Sign | None = None) -> None:
        """`key_lifetime` is in nanoseconds; with `sign`, links of the chain are signed."""
        self._db = db
        self._links = Links(db, sign)
        self._key_lifetime = key_lifetime
        self.bodies = bodies_of(db)

    def write(self, draft: Draft) -> None:
        """Insert all that is new in the draft; raise AlreadyRecorded if one of the ids is not."""
        for name, position in draft.bookmarks.items():
            self._db.execute(MOVE_BOOKMARK, (name, *position))
        if not draft.is_told:
            return
        self._links.begin()
        rows: Sequence[tuple[int, Row]] = ()
        if draft.decisions:
            rows = self._insert(draft)
            self._widen_drift(draft.decisions)
        results = [result_row(result) for result in draft.results]
        if results:
            self._insert_results(results)
        self._links.extend(rows, results, draft.note)

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

    def _insert(self, draft: Draft) -> Sequence[tuple[int, Row]]:
        first: int = self._db.execute(NEWEST).get + 1
        numbered = list(enumerate(draft.rows, first))
        rows = [(seq, *row) for seq, row in numbered]
        try:
            self._db.executemany(INSERT, rows)
        except apsw.ConstraintError as error:
            raise AlreadyRecorded(", ".join(decision.id for decision in draft.decisions)) from error
        beside = list(enumerate(draft.decisions, first))
        for statement, bindings in (
            (INSERT_KEY, _keys(beside)),
            (TAKE_TURN, _turns(beside)),
            (INSERT_MARKS, _marks(beside)),
            (INSERT_RULESETS, rulesets_of(draft.decisions)),
        ):
            if bindings:
                self._db.executemany(statement, bindings)
        return numbered

    def _insert_results(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert them, and where they stand in the feed: after the newest decision."""
        self._db.executemany(INSERT_RESULT, rows)
        end: Any = self._db.execute(END).fetchone()
        after, number = end
        placed = [(after, number + n, *row[:3]) for n, row in enumerate(rows, 1)]
        self._db.executemany(INSERT_POSITION, placed)

    def _widen_drift(self, decisions: Sequence[Decision]) -> None:
        """Record how far ids stray from `decided_at`: a search by time relies on nothing else."""
        bound = drift(decisions)
        if bound > self._db.execute(WIDEST).get:
            self._db.execute(WIDEN, (bound,))


def _keys(beside: Sequence[tuple[int, Decision]]) -> Sequence[tuple[Any, ...]]:
    return [
        (seq, decision.tenant, decision.key, decision.body_hash, decision.decided_at)
        for seq, decision in beside
        if decision.key is not None
    ]


def _turns(beside: Sequence[tuple[int, Decision]]) -> Sequence[tuple[Any, ...]]:
    return [
        (decision.tenant, decision.turn.series, decision.turn.number, seq)
        for seq, decision in beside
        if decision.turn is not None
    ]


def _marks(beside: Sequence[tuple[int, Decision]]) -> Sequence[tuple[Any, ...]]:
    return [(decision.tenant, mark, seq) for seq, decision in beside for mark in decision.marks]
