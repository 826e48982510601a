"""Calls of entity state, observed around its port: no name or fact of an entity is reported."""

import time
from collections.abc import Awaitable, Sequence
from typing import TypeVar

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
from dealgate.model.fact_store import FactStore
from dealgate.telemetry import names
from dealgate.telemetry.exceptions import error_type
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.otlp import kept_pair
from dealgate.telemetry.spans import Tracer

Answer = TypeVar("Answer")

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
STATE = "state"


class WatchedFacts:
    """A store with spans and durations around it."""

    def __init__(self, store: FactStore, tracer: Tracer, meter: Meter) -> None:
        """Watch `store`."""
        self._store = store
        self._tracer = tracer
        self._durations = meter.histogram(names.FACTS_DURATION, BUCKETS)
        self._changes = meter.counter(names.FACTS_CHANGES)

    async def put(self, tenant: str, upserts: Sequence[Upsert]) -> Sequence[KeptFacts]:
        """Put facts."""
        kept = await self._told("put", len(upserts), self._store.put(tenant, upserts))
        self._changes.add(sum(item.changed for item in kept), ("put",))
        return kept

    async def append(
        self, tenant: str, activities: Sequence[NewActivity]
    ) -> Sequence[KeptActivity]:
        """Append activities."""
        appending = self._store.append(tenant, activities)
        kept = await self._told("append", len(activities), appending)
        self._changes.add(sum(item.changed for item in kept), ("append",))
        return kept

    async def known(self, tenant: str, wanted: Sequence[Wanted]) -> Sequence[Known]:
        """Return what was known, for questions."""
        told = (kept_pair(names.LOOKUP_TYPE, STATE),)
        with self._tracer.start(f"lookup {STATE}", pairs=told) as span:
            known = await self._timed("known", self._store.known(tenant, wanted))
            span.set(names.LOOKUP_COUNT, sum(bool(item.revision) for item in known))
        return known

    async def page(
        self, tenant: str, wanted: Wanted, before: tuple[int, str] | None = None
    ) -> Known:
        """Return what was known of one."""
        return await self._told("get", 1, self._store.page(tenant, wanted, before))

    async def entities(self, tenant: str, type_: str, after: str, limit: int) -> Sequence[str]:
        """Return ids."""
        listing = self._store.entities(tenant, type_, after, limit)
        return await self._told("list", limit, listing)

    async def forget(self, tenant: str, entity: Entity) -> ForgottenState:
        """Forget an entity."""
        gone = await self._told("forget", 1, self._store.forget(tenant, entity))
        self._changes.add(int(bool(gone.revisions or gone.activities)), ("forget",))
        return gone

    async def close(self) -> None:
        """Let go of it."""
        await self._store.close()

    async def _told(self, operation: str, count: int, work: Awaitable[Answer]) -> Answer:
        told = (
            kept_pair(names.FACTS_OPERATION, operation),
            kept_pair(names.FACTS_COUNT, count),
        )
        with self._tracer.start(f"facts {operation}", pairs=told):
            return await self._timed(operation, work)

    async def _timed(self, operation: str, work: Awaitable[Answer]) -> Answer:
        began, wrong = time.monotonic(), None
        try:
            return await work
        except BaseException as error:
            wrong = error_type(error)
            raise
        finally:
            self._durations.record(time.monotonic() - began, (operation, wrong))
