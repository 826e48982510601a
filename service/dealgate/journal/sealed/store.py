"""The keys beside a journal: an SQLite file that only its owner may read, all of them encrypted.

A tenant's key is encrypted by the master key, a subject's by its tenant's. Which row is whose is an
HMAC, so that the file names nobody. Erasing takes the HMAC and the key out of the row: what remains
is a pseudonym, and that it was somebody's.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from dealgate.journal.errors import JournalUnusable
from dealgate.model.errors import Unavailable

BUSY_MS = 5000
RETRY_AFTER = 1.0
FULL = 2
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tenants (
    tenant TEXT NOT NULL, version INTEGER NOT NULL, wrapped BLOB NOT NULL,
    PRIMARY KEY (tenant, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subjects (
    pseudonym BLOB PRIMARY KEY, tenant TEXT NOT NULL, type TEXT NOT NULL, name BLOB, wrapped BLOB,
    made_at INTEGER NOT NULL, erased_at INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS subjects_by_name ON subjects (tenant, name)
    WHERE name IS NOT NULL;
"""
KEEP_META = "INSERT OR IGNORE INTO meta VALUES (?, ?)"
CHANGE_META = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
KEEP_TENANT = "INSERT OR IGNORE INTO tenants (tenant, version, wrapped) VALUES (?, ?, ?)"
TENANT = "SELECT version, wrapped FROM tenants WHERE tenant = ? ORDER BY version"
KEEP = """
    INSERT INTO subjects (pseudonym, tenant, type, name, wrapped, made_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, name) WHERE name IS NOT NULL DO NOTHING
"""
BY_NAME = "SELECT pseudonym, wrapped FROM subjects WHERE tenant = ? AND name = ?"
BY_PSEUDONYM = """
    SELECT pseudonym, wrapped FROM subjects
    WHERE tenant = ? AND pseudonym = ? AND wrapped IS NOT NULL
"""
# Erasing is idempotent, and also applies to a pseudonym that a restored store does not know yet.
ERASE = """
    INSERT INTO subjects (pseudonym, tenant, type, made_at, erased_at) VALUES (?1, ?2, ?3, ?4, ?4)
    ON CONFLICT (pseudonym) DO UPDATE SET name = NULL, wrapped = NULL, erased_at = ?4
    WHERE wrapped IS NOT NULL
"""
# Counts what makes keys that were read before invalid.
NEXT = """
    INSERT INTO meta VALUES ('epoch', '1')
    ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1
"""


class Row(NamedTuple):
    """A subject as it is kept: its pseudonym, type, HMAC, and its encrypted key."""

    pseudonym: bytes
    tenant: str
    type: str
    name: bytes
    wrapped: bytes
    made_at: int


