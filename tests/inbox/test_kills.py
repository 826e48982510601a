"""Real processes, killed with SIGKILL in turn: each event has exactly one decision.

Some events come from NATS, some from Kafka, some from both. Three kills in a quick run, of the
consumers, the server and NATS; `--kills=100` for many.
"""

import asyncio
import json
import os
import signal
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import nats

from dealgate_client.aio import AsyncClient
from tests.inbox.events import event, poison
from tests.inbox.test_sources import Stream, Topic
from tests.ports import free_port
from tests.serving.conftest import PATIENCE
from tests.serving.zygote import fork
from tests.small import RULES

EACH = 40  # events between two kills


class Command:
    """A process of `dealgate` that can be killed, and started as it was."""

    def __init__(self, *arguments: str, log: Path) -> None:
        self._arguments = arguments
        self._log = log
        self.start()

    def start(self) -> None:
        """Start it."""
        environment = {**os.environ, "DEALGATE_LAME_DUCK": "0", "DEALGATE_RULES": str(RULES)}
        with self._log.open("ab") as log:
            self._process = fork(self._arguments, environment, log.fileno())

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()

    def leave(self) -> int:
        """Ask it to leave; return its status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE)


async def test_kills(tmp_path: Path, kills: int) -> None:
    """After any kill the rest is decided; no event is lost, and none is decided twice."""
    broker, topic = Stream(tmp_path / "nats"), Topic()
    await broker.make_stream()
    target, bus = f"127.0.0.1:{free_port()}", broker.url.partition("/dealgate")[0]
    log = tmp_path / "log"
    journal = f"{tmp_path}/journal.db"
    server = Command("serve", "--address", target, "--journal", journal, log=log)
    places = ["--answers", f"{bus}/dealgate/out", "--dead-letters", f"{bus}/dealgate/dead"]
    consumer, reader = (
        Command("consume", url, "--server", target, *places, log=log)
        for url in (broker.url, topic.url)
    )
    chance, number = Random(2), 0
    try:
        for turn in range(kills + 1):
            # Every event twice, as a broker may repeat it, and one that cannot be decided.
            asked = [event(n, f"L{n % 5}", turn=turn) for n in range(number, number + EACH)]
            number += EACH
            mixed = chance.sample([*asked, *asked], 2 * EACH)
            await broker.put(*mixed[:EACH], poison(10**6 + turn))
            await topic.put(*mixed[EACH:])
            if turn < kills:
                await asyncio.sleep(chance.random())
                victims: Any = ((consumer, reader), (server,), (broker,))[turn % 3]
                for victim in victims:
                    victim.kill()
                    victim.start()
        answers = await _told(bus, "dealgate.out.>", number)
        dead = await _told(bus, "dealgate.dead.>", kills + 1)
        async with AsyncClient(target, timeout=60) as client:
            decided = [listed async for listed in client.list_decisions(page_size=1000)]
        assert (consumer.leave(), reader.leave()) == (0, 0)
    finally:
        for process in (consumer, reader, server, broker):
            process.kill()
    assert Counter(listed.entity for listed in decided) == Counter(
        f"lead/L{n % 5}" for n in range(number)
    ), log.read_text()
    assert {body["causeid"] for body in answers} == {f"e{n}" for n in range(number)}
    assert {body["id"] for body in answers} == {f"{one.decision_id}.answer" for one in decided}
    assert {body["dealgatereason"] for body in dead} == {"INVALID_QUESTION"}


async def _told(bus: str, subject: str, number: int) -> list[dict[str, Any]]:
    """Return what was published, once there are so many different ones."""
    bodies: dict[str, dict[str, Any]] = {}
    client = await nats.connect(bus)
    pulled = await client.jetstream(timeout=PATIENCE).pull_subscribe(subject)
    async with asyncio.timeout(PATIENCE):
        while len(bodies) < number:
            for message in await _fetched(pulled):
                body = json.loads(message.data)
                bodies[body["id"]] = body
    await client.close()
    return list(bodies.values())


async def _fetched(pulled: Any) -> list[Any]:
    try:
        return list(await pulled.fetch(100, timeout=0.5))
    except TimeoutError:
        return []
