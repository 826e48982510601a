"""Kafka fails: brokers go and come back, requests are refused; each event is decided once."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from confluent_kafka import Consumer as Reader
from confluent_kafka import Producer
from google.protobuf.message import Message

from dealgate.inbox.asking import Request, options
from dealgate.inbox.consumer import Consumer, Ends
from dealgate.inbox.deciding import Deciding, Pauses
from dealgate.inbox.outgoing import AnswerWriter
from dealgate.inbox.places import place
from dealgate.inbox.polled import Polled
from dealgate.inbox.reader import read_question
from dealgate.streams.addresses import addresses
from dealgate.streams.formats import as_json
from dealgate.streams.sinks import open_sink
from dealgate.v1.decision_pb2 import DecisionHeader
from dealgate.v1.score_pb2 import ScoreLeadResponse
from tests.inbox.events import STRUCTURED, event
from tests.inbox.mocked import FAILURES, Cluster, library

BROKERS, PARTITIONS, EACH = 3, 4, 20
QUICK = Pauses(first=0.01, longest=0.2)
PATIENCE = 120


class Decided:
    """A server: a key has one decision."""

    def __init__(self) -> None:
        self.keys: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()

    async def decide(self, requests: Sequence[Request]) -> Sequence[Message]:
        """Decide each, and a repeat as it was."""
        answers = []
        for request in requests:
            key, body = options(request).idempotency_key, request.SerializeToString()
            assert self.keys.setdefault(key, body) == body
            self.asked[key] += 1
            answers.append(ScoreLeadResponse(header=DecisionHeader(decision_id=key, kind="score")))
        return answers


@pytest.mark.skipif(library() is None, reason="librdkafka is not a library of its own here")
async def test_brokers_that_fail(times: int) -> None:
    """Nothing is lost and nothing decided twice, and every answer arrives."""
    chance, cluster = Random(3), Cluster(BROKERS, PARTITIONS, "questions", "answers")
    url = f"kafka://{cluster.servers}/questions?session.timeout.ms=6000"
    source = Polled(place(url))
    (address,) = addresses(f"answers=kafka://{cluster.servers}/answers")
    sink = open_sink(address, "")
    server, leave = Decided(), asyncio.Event()
    consumer = Consumer(
        Ends(source, sink, None),
        read_question,
        Deciding(server, QUICK),
        AnswerWriter("acme", as_json),
        in_flight=30,
        pauses=QUICK,
    )
    consuming = asyncio.create_task(consumer.run(leave))
    producer = Producer({"bootstrap.servers": cluster.servers, "log_level": 0})
    number = 0
    for _ in range(2 * min(times, 20)):
        async with asyncio.timeout(PATIENCE):
            while len(server.keys) < number - EACH // 2:
                await asyncio.sleep(0.01)
                assert not consuming.done()
        for n in range(number, number + EACH):
            body = json.dumps(event(n, f"L{n % 7}")).encode()
            headers = {"content-type": STRUCTURED}
            producer.produce("questions", body, f"L{n % 7}", headers=[*headers.items()])
        number += EACH
        await _fail(cluster, chance)
        assert await asyncio.to_thread(producer.flush, PATIENCE) == 0
    async with asyncio.timeout(PATIENCE):
        # What came again was decided again: their number says nothing of those still to come.
        while len(server.keys) < number or consumer.lag():
            await asyncio.sleep(0.05)
            assert not consuming.done()
    leave.set()
    await consuming
    answers = await asyncio.to_thread(_read, cluster.servers, number)
    await source.close()
    await sink.close()
    cluster.close()
    assert len(server.keys) == number, server.asked.total()
    assert {body["causeid"] for body in answers} == {f"e{n}" for n in range(number)}


async def _fail(cluster: Cluster, chance: Random) -> None:
    """Do one of the things that brokers do."""
    await asyncio.sleep(chance.random() * 0.2)
    if chance.random() < 0.5:
        broker = chance.randint(1, BROKERS)
        cluster.down(broker)
        await asyncio.sleep(chance.random() * 0.4)
        cluster.up(broker)
    else:
        cluster.fail(*chance.choice(FAILURES), times=chance.randint(1, 3))


def _read(servers: str, number: int) -> list[dict[str, str]]:
    """Return the answers, once there are so many different ones."""
    reader = Reader(
        {"bootstrap.servers": servers, "group.id": "test", "auto.offset.reset": "earliest"}
    )
    reader.subscribe(["answers"])
    bodies: dict[str, dict[str, str]] = {}
    for _ in range(PATIENCE):
        for message in reader.consume(500, timeout=1):
            if message.error() is None:
                body = json.loads(message.value() or b"")
                bodies[body["id"]] = body
        if len(bodies) >= number:
            break
    reader.close()
    return list(bodies.values())
