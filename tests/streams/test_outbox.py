"""The outbox: nothing is lost, order holds for each entity, and no decision waits for a sink."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random

from dealgate.journal.bookmarks import BookmarkMove, BookmarkMoved
from dealgate.journal.feed import JournalFeed
from dealgate.journal.memory import MemoryJournal
from dealgate.model.decision import Entity
from dealgate.model.errors import Unavailable
from dealgate.model.feed import ALL, START, FeedEvent, FeedFilter, Position
from dealgate.streams.formats import as_json
from dealgate.streams.outbox import Outbox, Pace, Route
from dealgate.streams.port import Outgoing, SinkFailed
from tests.journal.decisions import JULY, decision
from tests.journal.test_results import result

PATIENCE = 30
ENTITIES = 5


class Flaky:
    """A sink that fails at random, having taken some; it refuses two of one partition at once."""

    def __init__(self, chance: Random, share: float = 0.3) -> None:
        self.taken: list[Outgoing] = []
        self._chance = chance
        self._share = share
        self.is_dead = False
        self.closed = False

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Take some or all, in any order."""
        assert len({event.partition for event in events}) == len(events)
        while self.is_dead:  # noqa: ASYNC110 - it is brought to life by an assignment
            await asyncio.sleep(0.001)
        shuffled = self._chance.sample(events, len(events))
        fails = self._chance.random() < self._share
        self.taken += shuffled[: self._chance.randrange(len(events))] if fails else shuffled
        await asyncio.sleep(0)
        if fails:
            raise SinkFailed("as scripted")

    async def close(self) -> None:
        """Close."""
        self.closed = True

    @property
    def ids(self) -> list[str]:
        """What a receiver keeps that drops repeats by their ids."""
        return list(dict.fromkeys(event.id for event in self.taken))


def outbox(
    journal: MemoryJournal, sink: Flaky, wanted: FeedFilter = ALL, *, from_beginning: bool = True
) -> Outbox:
    """Make one whose pauses are short."""
    route = Route("out", as_json, wanted, from_beginning=from_beginning)
    feed = JournalFeed(journal, poll=0.002, kept=30)
    return Outbox(
        route, feed, journal, sink, Pace(first=0.0001, longest=0.001, standby=0.05, keep=0.003)
    )


