"""Keys beside a journal: an SQLite file that only its owner may read, all of them encrypted.

A tenant's key is encrypted by the master key, a subject's by its tenant's. Which row is whose is an
HMAC, so that the file names nobody. Erasing takes the HMAC and the key out of the row: what remains
is a pseudonym, and that it was somebody's.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sealed import file_sql as sql
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.port import EPOCH, WRAPS, Rewrapped, Row
from dealgate.journal.sqlite.copying import copy_database, making, reason
from dealgate.model.errors import Unavailable
from dealgate.model.private_files import make_private_file, make_private_folder

BUSY_MS = 5000
RETRY_AFTER = 1.0
FULL = 2


class FileKeys:
    """Reads and writes the file through one connection at a time."""

    is_near = True

    def __init__(self, at: KeysAt) -> None:
        """Open the file, creating it; raises JournalUnusable."""
        path = at.path.resolve()
        self.at = KeysAt.file(path)
        with _opening(path):
            _make_private(path)
            self._db = _connect(path)
            self._db.execute(sql.SCHEMA)
        self._seen = self._db.pragma("data_version")
        self._epoch = self.meta(EPOCH)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def is_due(self) -> bool:
        """Tell whether `was_changed` would look: it always does."""
        return True

    def was_changed(self) -> bool:
        """Tell whether a key was destroyed or replaced since this was asked last."""
        with _used():
            now = self._db.pragma("data_version")
        if now == self._seen:
            return False
        self._seen, before = now, self._epoch
        self._epoch = self.meta(EPOCH)
        return self._epoch != before

    def meta(self, name: str) -> str | None:
        """Return what is remembered of the store itself."""
        with _used():
            row: Any = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_meta(self, name: str, value: str, *, first: bool = False) -> None:
        """Remember it, durably; `first`: unless something is remembered already."""
        statement = sql.KEEP_META if first else sql.CHANGE_META
        with self._writing():
            self._db.execute(statement, (name, value))

    def tenant(self, tenant: str) -> Sequence[tuple[int, bytes]]:
        """Return number and encrypted key, in order; none: the tenant has none yet."""
        with _used():
            rows: Any = self._db.execute(sql.TENANT, (tenant,)).fetchall()
        return [(number, wrapped) for number, wrapped in rows]

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a key."""
        with _used():
            rows: Any = self._db.execute(sql.TENANTS).fetchall()
        return [tenant for (tenant,) in rows]

    def keep_tenant(self, tenant: str, number: int, wrapped: bytes, wraps: str | None) -> bool:
        """Keep a tenant's key, durably, unless there is one; False: others were replaced."""
        with self._writing():
            if self.meta(WRAPS) != wraps:
                return False
            self._db.execute(sql.KEEP_TENANT, (tenant, number, wrapped))
            if number:
                self.count_up(EPOCH)
        return True

    def by_names(self, tenant: str, names: Sequence[bytes]) -> Mapping[bytes, tuple[bytes, bytes]]:
        """Return pseudonym and encrypted key of the subjects with these HMACs."""
        rows: dict[bytes, tuple[bytes, bytes]] = {}
        with _used():
            for name in names:
                row: Any = self._db.execute(sql.BY_NAME, (tenant, name)).fetchone()
                if row is not None:
                    rows[name] = (bytes(row[0]), bytes(row[1]))
        return rows

    def by_pseudonyms(self, tenant: str, pseudonyms: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the encrypted keys; subjects that are missing were erased."""
        rows: dict[bytes, bytes] = {}
        with _used():
            for pseudonym in pseudonyms:
                row: Any = self._db.execute(sql.BY_PSEUDONYM, (tenant, pseudonym)).fetchone()
                if row is not None:
                    rows[pseudonym] = bytes(row[1])
        return rows

    def keep(self, rows: Sequence[Row], wraps: str | None) -> bool:
        """Keep new subjects, durably; False: tenants' keys were replaced meanwhile."""
        with self._writing():
            if self.meta(WRAPS) != wraps:
                return False
            self._db.executemany(sql.KEEP, rows)
        return True

    def erase(self, tenant: str, type_: str, pseudonym: bytes, at: int) -> bool:
        """Destroy a subject's key, durably; tell whether there was one."""
        before = self.by_pseudonyms(tenant, [pseudonym])
        with self._writing():
            self._db.execute(sql.ERASE, (pseudonym, tenant, type_, at))
            self.count_up(EPOCH)
        self.scrub()
        return bool(before)

    @contextmanager
    def replacing(self) -> Iterator[None]:
        """Within the block, all is done or nothing, and nobody else writes."""
        with self._writing():
            yield

    def replace_tenant(self, tenant: str, number: int, wrapped: bytes) -> None:
        """Replace a tenant's key, or keep a new one."""
        self._db.execute(sql.CHANGE_TENANT, (tenant, number, wrapped))

    def subjects(self, tenant: str) -> Iterable[Sequence[Rewrapped]]:
        """Return all of a tenant who have a key, some at a time."""
        after = b""
        while True:
            rows: Any = self._db.execute(sql.SUBJECTS, (tenant, after)).fetchall()
            if not rows:
                return
            yield [Rewrapped(*row) for row in rows]
            after = rows[-1][0]

    def replace_subjects(self, rows: Sequence[Rewrapped]) -> None:
        """Replace the encrypted keys of subjects."""
        self._db.executemany(sql.CHANGE_SUBJECT, rows)

    def count_up(self, name: str) -> None:
        """Count up what makes others read their keys again."""
        self._db.execute(sql.NEXT, (name,))

    def scrub(self) -> None:
        """Empty the log: it holds pages as they were before. Pages themselves are overwritten."""
        with _used():
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Within the block, all is done or nothing; a block within another one belongs to it.

        By statements: apsw's own `with` keeps Python's lock while it waits for a writer, who may be
        another thread of this process and needs it.
        """
        with _used():
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def count(self) -> tuple[int, int]:
        """Return how many subjects have a key, and how many were erased."""
        with _used():
            row: Any = self._db.execute("SELECT count(wrapped), count(*) FROM subjects").fetchone()
        return row[0], row[1] - row[0]

    def copy(self, to: Path) -> None:
        """Copy the store into a new file, as of one instant; raise JournalUnusable."""
        if to.exists():
            raise JournalUnusable(f"{to}: exists already; name a file that does not")
        with making(to, self.at.path, to):
            _make_private(to)
            copy_database(self._db, to)


def _connect(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    db.set_busy_timeout(BUSY_MS)
    # What is deleted is overwritten, in the page and in the log.
    db.pragma("secure_delete", 1)
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", FULL)
    db.pragma("fullfsync", 1)
    return db


def _make_private(path: Path) -> None:
    make_private_folder(path.parent)
    if not path.exists():
        make_private_file(path)
    elif os.name == "posix" and path.stat().st_mode & 0o077:
        raise JournalUnusable(
            f"{path}: others on this machine may read the keys; chmod 600 {path}*"
        )


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise JournalUnusable(
            f"{path}: cannot be opened as a key store: {reason(error)}"
        ) from error


@contextmanager
def _used() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise Unavailable(
            "the key store cannot be used; ask again later, with the same idempotency key",
            RETRY_AFTER,
        ) from error
