"""What signals come to while a sink, a server or a source is away: bounded, and never late."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest

from dealgate.inbox.consumer import Consumer, Ends
from dealgate.inbox.deciding import Deciding, Pauses
from dealgate.inbox.outgoing import AnswerWriter
from dealgate.inbox.port import Delivery, SourceFailed
from dealgate.inbox.reader import read_question
from dealgate.journal.signals.port import Limits, SignalsKept, State
from dealgate.journal.signals.sqlite import IN_MEMORY
from dealgate.journal.signals.urls import open_state
from dealgate.signals import telling as telling_module
from dealgate.signals import tracking
from dealgate.signals.signal_folder import SignalFolder
from dealgate.signals.telling import Hearing, Passing, Places, Telling
from dealgate.streams.formats import as_json
from dealgate.streams.port import Outgoing
from tests.signals.streams import BEGIN, SECOND
from tests.signals.test_once import World, told_of, tracker

PATIENCE: Final = 60.0


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds, which nobody tells."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


class Away(World):
    """A sink that takes nothing until it is back."""

    def __init__(self) -> None:
        super().__init__()
        self.back = asyncio.Event()

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Take what is published, once it is back."""
        await self.back.wait()
        await super().publish(events)


async def test_nothing_is_taken_in_while_signals_pile_up(
    followed: SignalFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At the bound no more is judged and no event taken; all is told once the sink is back."""
    monkeypatch.setattr(tracking, "AT_ONCE", 1)
    state, world = open_state(IN_MEMORY), Away()
    following = tracker(followed, state, Limits(10 * SECOND, untold=3))
    places, answered = Places(world, None, None), AnswerWriter("acme", as_json)
    telling = Telling(following, "acme", places, as_json, Deciding(world), answered)
    passing = Passing(following, telling, 10.0, None)
    hearing = Hearing(following, telling, passing)
    await hearing.take([told_of(f"L{n}", 1, n) for n in range(8)])
    following.pass_time(BEGIN + 100 * SECOND)
    running = asyncio.create_task(passing.run(lambda: False))
    await until(lambda: following.is_full)
    held = asyncio.create_task(hearing.take([told_of("L9", 500, 9)]))
    await until(lambda: "no more events are fetched" in caplog.text)
    assert following.standing().untold == 3
    assert not held.done()
    world.back.set()
    assert await held == [None]
    running.cancel()
    await asyncio.wait([running])
    await telling.all()
    assert {one["subject"] for one in world.published} == {f"lead/L{n}" for n in range(8)}
    state.close()


async def test_time_passes_only_where_nothing_comes(
    followed: SignalFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream is not quiet because its consumer is held up: its events would be late for it."""
    monkeypatch.setattr(telling_module, "TICK", 0.001)
    state, world, looks = open_state(IN_MEMORY), World(), 0
    following = tracker(followed, state)
    places, answered = Places(world, None, None), AnswerWriter("acme", as_json)
    telling = Telling(following, "acme", places, as_json, Deciding(world), answered)

    def is_idle() -> bool:
        nonlocal looks
        looks += 1
        return looks > 20

    running = asyncio.create_task(Passing(following, telling, 0.002, None).run(is_idle))
    async with asyncio.timeout(PATIENCE):
        while looks < 20:
            assert following.standing().watermark == 0
            await asyncio.sleep(0)
    await until(lambda: following.standing().watermark > 0)
    running.cancel()
    await asyncio.wait([running])
    state.close()


class Source:
    """One that cannot be reached the first time, and then has nothing, until it ends."""

    def __init__(self) -> None:
        self.seen: list[bool] = []
        self.consumer: Consumer

    async def fetch(self, _: int) -> Sequence[Delivery]:
        """Say whether the consumer takes itself for idle."""
        self.seen.append(self.consumer.is_idle)
        if len(self.seen) == 1:
            raise SourceFailed("away")
        return []

    async def close(self) -> None:
        """Stay."""


async def test_a_source_that_is_away_is_not_quiet() -> None:
    """Until it answers, nobody knows what waits there."""
    source, answered = Source(), AnswerWriter("acme", as_json)
    ends = Ends(source, None, None)  # type: ignore[arg-type]
    pauses = Pauses(0.001)
    consumer = Consumer(ends, read_question, Deciding(World()), answered, 30, pauses)
    source.consumer = consumer
    await consumer.run(asyncio.Event())
    assert source.seen == [True, False]
    assert consumer.is_idle


class Watched:
    """A state; while it is asked what stands, somebody else settles, as two turns of time do."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.meanwhile: Callable[[], object] = state.close

    def __getattr__(self, name: str) -> Any:
        """Be the state in all other ways."""
        return getattr(self._state, name)

    def standing(self, tenant: str) -> SignalsKept:
        """Return how much is kept, once the other has ended."""
        other = threading.Thread(target=self.meanwhile, daemon=True)
        other.start()
        other.join(PATIENCE)
        assert not other.is_alive()
        return self._state.standing(tenant)


def test_two_that_settle_wait_for_each_other_in_one_order(followed: SignalFolder) -> None:
    """Who looks at what stands holds up nobody who has the state and counts what fired."""
    state = open_state(IN_MEMORY)
    watched = Watched(state)
    following = tracker(followed, watched)
    watched.meanwhile = lambda: following.told(())
    following.settle()
    following.settle()
    state.close()