@asynccontextmanager
async def running(*boxes: Outbox) -> AsyncIterator[None]:
    """Run them within the block."""
    tasks = [asyncio.create_task(box.run()) for box in boxes]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def until(holds: Callable[[], bool]) -> None:
    """Wait."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)


async def record(journal: MemoryJournal, first: int, number: int) -> None:
    """Append decisions about a few entities, every third with a result."""
    for n in range(first, first + number):
        one = decision(n, entity=Entity("lead", f"L{n % ENTITIES}"))
        await journal.append(one)
        if n % 3 == 0:
            await journal.attach(result(one))


async def expected(journal: MemoryJournal) -> dict[str, list[str]]:
    """Return, for each entity, the ids of what the journal holds, by brute force."""
    ids: dict[str, list[str]] = {}
    position, more = START, True
    while more:
        page = await journal.feed(position, ALL)
        position, more = page.position, page.more
        for item in page.items:
            assert isinstance(item, FeedEvent)
            suffix = f".{item.result.revision}" if item.result else ""
            entity = f"/dealgate/default/{item.decision.entity}"
            ids.setdefault(entity, []).append(item.decision.id + suffix)
    return ids


def by_partition(sink: Flaky) -> dict[str, list[str]]:
    """Return, for each entity, what a receiver has, in order."""
    partitions = {event.id: event.partition for event in sink.taken}
    ids: dict[str, list[str]] = {}
    for id_ in sink.ids:
        ids.setdefault(partitions[id_], []).append(id_)
    return ids


async def test_all_arrives_in_order_whatever_fails() -> None:
    """Sinks fail, publishers are killed and begun anew: after repeats are dropped, all is there."""
    chance = Random(1)
    journal, sink = MemoryJournal(), Flaky(chance)
    for round_ in range(6):
        async with running(outbox(journal, sink)):
            await record(journal, 100 * round_, 60)
            await asyncio.sleep(chance.random() * 0.01)
    async with running(outbox(journal, sink)):
        whole = await expected(journal)
        await until(lambda: len(sink.ids) == sum(map(len, whole.values())))
    assert by_partition(sink) == whole


async def test_two_publishers_lose_nothing() -> None:
    """Of servers with one outbox, one publishes; others stand by, and take over."""
    journal, sink = MemoryJournal(), Flaky(Random(2), share=0.1)
    async with running(outbox(journal, sink)):
        async with running(outbox(journal, sink)):
            await record(journal, 0, 100)
            await until(lambda: len(sink.ids) >= 50)
        await record(journal, 500, 50)
        whole = await expected(journal)
        await until(lambda: len(sink.ids) == sum(map(len, whole.values())))
    assert by_partition(sink) == whole


async def test_a_dead_sink_costs_no_decision() -> None:
    """While it takes nothing, decisions are recorded; the lag says how old the oldest is."""
    journal, sink = MemoryJournal(), Flaky(Random(3), share=0)
    sink.is_dead = True
    box = outbox(journal, sink)
    async with running(box):
        await record(journal, 0, 1)
        await until(lambda: box.lag(lambda: JULY + 10**9) == 1.0)
        await record(journal, 1, 50)
        assert sink.taken == []
        sink.is_dead = False
        await until(lambda: len(sink.taken) == 68)
        await until(lambda: box.lag() == 0)
    assert (box.published, box.failed) == (68, 0)


async def test_it_begins_where_it_is_told() -> None:
    """The first time from now on, or from the oldest record; afterwards, where it was."""
    journal, sink = MemoryJournal(), Flaky(Random(4), share=0)
    await record(journal, 1, 1)
    async with running(outbox(journal, sink, from_beginning=False)):
        await come_to(journal, Position(1, 0))
        await record(journal, 2, 1)
        await come_to(journal, Position(2, 0))
    await record(journal, 4, 1)
    async with running(outbox(journal, sink)):
        await come_to(journal, Position(3, 0))
    assert sink.ids == [decision(2).id, decision(4).id]


async def come_to(journal: MemoryJournal, position: Position) -> None:
    """Wait until the bookmark is there."""
    async with asyncio.timeout(PATIENCE):
        while await journal.bookmark("outbox/out") != position:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)


async def test_who_leaves_keeps_how_far_it_came() -> None:
    """A bookmark is moved now and then, and when a server leaves: then nothing is sent again."""
    journal, sink = MemoryJournal(), Flaky(Random(6), share=0)
    route = Route("out", as_json, from_beginning=True)
    box = Outbox(route, JournalFeed(journal, poll=0.002), journal, sink, Pace(keep=3600))
    async with running(box):
        await record(journal, 1, 20)
        await until(lambda: len(sink.taken) == 26)
        await until(lambda: box.lag() == 0)
    assert await journal.bookmark("outbox/out") == await journal.feed_end()


async def test_only_what_is_wanted_leaves() -> None:
    """One tenant's, if the address says so; without facts, unless it says otherwise."""
    journal, sink = MemoryJournal(), Flaky(Random(5), share=0)
    async with running(outbox(journal, sink, FeedFilter(tenant="acme"))):
        await journal.append(decision(1))
        await journal.append(decision(2, tenant="acme"))
        await until(lambda: len(sink.taken) == 1)
    body = json.loads(sink.taken[0].body)
    assert (body["tenant"], body["id"]) == ("acme", decision(2).id)
    assert "record" not in body["data"]


class Contested(MemoryJournal):
    """A journal whose bookmark another server moves once; it cannot be asked right after that."""

    moves = failures = 1

    async def move_bookmark(self, move: BookmarkMove) -> BookmarkMove:
        """Move it, unless another server just did."""
        if self.moves:
            self.moves -= 1
            raise BookmarkMoved(move.name)
        return await super().move_bookmark(move)

    async def bookmark(self, name: str) -> Position | None:
        """Return it, unless the database restarts."""
        if not self.moves and self.failures:
            self.failures -= 1
            raise Unavailable("as scripted", 0)
        return await super().bookmark(name)


async def test_who_stands_by_outlives_a_journal_that_is_away() -> None:
    """A server whose database restarts while another publishes still takes over from it."""
    journal, sink = Contested(), Flaky(Random(1), share=0)
    await super(Contested, journal).move_bookmark(BookmarkMove("outbox/out", None, START))
    async with running(outbox(journal, sink)):
        await record(journal, 0, 10)
        await until(lambda: len(sink.ids) == 14)
    assert (journal.moves, journal.failures) == (0, 0)
