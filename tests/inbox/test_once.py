"""Every event is decided exactly once, whatever is killed, cut, repeated or turned around.

A real server decides; `--chaos` goes on much longer, and kills processes in test_kills.py.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

from dealgate.assemble.server import serving
from dealgate.inbox.consumer import Consumer, Ends
from dealgate.inbox.deciding import Deciding, Pauses
from dealgate.inbox.outgoing import AnswerWriter
from dealgate.inbox.reader import read_question
from dealgate.inbox.server import Called
from dealgate.settings import Settings
from dealgate.streams.formats import as_json
from dealgate.streams.port import Outgoing, SinkFailed
from dealgate_client.aio import AsyncClient
from dealgate_client.retry import Retry
from tests.inbox.cutting import Proxy
from tests.inbox.events import Broker, event, poison
from tests.small import RULES

QUICK = Pauses(first=0.001, longest=0.01)
LEADS = 7
PATIENCE = 200


class Flaky:
    """A sink that fails at random, having taken some."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.taken: list[Outgoing] = []

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Take all or some."""
        await asyncio.sleep(0)
        if self._chance.random() < 0.2:
            self.taken += events[: self._chance.randrange(len(events))]
            raise SinkFailed("as scripted")
        self.taken += events

    async def close(self) -> None:
        """Stay."""


async def test_every_event_is_decided_once(tmp_path: Path, times: int) -> None:
    """A consumer is killed, connections are cut, events repeat: each has one decision, told."""
    chance, number = Random(1), 200 * times
    questions = [event(n, f"L{n % LEADS}") for n in range(number)]
    poisoned = [poison(number + n) for n in range(number // 20)]
    broker = Broker(chance, chance.sample(questions + poisoned, len(questions + poisoned)))
    answers, letters = Flaky(chance), Flaky(chance)
    settings = Settings(
        address="127.0.0.1:0", rules=RULES, journal=f"{tmp_path}/journal.db", lame_duck=0
    )
    async with serving(settings) as running:
        proxy = Proxy(running.port)
        await proxy.start()
        ends = Ends(broker, answers, letters)
        async with asyncio.timeout(PATIENCE * times):
            while broker.held:
                await _consumed_for_a_while(ends, proxy, chance)
        await proxy.close()
        async with AsyncClient(f"127.0.0.1:{running.port}", timeout=60) as client:
            decided = [listed async for listed in client.list_decisions(page_size=1000)]
    assert len(decided) == number
    assert Counter(listed.entity for listed in decided) == Counter(
        f"lead/L{n % LEADS}" for n in range(number)
    )
    bodies = {sent.id: json.loads(sent.body) for sent in answers.taken}
    assert set(bodies) == {f"{listed.decision_id}.answer" for listed in decided}
    assert {body["causeid"] for body in bodies.values()} == {asked["id"] for asked in questions}
    dead = {json.loads(sent.body)["id"] for sent in letters.taken}
    assert dead == {asked["id"] for asked in poisoned}


async def _consumed_for_a_while(ends: Ends, proxy: Proxy, chance: Random) -> None:
    """Consume until a random moment, cut now and then, and kill the consumer."""
    target = f"127.0.0.1:{proxy.port}"
    async with AsyncClient(target, timeout=1, retry=Retry(attempts=1)) as client:
        answered = AnswerWriter("default", as_json)
        deciding = Deciding(Called(client), QUICK)
        consumer = Consumer(ends, read_question, deciding, answered, 90, QUICK)
        task = asyncio.create_task(consumer.run(asyncio.Event()))
        for _ in range(chance.randint(1, 3)):
            await asyncio.sleep(chance.random() * 0.15)
            proxy.parted = chance.random() < 0.3
            proxy.cut()
            await asyncio.sleep(chance.random() * 0.03)
            proxy.parted = False
        await asyncio.sleep(chance.random() * 0.2)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
