"""Follows a journal for many readers: what is new is read once, and kept for a while.

A reader that keeps up is served from what is kept; one that falls behind reads the journal itself,
at its own pace. So readers hold nothing but their position, and a slow one costs no memory.
"""

import asyncio
from bisect import bisect_right
from collections import deque
from contextlib import suppress
from itertools import islice
from operator import attrgetter
from time import monotonic
from typing import Protocol, runtime_checkable

from dealgate.journal.bookmarks import BookmarkMove
from dealgate.journal.commits import Commit, Commits
from dealgate.journal.feed_secret import feed_secret
from dealgate.model.feed import (
    ALL,
    START,
    FeedDamage,
    FeedFilter,
    FeedItem,
    FeedPage,
    FeedSecret,
    Position,
)

KEPT, KEPT_BYTES = 1024, 8 * 2**20
# Polling interval (seconds) of a journal that others write to, too: their commits are not reported.
POLL = 0.25
OVERHEAD = 512  # bytes of an event besides its facts and answer, about


class Journal(Protocol):
    """What is followed."""

    @property
    def commits(self) -> Commits:
        """Tells of this process's commits."""

    @property
    def feed_id(self) -> bytes:
        """What tells this journal from any other."""

    async def feed_end(self) -> Position:
        """Return the position after all that is recorded."""

    async def feed(self, after: Position, wanted: FeedFilter) -> FeedPage:
        """Return what was recorded after that position, in order."""

    async def bookmark(self, name: str) -> Position | None:
        """Return where a bookmark is; None: there is none."""

    async def move_bookmark(self, move: BookmarkMove) -> BookmarkMove:
        """Return `move` once it is durable; raise BookmarkMoved if another moved it."""


@runtime_checkable
class Erasable(Protocol):
    """A journal in which somebody's data can be erased."""

    async def forgotten(self) -> int:
        """Return a number that changes when what was read before may say too much."""


class JournalFeed:
    """The feed of a journal. Belongs to the event loop it is made on."""

    def __init__(
        self, journal: Journal, poll: float = POLL, kept: int = KEPT, kept_bytes: int = KEPT_BYTES
    ) -> None:
        """Poll every `poll` seconds; keep at most `kept` items, of `kept_bytes` together."""
        self._journal = journal
        self._loop = asyncio.get_running_loop()
        self._poll = poll
        self._kept, self._kept_bytes = kept, kept_bytes
        self._items: deque[FeedItem] = deque()
        self._bytes = 0
        self._from = self._to = START
        self._followed = False
        self._began = 0  # how often: what was read before the last time is not kept
        self._stale = True
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._changed = asyncio.Event()
        self._waiting = 0
        self._erasable = journal if isinstance(journal, Erasable) else None
        self._forgotten = 0
        self._secret: FeedSecret | None = None
        journal.commits.tell(self._committed)

    @property
    def feed_id(self) -> bytes:
        """What tells this journal from any other."""
        return self._journal.feed_id

    async def secret(self) -> FeedSecret:
        """Return what seals positions; raises Unavailable."""
        if self._secret is None:
            self._secret = await feed_secret(self._journal)
        return self._secret

    async def end(self) -> Position:
        """Return the position after all that is recorded."""
        return await self._journal.feed_end()

    async def after(self, position: Position, wanted: FeedFilter) -> FeedPage:
        """Return the next items; raises Unavailable."""
        await self._forget_erased()
        if not self._followed:
            self._begin(position)
        if position >= self._to:
            await self._read_on(position)
        if position > self._to:  # too far ahead to read all that lies between
            self._begin(position)
        if self._from <= position < self._to:
            return self._from_kept(position, wanted)
        if position == self._to:
            return FeedPage((), position, more=False)
        return await self._journal.feed(position, wanted)

    async def wait(self, position: Position) -> None:
        """Return when there may be more than what lies before `position`."""
        self._waiting += 1  # before the look: who commits looks the other way round
        try:
            if position == self._to and not self._stale:
                async with asyncio.timeout(self._poll):
                    await self._changed.wait()
        except TimeoutError:
            self._stale = True  # others may have committed
        finally:
            self._waiting -= 1

    async def _forget_erased(self) -> None:
        """Discard what is kept once somebody was erased: the journal is read instead."""
        if self._erasable is None:
            return
        forgotten = await self._erasable.forgotten()
        if forgotten != self._forgotten:
            self._forgotten = forgotten
            if self._followed:
                self._begin(self._to)

    def _begin(self, position: Position) -> None:
        """Keep what follows `position`: a reader that is further than all others is at the end."""
        self._items.clear()
        self._bytes = 0
        self._from = self._to = position
        self._began += 1
        self._followed = self._stale = True

    async def _read_on(self, position: Position) -> None:
        """Read what is new, once for all who wait for it."""
        async with self._reading:
            at = monotonic()
            if position < self._to or not (self._stale or at - self._read_at >= self._poll):
                return
            self._stale = False
            self._changed.clear()
            began = self._began
            page = await self._journal.feed(self._to, ALL)
            if began == self._began:  # else what it holds may have been erased meanwhile
                self._keep(page)
                self._read_at = at
            self._stale = self._stale or page.more

    def _keep(self, page: FeedPage) -> None:
        self._items.extend(page.items)
        self._bytes += sum(map(_size, page.items))
        self._to = page.position
        while len(self._items) > self._kept or self._bytes > self._kept_bytes:
            oldest = self._items.popleft()
            self._bytes -= _size(oldest)
            self._from = oldest.position

    def _from_kept(self, position: Position, wanted: FeedFilter) -> FeedPage:
        first = bisect_right(self._items, position, key=attrgetter("position"))
        newer = islice(self._items, first, None)
        return FeedPage([item for item in newer if wanted.admits(item)], self._to, more=False)

    def _committed(self, _: Commit) -> None:
        """Wake those who wait. On the writer's thread."""
        self._stale = True
        if self._waiting:
            with suppress(RuntimeError):  # the loop is closed, and with it went all who waited
                self._loop.call_soon_threadsafe(self._changed.set)


def _size(item: FeedItem) -> int:
    if isinstance(item, FeedDamage):
        return OVERHEAD
    return OVERHEAD + len(item.decision.facts) + len(item.decision.answer)
