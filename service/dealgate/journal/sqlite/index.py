"""The index of decisions by entity: a second file, derived from the journal.

Its keys are random, and a random key costs the hot file twenty times the writes of a row. Here they
come in sorted batches, later. The file may be deleted while the journal is closed: it is rebuilt,
and searches are complete in the meantime.
"""

from pathlib import Path

import apsw

from dealgate.journal.sqlite.connection import BUSY_MS
from dealgate.journal.sqlite.file import make_private

FORMAT = 1
SCHEMA = """
    BEGIN IMMEDIATE;
    CREATE TABLE entries (
        tenant TEXT NOT NULL, entity TEXT NOT NULL, id BLOB NOT NULL,
        PRIMARY KEY (tenant, entity, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE progress (through INTEGER NOT NULL, id BLOB NOT NULL) STRICT;
    INSERT INTO progress VALUES (0, x'');
    COMMIT;
"""
ADD = """
    INSERT OR IGNORE INTO entries
    SELECT tenant, entity, id FROM journal.decisions WHERE seq > ? AND seq <= ?
    ORDER BY tenant, entity, id
"""
ADVANCE = """
    UPDATE progress SET (through, id) =
        (SELECT seq, id FROM journal.decisions WHERE seq <= ? ORDER BY seq DESC LIMIT 1)
"""
# The row that was indexed last must still be there: the journal may have been restored.
VALID = """
    SELECT through = 0 OR id IS (SELECT id FROM journal.decisions WHERE seq = through)
    FROM progress
"""
LARGEST_BATCH = 20_000


def index_path(journal: Path) -> Path:
    """Return where the index of `journal` is."""
    return journal.with_name(f"{journal.name}.index")


class Indexer:
    """Fills the index, on one thread."""

    def __init__(self, journal: Path, after: int) -> None:
        """Index whenever `after` decisions are not yet indexed. Discards an index that is off."""
        self._after = after
        try:
            self._db = _open(journal)
        except apsw.Error:
            _discard(journal)
            self._db = _open(journal)

    def run(self) -> bool:
        """Index a batch if it is due; True: there is another."""
        through = self._db.execute("SELECT through FROM progress").get
        newest = self._db.execute("SELECT coalesce(max(seq), 0) FROM journal.decisions").get
        if newest - through < self._after:
            return False
        last = min(newest, through + LARGEST_BATCH)
        with self._db:
            self._db.execute(ADD, (through, last))
            self._db.execute(ADVANCE, (last,))
        return bool(newest - last >= self._after)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()


def _open(journal: Path) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
    make_private(index_path(journal))
    db = apsw.Connection(str(index_path(journal)), flags=flags)
    try:
        _prepare(db, journal)
    except apsw.Error:
        db.close()
        raise
    return db


def _prepare(db: apsw.Connection, journal: Path) -> None:
    db.set_busy_timeout(BUSY_MS)
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", 1)  # NORMAL: may lose its newest part, which is scanned and re-added
    db.execute("ATTACH ? AS journal", (f"{journal.as_uri()}?mode=ro",))
    if db.pragma("user_version") == 0:
        db.execute(SCHEMA)
        db.pragma("user_version", FORMAT)
    if db.pragma("user_version") != FORMAT or not db.execute(VALID).get:
        raise apsw.CorruptError("the index does not belong to this journal")


def _discard(journal: Path) -> None:
    index = index_path(journal)
    for suffix in ("", "-wal", "-shm"):
        index.with_name(f"{index.name}{suffix}").unlink(missing_ok=True)
