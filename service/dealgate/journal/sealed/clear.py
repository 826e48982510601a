"""Records of a journal from before it was encrypted: they are found as they always were."""

from collections.abc import Sequence
from operator import attrgetter

from dealgate.journal.port import Journal
from dealgate.model.decision import Decision, DecisionFilter, Page


class Clear:
    """Looks for records in the clear, in a journal whose newer ones are encrypted."""

    def __init__(self, within: Journal) -> None:
        """See the module."""
        self._within = within

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under this key, if any; raise KeyReused on another body."""
        return await self._within.recall(tenant, key, body_hash)

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark."""
        return await self._within.marked(tenant, mark, limit)

    async def also(self, page: Page, sought: DecisionFilter) -> Page:
        """Return the page with what is sought by an entity in the clear, too.

        Each of the two ends somewhere; beyond the nearer end the other one may lack some.
        """
        older = await self._within.find(sought)
        ends = [end for end in (page.next_before, older.next_before) if end is not None]
        end = max(ends, default="")
        both = sorted((*page.decisions, *older.decisions), key=attrgetter("id"), reverse=True)
        reached = [decision for decision in both if decision.id >= end]
        shown = reached[: sought.limit]
        before = shown[-1].id if len(reached) > len(shown) else end or None
        return Page(shown, before, (*page.damaged, *older.damaged))
