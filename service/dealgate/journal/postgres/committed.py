"""What is committed about the entries of a batch, read at once and locked against other servers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID
from zlib import crc32

from dealgate.journal.body import Bodies
from dealgate.journal.draft import Entry, bookmarks_in, decisions_in
from dealgate.journal.laws import refuse_reuse, unknown_decision
from dealgate.journal.postgres.connection import Connection
from dealgate.journal.postgres.rows import COLUMNS, RESULT_COLUMNS, to_decision, to_result
from dealgate.journal.record import id_bytes
from dealgate.model.decision import Decision
from dealgate.model.feed import Position
from dealgate.model.results import Result

# ruff: noqa: S608 - statements are built from constants, and from nothing else
# Locks, not keys: few enough for PostgreSQL's table of locks, enough that servers seldom meet.
BUCKETS = 256
CLASS = 0x6465616C
# In one order, so that no two servers wait for each other.
LOCK = """
    SELECT pg_advisory_xact_lock(%s, bucket) FROM unnest(%s::int[]) AS bucket ORDER BY bucket
"""
PAIRS = "SELECT * FROM unnest(%s::text[], %s::text[]) AS wanted (tenant, name)"
KEYS = f"""
    SELECT k.tenant, k.key, k.body_hash, {", ".join(f"d.{c}" for c in COLUMNS.split(", "))}
    FROM ({PAIRS}) AS w JOIN keys AS k ON k.tenant = w.tenant AND k.key = w.name
    JOIN decisions AS d ON d.tenant = k.tenant AND d.id = k.id
"""
TURNS = f"""
    SELECT t.tenant, t.series, t.number
    FROM ({PAIRS}) AS w JOIN turns AS t ON t.tenant = w.tenant AND t.series = w.name
"""
SUBJECTS = "SELECT * FROM unnest(%s::text[], %s::uuid[]) AS wanted (tenant, decision)"
DECISIONS = f"""
    SELECT d.tenant, d.id
    FROM ({SUBJECTS}) AS w JOIN decisions AS d ON d.tenant = w.tenant AND d.id = w.decision
"""
BOOKMARKS = """
    SELECT c.name, c.first, c.second
    FROM unnest(%s::text[]) AS w (name) JOIN bookmarks AS c ON c.name = w.name
"""
RESULTS = f"""
    SELECT {", ".join(f"r.{c}" for c in RESULT_COLUMNS.split(", "))}
    FROM ({SUBJECTS}) AS w JOIN results AS r ON r.tenant = w.tenant AND r.decision = w.decision
    ORDER BY r.revision
"""


class Committed:
    """Answers a draft from what was read when it was made, within one transaction."""

    def __init__(self, db: Connection, bodies: Bodies, entries: Sequence[Entry]) -> None:
        """Lock and read everything that the laws ask about these entries."""
        self._bodies = bodies
        decisions = decisions_in(entries)
        keys = {(d.tenant, d.key) for d in decisions if d.key is not None}
        turns = {(d.tenant, d.turn.series) for d in decisions if d.turn is not None}
        subjects = {pair for e in entries if isinstance(e, Result) for pair in _subject(e)}
        bookmarks = {("", name) for name in bookmarks_in(entries)}
        lock(
            db,
            [
                *named("key", keys),
                *named("turn", turns),
                *named("result", subjects),
                *named("bookmark", bookmarks),
            ],
        )
        self._keys = {row[:2]: row[2:] for row in _ask(db, KEYS, keys)}
        self._turns = {row[:2]: row[2] for row in _ask(db, TURNS, turns)}
        self._subjects = {(t, str(known)) for t, known in _ask(db, DECISIONS, subjects)}
        self._bookmarks = _bookmarks(db, [name for _, name in bookmarks])
        self._results: dict[tuple[str, str], list[Result]] = {}
        for result in map(to_result, _ask(db, RESULTS, subjects)):
            self._results.setdefault((result.tenant, result.decision_id), []).append(result)

    def by_key(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under this key, or None; raise KeyReused on another body."""
        row = self._keys.get((tenant, key))
        if row is None:
            return None
        refuse_reuse(bytes(row[0]), body_hash)
        return to_decision(row[1:], self._bodies)

    def turn(self, tenant: str, series: str) -> int:
        """Return the number of the last turn that was given, or 0."""
        return int(self._turns.get((tenant, series), 0))

    def bookmark(self, name: str) -> Position | None:
        """Return how far the reader of this name has come, or None."""
        return self._bookmarks.get(name)

    def has_decision(self, tenant: str, decision_id: str) -> bool:
        """Tell whether a result could belong to it; raise UnknownDecision if it is not an id."""
        try:
            id_bytes(decision_id)
        except ValueError:
            raise unknown_decision(decision_id) from None
        return (tenant, decision_id) in self._subjects

    def of(self, tenant: str, decision_ids: Sequence[str]) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""
        sequences = {known: self._results.get((tenant, known), []) for known in decision_ids}
        return {known: revisions for known, revisions in sequences.items() if revisions}


def lock(db: Connection, names: Iterable[str]) -> None:
    """Wait until no other server writes what has one of these names; until the transaction ends."""
    buckets = sorted({crc32(name.encode()) % BUCKETS for name in names})
    if buckets:
        db.execute(LOCK, (CLASS, buckets))


def _ask(db: Connection, statement: str, pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
    wanted = list(pairs)
    if not wanted:
        return []
    return db.execute(statement, tuple(map(list, zip(*wanted, strict=True)))).fetchall()


def _bookmarks(db: Connection, names: list[str]) -> Mapping[str, Position]:
    rows: list[Any] = db.execute(BOOKMARKS, (names,)).fetchall() if names else []
    return {name: Position(*position) for name, *position in rows}


def named(what: str, pairs: Iterable[tuple[Any, Any]]) -> Iterable[str]:
    """Return the names of "key", "turn", "result" or "bookmark" by tenant and name or id."""
    return (f"{what}\0{tenant}\0{name}" for tenant, name in pairs)


def _subject(result: Result) -> list[tuple[str, UUID]]:
    try:
        return [(result.tenant, UUID(bytes=id_bytes(result.decision_id)))]
    except ValueError:
        return []
