"""The state of signals in a database: each call is a transaction, one after the other."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from dealgate.journal.signals.ledger import Database, Ledger
from dealgate.journal.signals.port import (
    Arrived,
    ForgottenSignals,
    Limits,
    Settle,
    SignalsKept,
    StateFailed,
    WaitingEvent,
    WaitingFiring,
)

BETWEEN = "\x1f"  # no tenant's name holds it


class Base(Protocol):
    """A database, with the one connection that the state is written by."""

    def take_turn(self, tenant: str) -> bool:
        """Have the state of a tenant from now on; False: another consumer has it."""

    def transaction(self, tenant: str) -> AbstractContextManager[Database]:
        """Within the block, all is done or nothing; it is durable when the block is left.

        Raises StateUnusable if another consumer has the tenant's state by now.
        """

    def scrub(self) -> None:
        """Have what was deleted overwritten wherever this database would leave it readable."""

    def is_ours(self, error: BaseException) -> bool:
        """Tell whether an error is one of the database's."""

    def close(self) -> None:
        """Close it."""


class Store:
    """A State. Any thread may call it."""

    def __init__(self, base: Base, consumer: str = "") -> None:
        """`base` is this one's own; `consumer` is its name among those of a tenant."""
        self._base, self._consumer = base, consumer
        self._turn = threading.Lock()
        self._counted: dict[str, int] = {}

    def take_turn(self, tenant: str) -> bool:
        """Have the state of a tenant from now on; raises StateFailed."""
        with self._turn, self._failing():
            return self._base.take_turn(self._named(tenant))

    def arrive(self, tenant: str, events: Sequence[WaitingEvent], limits: Limits) -> list[Arrived]:
        """Keep events, each once, and raise the watermark; raises StateFailed."""
        with self._transaction(tenant) as ledger:
            return ledger.arrive(events, limits)

    def pass_time(self, tenant: str, watermark: int) -> None:
        """Raise the watermark; it is never lowered. Raises StateFailed."""
        with self._transaction(tenant) as ledger:
            ledger.pass_time(watermark)

    def settle(self, tenant: str, settle: Settle, most: int) -> int:
        """Settle up to `most` entities whose time has come; return how many. Raises StateFailed."""
        with self._transaction(tenant) as ledger:
            return ledger.settle(settle, most)

    def untold(self, tenant: str, most: int) -> Sequence[WaitingFiring]:
        """Return the firings that wait to be sent, oldest first; raises StateFailed."""
        with self._transaction(tenant) as ledger:
            return ledger.untold(most)

    def told(self, tenant: str, fired: Sequence[WaitingFiring]) -> None:
        """Forget firings that were sent; raises StateFailed."""
        with self._transaction(tenant) as ledger:
            ledger.told(fired)

    def standing(self, tenant: str) -> SignalsKept:
        """Return how much is kept; raises StateFailed."""
        with self._transaction(tenant) as ledger:
            return ledger.standing()

    def forget(self, tenant: str, entity: str) -> ForgottenSignals:
        """Remove all that is kept of an entity, for good; raises StateFailed."""
        with self._transaction(tenant) as ledger:
            forgotten = ledger.forget(entity)
        with self._turn, self._failing():
            self._base.scrub()
        return forgotten

    def close(self) -> None:
        """Close it."""
        with self._turn:
            self._base.close()

    @contextmanager
    def _transaction(self, tenant: str) -> Iterator[Ledger]:
        """Do what is within as a whole, or nothing of it."""
        name = self._named(tenant)
        with self._turn, self._failing(), self._base.transaction(name) as db:
            yield Ledger(db, name, self._counted)

    def _named(self, tenant: str) -> str:
        return f"{tenant}{BETWEEN}{self._consumer}" if self._consumer else tenant

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self._counted.clear()
            if self._base.is_ours(error):
                raise StateFailed(f"the state of signals: {error}") from error
            raise