class KeyStore:
    """Reads and writes the file through one connection at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file, creating it; raises JournalUnusable."""
        self.path = path.resolve()
        with _opening(self.path):
            _make_private(self.path)
            self._db = _connect(self.path)
            self._db.execute(SCHEMA)
        self._seen = self._db.pragma("data_version")
        self._epoch = self._number()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def was_changed(self) -> bool:
        """Tell whether a key was destroyed or replaced since this was asked last."""
        with _used():
            now = self._db.pragma("data_version")
        if now == self._seen:
            return False
        self._seen, before = now, self._epoch
        self._epoch = self._number()
        return self._epoch != before

    def meta(self, name: str) -> str | None:
        """Return what is remembered of the store itself."""
        with _used():
            row: Any = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_meta(self, name: str, value: str, *, first: bool = False) -> None:
        """Remember it, durably; `first`: unless something is remembered already."""
        statement = KEEP_META if first else CHANGE_META
        with _used(), self._db:
            self._db.execute(statement, (name, value))

    def tenant(self, tenant: str) -> Sequence[tuple[int, bytes]]:
        """Return version and encrypted key, oldest first; none: the tenant has none yet."""
        with _used():
            rows: Any = self._db.execute(TENANT, (tenant,)).fetchall()
        return [(version, wrapped) for version, wrapped in rows]

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a key."""
        with _used():
            rows: Any = self._db.execute(
                "SELECT DISTINCT tenant FROM tenants ORDER BY 1"
            ).fetchall()
        return [tenant for (tenant,) in rows]

    def keep_tenant(self, tenant: str, version: int, wrapped: bytes) -> None:
        """Keep a tenant's key, durably, unless there is one of this version."""
        with _used(), self._db:
            self._db.execute(KEEP_TENANT, (tenant, version, wrapped))
            if version:
                self._db.execute(NEXT)

    def rewrap(self, kms: str, keys: Sequence[tuple[str, int, bytes]]) -> None:
        """Replace the encrypted keys of tenants, all or none, and name the new master key."""
        with _used(), self._db:
            self._db.executemany(
                "UPDATE tenants SET wrapped = ?3 WHERE tenant = ?1 AND version = ?2", keys
            )
            self._db.execute(CHANGE_META, ("kms", kms))
            self._db.execute(NEXT)
        self._forget_log()

    def by_name(self, tenant: str, name: bytes) -> tuple[bytes, bytes] | None:
        """Return pseudonym and encrypted key of the subject with this HMAC."""
        with _used():
            row: Any = self._db.execute(BY_NAME, (tenant, name)).fetchone()
        return None if row is None else (bytes(row[0]), bytes(row[1]))

    def by_pseudonym(self, tenant: str, pseudonym: bytes) -> bytes | None:
        """Return the encrypted key; None: it was erased."""
        with _used():
            row: Any = self._db.execute(BY_PSEUDONYM, (tenant, pseudonym)).fetchone()
        return None if row is None else bytes(row[1])

    def keep(self, rows: Sequence[Row]) -> None:
        """Keep new subjects, durably; who is there already stays."""
        with _used(), self._db:
            self._db.executemany(KEEP, rows)

    def erase(self, tenant: str, type_: str, pseudonym: bytes, at: int) -> bool:
        """Destroy a subject's key, durably; tell whether there was one."""
        before = self.by_pseudonym(tenant, pseudonym)
        with _used(), self._db:
            self._db.execute(ERASE, (pseudonym, tenant, type_, at))
            self._db.execute(NEXT)
        self._forget_log()
        return before is not None

    def count(self) -> tuple[int, int]:
        """Return how many subjects have a key, and how many were erased."""
        with _used():
            row: Any = self._db.execute("SELECT count(wrapped), count(*) FROM subjects").fetchone()
        return row[0], row[1] - row[0]

    def copy(self, to: Path) -> None:
        """Copy the store into a new file, as of one instant; raise JournalUnusable."""
        if to.exists():
            raise JournalUnusable(f"{to}: exists already; name a file that does not")
        with _opening(to):
            _make_private(to)
            with closing(apsw.Connection(str(to))) as copy:
                with copy.backup("main", self._db, "main") as copying:
                    while not copying.done:
                        copying.step()
                copy.pragma("journal_mode", "delete")

    def _number(self) -> str | None:
        return self.meta("epoch")

    def _forget_log(self) -> None:
        """Empty the log: it holds pages as they were before."""
        with _used():
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def _connect(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    db.set_busy_timeout(BUSY_MS)
    # What is deleted is overwritten, in the page and in the log.
    db.pragma("secure_delete", 1)
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", FULL)
    db.pragma("fullfsync", 1)
    db.transaction_mode = "IMMEDIATE"
    return db


def _make_private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    elif os.name == "posix" and path.stat().st_mode & 0o077:
        raise JournalUnusable(
            f"{path}: others on this machine may read the keys; chmod 600 {path}*"
        )


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise JournalUnusable(f"{path}: cannot be opened as a key store: {error}") from error


@contextmanager
def _used() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise Unavailable(
            "the key store cannot be used; ask again later, with the same idempotency key",
            RETRY_AFTER,
        ) from error
