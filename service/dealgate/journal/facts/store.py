"""Entity state in a database: one thread writes, some read, each through its own connection."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import local
from typing import Protocol, TypeVar

from dealgate.aside.threads import in_thread
from dealgate.journal.facts.codec import Clear, Codec
from dealgate.journal.facts.ledger import Database, Ledger
from dealgate.model.decision import Entity
from dealgate.model.entity_state import (
    ForgottenState,
    KeptActivity,
    KeptFacts,
    Known,
    NewActivity,
    Upsert,
    Wanted,
)
from dealgate.model.errors import Unavailable

RETRY_AFTER = 1.0
ATTEMPTS = 3
log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class Connection(Database, Protocol):
    """A connection to a database, used by one thread."""

    def transaction(self) -> AbstractContextManager[object]:
        """Within the block, all is done or nothing; it is durable when the block is left."""

    def scrub(self) -> None:
        """Have what was deleted overwritten wherever this database would leave it readable."""

    def close(self) -> None:
        """Close it."""


class ConnectionLost(Exception):
    """A connection was lost before a transaction began, so that nothing was done."""


class Base(Protocol):
    """A database that connections are opened to."""

    @property
    def readers(self) -> int:
        """How many threads may read; 0: the one that writes reads, too."""

    def connect(self, *, reading: bool) -> Connection:
        """Open a connection."""

    def is_ours(self, error: Exception) -> bool:
        """Tell whether an error is one of the database's."""

    def may_repeat(self, error: Exception) -> bool:
        """Tell whether a transaction met another, was undone, and is to be tried again."""


class Store:
    """A FactStore. Belongs to the event loop it is used on."""

    def __init__(
        self,
        base: Base,
        key_lifetime: int,
        clock: Callable[[], int] = time.time_ns,
        codec: Codec | None = None,
    ) -> None:
        """Keep facts in `base`, as `codec` writes them; keys for `key_lifetime` nanoseconds."""
        self._base = base
        self._codec = codec or Clear()
        self._key_lifetime = key_lifetime
        self._clock = clock
        self._own = local()
        self._connections: list[Connection] = []
        self._writer = ThreadPoolExecutor(1, "facts-write")
        few = base.readers
        self._readers = ThreadPoolExecutor(few, "facts-read") if few else self._writer

    async def put(self, tenant: str, upserts: Sequence[Upsert]) -> Sequence[KeptFacts]:
        """Return what became of each once all are durable."""
        now, lifetime = self._clock(), self._key_lifetime
        return await self._write(
            lambda db: Ledger(db, tenant, self._codec).put(upserts, now, lifetime)
        )

    async def append(
        self, tenant: str, activities: Sequence[NewActivity]
    ) -> Sequence[KeptActivity]:
        """Return what became of each once all are durable."""
        now = self._clock()
        return await self._write(lambda db: Ledger(db, tenant, self._codec).append(activities, now))

    async def known(self, tenant: str, wanted: Sequence[Wanted]) -> Sequence[Known]:
        """Return what was known of each entity at its instant."""
        return await self._read(lambda db: Ledger(db, tenant, self._codec).known(wanted))

    async def page(
        self, tenant: str, wanted: Wanted, before: tuple[int, str] | None = None
    ) -> Known:
        """Return what was known, with activities newest first."""
        return await self._read(lambda db: Ledger(db, tenant, self._codec).page(wanted, before))

    async def entities(self, tenant: str, type_: str, after: str, limit: int) -> Sequence[str]:
        """Return ids of entities of which anything is known."""
        return await self._read(
            lambda db: Ledger(db, tenant, self._codec).entities(type_, after, limit)
        )

    async def forget(self, tenant: str, entity: Entity) -> ForgottenState:
        """Return once nothing of an entity can be read any more."""

        def forgotten(db: Connection) -> ForgottenState:
            gone = _within(db, lambda db: Ledger(db, tenant, self._codec).forget(entity))
            db.scrub()
            return gone

        return await self._on(self._writer, forgotten)

    async def close(self) -> None:
        """Finish what was begun, then close the connections."""
        await in_thread(self._close)

    def _close(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        while self._connections:
            self._connections.pop().close()
        self._codec.close()

    async def _write(self, write: Callable[[Database], Answer]) -> Answer:
        return await self._on(self._writer, lambda db: _within(db, write))

    async def _read(self, read: Callable[[Database], Answer]) -> Answer:
        return await self._on(self._readers, lambda db: _within(db, read))

    async def _on(
        self, threads: ThreadPoolExecutor, work: Callable[[Connection], Answer]
    ) -> Answer:
        loop = asyncio.get_running_loop()
        reading = threads is not self._writer
        try:
            running = loop.run_in_executor(threads, self._done, work, reading)
        except RuntimeError as error:
            raise _unavailable() from error
        return await running

    def _done(self, work: Callable[[Connection], Answer], reading: bool) -> Answer:  # noqa: FBT001
        """Work on this thread's connection; one that was lost while idle is opened again."""
        try:
            return self._tried(work, reading)
        except Exception as error:
            if not (isinstance(error, ConnectionLost) or self._base.is_ours(error)):
                raise
            self._drop()
            # The statement may hold facts: its kind has to do.
            log.warning("entity state is out of order: %s", type(error).__name__)
            raise _unavailable() from error

    def _tried(self, work: Callable[[Connection], Answer], reading: bool) -> Answer:  # noqa: FBT001
        for _ in range(ATTEMPTS - 1):
            try:
                return work(self._connected(reading=reading))
            except ConnectionLost:
                self._drop()
            except Exception as error:
                if not self._base.may_repeat(error):
                    raise
        return work(self._connected(reading=reading))

    def _connected(self, *, reading: bool) -> Connection:
        db: Connection | None = getattr(self._own, "db", None)
        if db is None:
            db = self._own.db = self._base.connect(reading=reading)
            self._connections.append(db)
        return db

    def _drop(self) -> None:
        lost: Connection | None = getattr(self._own, "db", None)
        if lost is not None:
            self._own.db = None
            self._connections.remove(lost)
            lost.close()


def _within(db: Connection, work: Callable[[Database], Answer]) -> Answer:
    with db.transaction():
        return work(db)


def _unavailable() -> Unavailable:
    return Unavailable("entity state cannot be read or written now", RETRY_AFTER)
