"""Several writers of one journal that stand for one: whoever asks is served by the next of them."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

from dealgate.assemble.sealing import kind_messages
from dealgate.journal.bookmarks import BookmarkMove, Claim
from dealgate.journal.commits import Commits
from dealgate.journal.limits import DEFAULTS, Limits
from dealgate.journal.port import Journal, Outcomes
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.master import new_master_key
from dealgate.journal.sealed.opening import sealed_journal
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.urls import open_journal
from dealgate.model.audit import Audited
from dealgate.model.decision import Decision, DecisionFilter, Page
from dealgate.model.feed import FeedFilter, FeedPage, Position
from dealgate.model.results import Result

WRITERS = 3
SEVERAL = "|several"  # behind the URL of a database
VAULT = "|vault"  # several, who encrypt, with their keys in the same database
SEALED = "|sealed"  # behind any: with a journal around it that encrypts what is personal


async def open_kept(url: str, limits: Limits = DEFAULTS, keys: Path | None = None) -> Journal:
    """Open the journal; one that is shared is opened by three writers, who behave as one.

    One that is sealed has its keys in the folder `keys`.
    """
    if url.endswith(SEALED) and keys is not None:
        return await sealed(await open_kept(url.removesuffix(SEALED), limits), keys)
    if url.endswith(VAULT) and keys is not None:
        new_master_key(keys / "master.key")
        sealing = Sealing(kind_messages, keys / "master.key")
        url = f"{url.removesuffix(VAULT)}&keys=database"
        return Several([await open_journal(url, limits, sealing) for _ in range(2)])
    if not url.endswith(("?shared", SEVERAL)):
        return await open_journal(url, limits)
    opening = (open_journal(url.removesuffix(SEVERAL), limits) for _ in range(WRITERS))
    return Several(await asyncio.gather(*opening))


async def sealed(journal: Journal, keys: Path) -> Journal:
    """Put a journal around another that encrypts what is personal."""
    master = keys / "master.key"
    new_master_key(master)
    return await sealed_journal(
        journal, Sealing(kind_messages, master), KeysAt.file(keys / "journal.keys")
    )


class Several:
    """Hands each call to the next writer: what one of them promised, all have to keep."""

    def __init__(self, writers: Sequence[Journal]) -> None:
        self.writers = writers
        self._turn = cycle(writers)

    @property
    def fault(self) -> str | None:
        """What is wrong with any of them."""
        return next(filter(None, (writer.fault for writer in self.writers)), None)

    @property
    def commits(self) -> Commits:
        """How the first of them commits."""
        return self.writers[0].commits

    async def append(self, decision: Decision) -> Decision:
        """Append by the next writer."""
        return await next(self._turn).append(decision)

    async def append_all(self, decisions: Sequence[Decision]) -> Outcomes:
        """Append by the next writer."""
        return await next(self._turn).append_all(decisions)

    async def append_together(self, decisions: Sequence[Decision]) -> Decision:
        """Append by the next writer."""
        return await next(self._turn).append_together(decisions)

    async def note(self, audited: Audited) -> None:
        """Note by the next writer."""
        await next(self._turn).note(audited)

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Ask the next writer."""
        return await next(self._turn).recall(tenant, key, body_hash)

    async def get(self, tenant: str, decision_id: str) -> Decision:
        """Ask the next writer."""
        return await next(self._turn).get(tenant, decision_id)

    async def find(self, sought: DecisionFilter) -> Page:
        """Ask the next writer."""
        return await next(self._turn).find(sought)

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Ask the next writer."""
        return await next(self._turn).marked(tenant, mark, limit)

    async def last_of(self, tenant: str, series: str) -> Decision | None:
        """Ask the next writer."""
        return await next(self._turn).last_of(tenant, series)

    async def attach(self, result: Result) -> Result:
        """Attach by the next writer."""
        return await next(self._turn).attach(result)

    async def results(
        self, tenant: str, decision_ids: Sequence[str]
    ) -> Mapping[str, Sequence[Result]]:
        """Ask the next writer."""
        return await next(self._turn).results(tenant, decision_ids)

    @property
    def feed_id(self) -> bytes:
        """All of them have one."""
        (feed_id,) = {writer.feed_id for writer in self.writers}
        return feed_id

    async def feed_end(self) -> Position:
        """Ask the next writer."""
        return await next(self._turn).feed_end()

    async def feed(self, after: Position, wanted: FeedFilter) -> FeedPage:
        """Ask the next writer."""
        return await next(self._turn).feed(after, wanted)

    async def bookmark(self, name: str) -> Position | None:
        """Ask the next writer."""
        return await next(self._turn).bookmark(name)

    async def move_bookmark(self, move: BookmarkMove) -> BookmarkMove:
        """Move it by the next writer."""
        return await next(self._turn).move_bookmark(move)

    async def claim(self, claim: Claim) -> Claim:
        """Claim it in the next one."""
        return await next(self._turn).claim(claim)

    async def close(self) -> None:
        """Close all of them."""
        for writer in self.writers:
            await writer.close()
