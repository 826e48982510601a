"""What keeps entity state: everything the rest of Dealgate may ask of it, whatever holds it.

1. What is answered is durable, and a call is kept as a whole or not at all.
2. Each commit of a tenant becomes known at one instant, later than every one before it. Nothing
   else has a say in that instant: what is known at an earlier one never changes, except that it is
   forgotten.
3. Revisions of an entity are added, and never overwritten; its activities are a set by their ids.
4. Everything belongs to one tenant.

`tests/journal/test_facts.py` holds every store to it.
"""

from collections.abc import Sequence
from typing import Protocol

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


class FactStore(Protocol):
    """Knows entities. Every method raises Unavailable if the store is out of order."""

    async def put(self, tenant: str, upserts: Sequence[Upsert]) -> Sequence[KeptFacts]:
        """Return what became of each once all are durable.

        Raises Stale (another writer came first), KeyReused (a key came with other contents) and
        EntityFull (the entity would be larger than may be kept): then none is kept.
        """

    async def append(
        self, tenant: str, activities: Sequence[NewActivity]
    ) -> Sequence[KeptActivity]:
        """Return what became of each once all are durable.

        Raises ActivityChanged (its id is known with other contents) and EntityFull: then none is.
        """

    async def known(self, tenant: str, wanted: Sequence[Wanted]) -> Sequence[Known]:
        """Return what was known of each entity at its instant, all as of one read."""

    async def page(
        self, tenant: str, wanted: Wanted, before: tuple[int, str] | None = None
    ) -> Known:
        """Return as `known`, with its activities newest first.

        `before` is the instant and the id of the last activity that was seen already.
        """

    async def entities(self, tenant: str, type_: str, after: str, limit: int) -> Sequence[str]:
        """Return ids of entities of which anything is known, in order, from after one on."""

    async def forget(self, tenant: str, entity: Entity) -> ForgottenState:
        """Return once nothing that is known of an entity can be read any more, at any instant.

        Neither from the store nor from its files: erasure rests on this.
        """

    async def close(self) -> None:
        """Finish what was begun, then release what is open. May be called twice."""
