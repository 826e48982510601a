"""Publishes what is recorded to a sink: all of it, at least once, in order for each entity.

The journal itself is the outbox: a bookmark in it says how far the sink has taken everything. It
moves after the sink has, so that a crash repeats events and loses none; whoever receives them
tells repeats by their ids. A decision never waits for a sink.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from dealgate.aside.threads import in_thread
from dealgate.journal.bookmarks import BookmarkMove, BookmarkMoved
from dealgate.model.errors import DealgateError, PositionLost
from dealgate.model.feed import (
    ALL,
    START,
    Feed,
    FeedDamage,
    FeedEvent,
    FeedFilter,
    FeedPage,
    Position,
)
from dealgate.streams.event import cloud_event
from dealgate.streams.formats import Encode
from dealgate.streams.port import Outgoing, Sink, SinkFailed
from dealgate.streams.waves import consecutive

WAVE = 64  # events that a sink is given at a time

log = logging.getLogger("dealgate")


class Bookmarks(Protocol):
    """Where bookmarks are kept."""

    async def bookmark(self, name: str) -> Position | None:
        """Return how far the reader of this name has come; None: it has not begun."""

    async def move_bookmark(self, move: BookmarkMove) -> BookmarkMove:
        """Return `move` once it is durable; raise BookmarkMoved."""


@dataclass(frozen=True, slots=True)
class Route:
    """What is published under a name: `whole`, with the exact facts and answers; from when on."""

    name: str
    encode: Encode
    wanted: FeedFilter = ALL
    whole: bool = False
    from_beginning: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: the pauses between tries, which double, and how long to stand by.

    A bookmark is moved every `keep` seconds at most. One that nobody moves for `standby` is taken
    over from whoever moved it.
    """

    first: float = 0.1
    longest: float = 30.0
    standby: float = 10.0
    keep: float = 0.5


class Outbox:
    """Publishes the feed to one sink, for as long as it runs."""

    def __init__(
        self, route: Route, feed: Feed, bookmarks: Bookmarks, sink: Sink, pace: Pace | None = None
    ) -> None:
        """Publish what `feed` tells to `sink`."""
        self.name = route.name
        self._route = route
        self._feed = feed
        self._bookmarks = bookmarks
        self._sink = sink
        self._pace = pace or Pace()
        self._position = self._kept = START
        self._kept_at = float("-inf")
        self._oldest: int | None = None
        self._failing: str | None = None
        self.published = 0
        self.failed = 0

    def lag(self, now: Callable[[], int] = time.time_ns) -> float:
        """Return how long the oldest event that is on its way has waited, in seconds; 0: none."""
        return 0.0 if self._oldest is None else max(now() - self._oldest, 0) / 1e9

    async def run(self) -> None:
        """Publish until it is cancelled, whatever fails."""
        pause, stands_by = self._pace.first, False
        while True:
            try:
                if stands_by:
                    await self._stand_by()
                    stands_by = False
                await self._follow()
            except BookmarkMoved:
                stands_by = True
            except PositionLost as failure:
                log.error("outbox %s: %s", self.name, failure)  # noqa: TRY400 - it says all
                return
            except Exception as failure:  # noqa: BLE001 - it must outlive every fault, and tell it
                self._note(_words(failure))
                pause = pause if self._failing is None else min(pause * 2, self._pace.longest)
                await asyncio.sleep(max(pause, getattr(failure, "retry_after", 0.0)))
            if self._failing is None:
                pause = self._pace.first

    async def _follow(self) -> None:
        self._position = self._kept = await self._begun()
        try:
            while True:
                page = await self._feed.after(self._position, self._route.wanted)
                await self._publish(page)
                await self._keep()
                if not page.more:
                    await self._feed.wait(self._position)
        except SinkFailed:
            await self._keep(at_once=True)
            raise
        except asyncio.CancelledError:
            with suppress(Exception):  # it leaves: what is not kept is sent again
                await self._keep(at_once=True)
            raise

    async def _begun(self) -> Position:
        """Return where to go on. The first time it is kept at once: what follows is published."""
        position = await self._bookmarks.bookmark(self._bookmark)
        end = await self._feed.end()
        if position is None:
            position = START if self._route.from_beginning else end
            await self._move(None, position)
        if position > end:
            raise PositionLost(
                "has published more than the journal holds, which was restored to an earlier time; "
                "give the sink another name to start over"
            )
        return position

    @property
    def _bookmark(self) -> str:
        return f"outbox/{self.name}"

    async def _keep(self, *, at_once: bool = False) -> None:
        """Move the bookmark, now and then: each time costs a commit."""
        now = time.monotonic()
        if self._position != self._kept and (at_once or now - self._kept_at >= self._pace.keep):
            await self._move(self._kept, self._position)
            self._kept, self._kept_at = self._position, now

    async def _move(self, before: Position | None, to: Position) -> None:
        await self._bookmarks.move_bookmark(BookmarkMove(self._bookmark, before, to))

    async def _publish(self, page: FeedPage) -> None:
        """Publish a page, and note how far the sink has taken everything."""
        events = [item for item in page.items if isinstance(item, FeedEvent)]
        self._lament(item for item in page.items if isinstance(item, FeedDamage))
        for wave in consecutive(events, _entity, WAVE):
            await self._publish_wave(wave)
            self._position = wave[-1].position
            await self._keep()
        self._oldest = None
        self._position = page.position

    async def _publish_wave(self, wave: Sequence[FeedEvent]) -> None:
        self._oldest = recorded_at(wave[0])
        await self._sink.publish(await in_thread(self._written, wave))
        self.published += len(wave)
        if self._failing is not None:
            log.info("outbox %s: publishes again", self.name)
            self._failing = None

    def _lament(self, damaged: Iterable[FeedDamage]) -> None:
        for damage in damaged:
            log.error(
                "outbox %s: decision %s can no longer be read, and is not published",
                self.name,
                damage.decision_id or "-",
            )

    def _written(self, events: Sequence[FeedEvent]) -> list[Outgoing]:
        written = [cloud_event(event, whole=self._route.whole) for event in events]
        return [
            Outgoing(e.id, e.type, e.extensions["kind"], e.partition, self._route.encode(e))
            for e in written
        ]

    async def _stand_by(self) -> None:
        """Wait until nobody has moved the bookmark for a while, though there is something to do."""
        seen = await self._bookmarks.bookmark(self._bookmark)
        while True:
            await asyncio.sleep(self._pace.standby)
            now = await self._bookmarks.bookmark(self._bookmark)
            if now == seen and now is not None:
                page = await self._feed.after(now, self._route.wanted)
                if page.items or page.more:
                    return
            seen = now

    def _note(self, why: str) -> None:
        self.failed += 1
        if why != self._failing:
            log.warning("outbox %s: publishing fails: %s; it will keep trying", self.name, why)
        self._failing = why


def recorded_at(event: FeedEvent) -> int:
    """Return when it was recorded, in nanoseconds since the epoch."""
    return event.decision.decided_at if event.result is None else event.result.recorded_at


def _entity(event: FeedEvent) -> tuple[str, str]:
    return event.tenant, str(event.decision.entity)


def _words(failure: Exception) -> str:
    """Return what may be logged: the message of a stranger's exception may hold a fact's value."""
    return str(failure) if isinstance(failure, DealgateError) else type(failure).__qualname__
