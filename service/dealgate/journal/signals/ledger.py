"""What is written and read of signals within one transaction, by statements of every database.

An event is a row from its arrival on; its body goes once its time has come, its key a while later,
so that a repeat is known as one. The new state of an entity, and the firings to be sent, are
written together.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeAlias

from dealgate.journal.signals import statements as sql
from dealgate.journal.signals.port import (
    Advanced,
    Arrived,
    Due,
    ForgottenSignals,
    Limits,
    Settle,
    SignalsKept,
    WaitingEvent,
    WaitingFiring,
)

Value: TypeAlias = str | int | bytes | None


class Database(Protocol):
    """One connection, within a transaction."""

    def rows(self, statement: str, *values: Value) -> Sequence[Any]:
        """Run a statement, and return what it selects."""

    def rows_of_each(
        self, statement: str, values: Sequence[Sequence[Value]]
    ) -> Sequence[Sequence[Any]]:
        """Run a statement with each of these values, waiting for the database once."""


class Ledger:
    """The state of one tenant, within one transaction."""

    def __init__(self, db: Database, tenant: str, counted: dict[str, int]) -> None:
        """`db` is within a transaction; `counted` remembers how many entities there are."""
        self._db, self._tenant, self._counted = db, tenant, counted

    def arrive(self, events: Sequence[WaitingEvent], limits: Limits) -> list[Arrived]:
        """Keep events, each once, and raise the watermark."""
        page = _Page(self._db, self._tenant, events)
        newest, watermark = self.times()
        arrived: list[Arrived] = []
        for event in events:
            arrived.append(self._arrive(page, event, watermark, limits))
            if arrived[-1] is Arrived.TAKEN:
                newest = max(newest, event.at)
                watermark = max(watermark, newest - limits.lateness)
        page.write()
        self.pass_time(watermark, newest)
        self._db.rows(sql.DROP_PAST, self._tenant, watermark - limits.remembered)
        return arrived

    def _arrive(
        self, page: "_Page", event: WaitingEvent, watermark: int, limits: Limits
    ) -> Arrived:
        if event.key in page.keys:
            return Arrived.REPEATED
        if event.at < watermark:
            return Arrived.LATE
        if page.waiting[event.entity] >= limits.waiting:
            return Arrived.CROWDED
        if event.entity not in page.entities:
            if self._count() >= limits.entities:
                return Arrived.STRANGER
            self._counted[self._tenant] += 1
        page.take(event)
        return Arrived.TAKEN

    def times(self) -> tuple[int, int]:
        """Return the instant of the newest event, and the watermark."""
        rows = self._db.rows(sql.TIMES, self._tenant)
        return (rows[0][0], rows[0][1]) if rows else (0, 0)

    def pass_time(self, watermark: int, newest: int = 0) -> None:
        """Raise the watermark, and what is newest; neither is lowered."""
        before = self.times()
        after = max(newest, before[0]), max(watermark, before[1])
        if after != before:
            self._db.rows(sql.RAISE, self._tenant, *after)

    def settle(self, settle: Settle, most: int) -> int:
        """Settle up to `most` entities whose time has come; return how many."""
        watermark = self.times()[1]
        until = (self._tenant, watermark)
        entities = [entity for (entity,) in self._db.rows(sql.DUE, *until, *until, most)]
        due = self._due(entities, watermark)
        self._write([settle(entity, watermark) for entity in due])
        return len(due)

    def _due(self, entities: Sequence[str], watermark: int) -> Sequence[Due]:
        keys = [(self._tenant, entity) for entity in entities]
        before = [(*of, watermark) for of in keys]
        states = self._db.rows_of_each(sql.STATES, keys)
        events = self._db.rows_of_each(sql.DUE_EVENTS, before)
        self._db.rows_of_each(sql.DROP_BODIES, before)
        return [
            Due(
                entity, json.loads(held[0][0]) if held else {}, [WaitingEvent(*row) for row in rows]
            )
            for entity, held, rows in zip(entities, states, events, strict=True)
        ]

    def _write(self, advanced: Sequence[Advanced]) -> None:
        tenant = self._tenant
        states = [
            (json.dumps(of.states, separators=(",", ":")), of.wake, tenant, of.entity)
            for of in advanced
        ]
        self._db.rows_of_each(sql.ADVANCE, states)
        over = [(tenant, of.entity) for of in advanced if not of.states]
        if any(self._db.rows_of_each(sql.LEAVE, over)):
            self._counted.pop(tenant, None)
        firings = [fired for of in advanced for fired in of.fired]
        self._db.rows_of_each(sql.FIRE, [(tenant, *_row(fired)) for fired in firings])

    def untold(self, most: int) -> Sequence[WaitingFiring]:
        """Return the firings that wait to be sent, oldest first."""
        return [WaitingFiring(*row) for row in self._db.rows(sql.UNTOLD, self._tenant, most)]

    def told(self, fired: Iterable[WaitingFiring]) -> None:
        """Forget firings that were sent."""
        self._db.rows_of_each(sql.TOLD, [(self._tenant, firing.number) for firing in fired])

    def standing(self) -> SignalsKept:
        """Return how much is kept."""
        waiting, untold = (
            self._number(query, self._tenant) for query in (sql.ALL_WAITING, sql.ALL_UNTOLD)
        )
        return SignalsKept(self.times()[1], self._count(), waiting, untold)

    def forget(self, entity: str) -> ForgottenSignals:
        """Remove all that is kept of an entity."""
        events, entities, fired = (
            len(self._db.rows(query, self._tenant, entity)) for query in sql.FORGET
        )
        self._counted.pop(self._tenant, None)
        return ForgottenSignals(bool(events or entities or fired), events, fired)

    def _count(self) -> int:
        if self._tenant not in self._counted:
            self._counted[self._tenant] = self._number(sql.COUNT, self._tenant)
        return self._counted[self._tenant]

    def _number(self, query: str, *values: Value) -> int:
        return int(self._db.rows(query, *values)[0][0])


class _Page:
    """Events that arrive together, and what is known of them: asked for, and written, in bulk."""

    def __init__(self, db: Database, tenant: str, events: Sequence[WaitingEvent]) -> None:
        self._db, self._tenant = db, tenant
        keys = list({event.key for event in events})
        named = list({event.entity for event in events})
        known = db.rows_of_each(sql.KNOWN, [(tenant, key) for key in keys])
        of = [(tenant, entity) for entity in named]
        waiting, states = db.rows_of_each(sql.COUNT_WAITING, of), db.rows_of_each(sql.STATES, of)
        self.keys = {key for key, rows in zip(keys, known, strict=True) if rows[0][0]}
        self.waiting = {entity: rows[0][0] for entity, rows in zip(named, waiting, strict=True)}
        self.entities = {entity for entity, rows in zip(named, states, strict=True) if rows}
        self._begun: list[str] = []
        self._taken: list[WaitingEvent] = []

    def take(self, event: WaitingEvent) -> None:
        """Have an event written, and its entity, if it is a new one."""
        if event.entity not in self.entities:
            self._begun.append(event.entity)
        self.entities.add(event.entity)
        self.keys.add(event.key)
        self.waiting[event.entity] += 1
        self._taken.append(event)

    def write(self) -> None:
        """Write what was taken."""
        self._db.rows_of_each(sql.BEGIN, [(self._tenant, entity) for entity in self._begun])
        rows = [
            (self._tenant, event.key, event.at, event.entity, event.feed, event.body)
            for event in self._taken
        ]
        self._db.rows_of_each(sql.ARRIVE, rows)


def _row(fired: WaitingFiring) -> tuple[str, str, bytes, str, bytes]:
    return fired.id, fired.entity, fired.signal, fired.request_type, fired.request
