"""A store of facts that keeps none."""

from collections.abc import Sequence

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
from dealgate.model.errors import Violation


class NoFacts:
    """Keeps no facts, and finds nothing wrong with any."""

    async def put(self, tenant: str, upserts: Sequence[Upsert]) -> Sequence[KeptFacts]:
        """Keep none."""
        del tenant, upserts
        return ()

    async def append(
        self, tenant: str, activities: Sequence[NewActivity]
    ) -> Sequence[KeptActivity]:
        """Keep none."""
        del tenant, activities
        return ()

    async def known(self, tenant: str, wanted: Sequence[Wanted]) -> Sequence[Known]:
        """Know nothing."""
        del tenant
        return [Known() for _ in wanted]

    async def page(
        self, tenant: str, wanted: Wanted, before: tuple[int, str] | None = None
    ) -> Known:
        """Know nothing."""
        del tenant, wanted, before
        return Known()

    async def entities(self, tenant: str, type_: str, after: str, limit: int) -> Sequence[str]:
        """Know none."""
        del tenant, type_, after, limit
        return ()

    async def forget(self, tenant: str, entity: Entity) -> ForgottenState:
        """There is nothing to forget."""
        del tenant, entity
        return ForgottenState(0, 0)

    async def close(self) -> None:
        """Nothing is open."""

    def facts(self, facts: object, now: int) -> list[Violation]:
        """Find nothing wrong."""
        del facts, now
        return []

    def activity(self, activity: object, now: int) -> list[Violation]:
        """Find nothing wrong."""
        del activity, now
        return []
