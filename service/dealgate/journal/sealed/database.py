"""Keys in a database of PostgreSQL, so that servers on several machines share them.

They are in a schema of their own, which a dump can leave out. Erasing takes the key out of the
newest version of a row; older versions stay in pages, in the log and in copies of the database
until they are overwritten, encrypted: `Keyring.rotate_master` makes them useless.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sealed import database_sql as sql
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.port import BOUND, EPOCH, WRAPS, Rewrapped, Row
from dealgate.model.errors import Unavailable

try:
    import psycopg
    from psycopg import conninfo
    from psycopg import errors as pg

    from dealgate.journal.postgres.confirmations import Confirmations
    from dealgate.journal.postgres.connection import Connection, connect, connect_writing
except ImportError as error:
    raise JournalUnusable(
        "keys in PostgreSQL need psycopg: pip install 'dealgate[postgres]'"
    ) from error

RETRY_AFTER = 1.0
# What libpq reads in PGPASSWORD is the journal's.
PASSWORD = "DEALGATE_KEYS_PGPASSWORD"  # noqa: S105 - the name of a variable
# Any number will do, as long as nobody else in the database takes it.
LOCK = 0x6B657973
# Those of a connection that was lost while it was idle, or leads to a server that only reads now.
LOST = (psycopg.OperationalError, pg.ReadOnlySqlTransaction)

Answer = TypeVar("Answer")


class DatabaseKeys:
    """Reads and writes the database through one connection at a time."""

    is_near = False

    def __init__(self, at: KeysAt) -> None:
        """Connect, creating the tables; raises JournalUnusable. Blocks."""
        self.at = resolved(at)
        self._replacing = False
        with _opening(self.at):
            self._connect()
            _create(self._db)
        self._looked = time.monotonic()
        self._epoch = self.meta(EPOCH)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def is_due(self) -> bool:
        """Tell whether the last look is older than what may be relied on."""
        return time.monotonic() - self._looked >= BOUND

    def was_changed(self) -> bool:
        """Tell whether a key was destroyed or replaced since the last look, if one is due."""
        if not self.is_due():
            return False
        begun, before = time.monotonic(), self._epoch
        self._epoch = self.meta(EPOCH)
        self._looked = begun
        return self._epoch != before

    def meta(self, name: str) -> str | None:
        """Return what is remembered of the store itself."""
        value: str | None = self._use(lambda db: _value(db, sql.META, name))
        return value

    def keep_meta(self, name: str, value: str, *, first: bool = False) -> None:
        """Remember it; `first`: unless something is remembered already."""
        statement = sql.FIRST_META if first else sql.KEEP_META
        self._use(lambda db: db.execute(statement, (name, value)))

    def tenant(self, tenant: str) -> Sequence[tuple[int, bytes]]:
        """Return number and encrypted key, in order; none: the tenant has none yet."""
        return self._use(lambda db: db.execute(sql.TENANT, (tenant,)).fetchall())

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a key."""
        return [tenant for (tenant,) in self._use(lambda db: db.execute(sql.TENANTS).fetchall())]

    def keep_tenant(self, tenant: str, number: int, wrapped: bytes, wraps: str | None) -> bool:
        """Keep a tenant's key, unless there is one; False: others were replaced."""

        def keep(db: Connection) -> bool:
            with db.transaction():
                if _value(db, sql.META_HELD, WRAPS) != wraps:
                    return False
                if number:
                    db.execute(sql.NEXT, (EPOCH,))
                db.execute(sql.KEEP_TENANT, (tenant, number, wrapped))
            return True

        return self._use(keep)

    def by_names(self, tenant: str, names: Sequence[bytes]) -> Mapping[bytes, tuple[bytes, bytes]]:
        """Return pseudonym and encrypted key of the subjects with these HMACs."""
        asked = (tenant, list(names))
        rows = self._use(lambda db: db.execute(sql.BY_NAMES, asked).fetchall())
        return {name: (pseudonym, wrapped) for name, pseudonym, wrapped in rows}

    def by_pseudonyms(self, tenant: str, pseudonyms: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the encrypted keys; subjects that are missing were erased."""
        asked = (tenant, list(pseudonyms))
        return dict(self._use(lambda db: db.execute(sql.BY_PSEUDONYMS, asked).fetchall()))

    def keep(self, rows: Sequence[Row], wraps: str | None) -> bool:
        """Keep new subjects; False: tenants' keys were replaced meanwhile."""
        # In one order, so that no two servers wait for each other.
        ordered = sorted(rows, key=lambda row: (row.tenant, row.name))

        def keep(db: Connection) -> bool:
            with db.transaction():
                if _value(db, sql.META_HELD, WRAPS) != wraps:
                    return False
                with db.cursor() as cursor:
                    cursor.executemany(sql.KEEP, ordered)
            return True

        return self._use(keep)

    def erase(self, tenant: str, type_: str, pseudonym: bytes, at: int) -> bool:
        """Destroy a subject's key; tell whether there was one."""
        values = {"pseudonym": pseudonym, "tenant": tenant, "type": type_, "at": at}
        before = self.by_pseudonyms(tenant, [pseudonym])

        def erase(db: Connection) -> None:
            with db.transaction():
                db.execute(sql.NEXT, (EPOCH,))
                db.execute(sql.ERASE, values)

        self._use(erase)
        with suppress(psycopg.Error):  # autovacuum comes by, too
            self._db.execute("VACUUM dealgate_keys.subjects")
        return bool(before)

    @contextmanager
    def replacing(self) -> Iterator[None]:
        """Within the block, all is done or nothing, and nobody else writes."""
        self._use(lambda db: db.execute("SELECT 1"))  # on a connection that is there
        self._replacing = True
        try:
            with _told(), self._db.transaction():
                self._db.execute(f"LOCK TABLE {sql.TABLES} IN EXCLUSIVE MODE")
                yield
        finally:
            self._replacing = False

    def replace_tenant(self, tenant: str, number: int, wrapped: bytes) -> None:
        """Replace a tenant's key, or keep a new one."""
        self._db.execute(sql.CHANGE_TENANT, (tenant, number, wrapped))

    def subjects(self, tenant: str) -> Iterable[Sequence[Rewrapped]]:
        """Return all of a tenant who have a key, some at a time."""
        after = b""
        while rows := self._db.execute(sql.SUBJECTS, (tenant, after)).fetchall():
            yield [Rewrapped(*row) for row in rows]
            after = rows[-1][0]

    def replace_subjects(self, rows: Sequence[Rewrapped]) -> None:
        """Replace the encrypted keys of subjects."""
        with self._db.cursor() as cursor:
            cursor.executemany(sql.CHANGE_SUBJECT, [(row.wrapped, row.pseudonym) for row in rows])

    def count_up(self, name: str) -> None:
        """Count up what makes others read their keys again."""
        self._db.execute(sql.NEXT, (name,))

    def scrub(self) -> None:
        """Rewrite the tables, and flush what is still in memory; the log is PostgreSQL's."""
        with suppress(psycopg.Error):  # who may not checkpoint waits for the next one
            for table in sql.TABLES.split(", "):
                self._db.execute(f"VACUUM FULL {table}")
            self._db.execute("CHECKPOINT")

    def count(self) -> tuple[int, int]:
        """Return how many subjects have a key, and how many were erased."""
        row: Any = self._use(lambda db: db.execute(sql.COUNT).fetchone())
        return row[0], row[1] - row[0]

    def copy(self, to: Path) -> None:
        """Raise JournalUnusable: a database is copied by what copies databases."""
        raise JournalUnusable(
            f"{self.at}: is a database; to copy the keys to {to}: "
            "pg_dump --schema=dealgate_keys, and keep it apart from copies of the journal"
        )

    def _use(self, work: Callable[[Connection], Answer]) -> Answer:
        with _told():
            if self._replacing:
                return work(self._db)
            try:
                return self._done(work)
            except LOST:
                self._db.close()
                return self._done(work)

    def _done(self, work: Callable[[Connection], Answer]) -> Answer:
        """Return what it does, once the standbys that commits wait for have confirmed it.

        A key that was destroyed on one server alone would be back after a fail-over.
        """
        if self._db.closed or self._db.broken:
            self._connect()
        answer = work(self._db)
        self._confirmations.hold()
        return answer

    def _connect(self) -> None:
        self._db = connect_writing(self.at.name, password=os.environ.get(PASSWORD))
        self._confirmations = Confirmations(self._db)


def has_keys(at: KeysAt) -> bool:
    """Tell whether there is a key store; raises JournalUnusable."""
    resolved_at = resolved(at)
    with (
        _opening(at),
        closing(connect(resolved_at.name, password=os.environ.get(PASSWORD))) as db,
    ):
        return bool(_value(db, sql.IS_THERE))


def resolved(at: KeysAt) -> KeysAt:
    """Return the name as libpq reads it, less its password, which processes of ours inherit."""
    try:
        options = conninfo.conninfo_to_dict(at.name)
    except psycopg.ProgrammingError as error:
        raise JournalUnusable("the keys' URL is not one that PostgreSQL can read") from error
    password = options.pop("password", None)
    if password is not None:
        os.environ[PASSWORD] = str(password)
    return at._replace(name="postgresql:///?" + urlencode(options, quote_via=quote))


def _create(db: Connection) -> None:
    if _value(db, sql.IS_THERE):
        return
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        for statement in sql.SCHEMA:
            db.execute(statement)
        # What is counted is there to be locked.
        for name in (EPOCH, WRAPS):
            db.execute(sql.FIRST_META, (name, "0"))


def _value(db: Connection, statement: str, *asked: str) -> Any:
    row = db.execute(statement, asked or None).fetchone()
    return None if row is None else row[0]


@contextmanager
def _opening(at: KeysAt) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        reason = str(error).partition("\n")[0]
        raise JournalUnusable(f"{at}: cannot be opened as a key store: {reason}") from error


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, JournalUnusable) as error:  # unusable: it may lose what it commits
        raise Unavailable(
            "the key store cannot be used; ask again later, with the same idempotency key",
            RETRY_AFTER,
        ) from error
