"""What every source promises: each event comes until it is acknowledged, and then no more.

To add one, add a station that says where it is and puts events there.
"""

import asyncio
import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Protocol

import nats
import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner

from dealgate.cli import app
from dealgate.inbox import posted
from dealgate.inbox.incoming import read_event
from dealgate.inbox.places import place
from dealgate.inbox.port import (
    Delivery,
    Rejection,
    SettledDelivery,
    Source,
    SourceFailed,
    SourceUnusable,
)
from dealgate.inbox.posted import Posted
from dealgate.inbox.sources import open_source
from dealgate.streams.addresses import addresses
from dealgate.streams.port import Outgoing
from dealgate.streams.sinks import open_sink
from tests.inbox.events import STRUCTURED, event
from tests.streams.test_sinks import PATIENCE, SECRET, Kafka, Nats


class Station(Protocol):
    """Where a source's events are put; `forgets`: they come again if it is opened anew."""

    url: str
    forgets: bool

    async def put(self, *events: dict[str, Any]) -> None:
        """Put events there, in structured mode."""

    async def put_binary(self, told: dict[str, Any]) -> None:
        """Put an event there in binary mode."""


class Stream(Nats):
    """A subject of a real NATS."""

    forgets = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = f"nats://127.0.0.1:{self._port}/dealgate.in?ack_wait=1"

    async def make_stream(self) -> None:
        """Listen to the subjects."""
        client = await nats.connect(f"nats://127.0.0.1:{self._port}")
        await client.jetstream(timeout=PATIENCE).add_stream(
            name="dealgate", subjects=["dealgate.>"]
        )
        await client.close()

    async def put(self, *events: dict[str, Any]) -> None:
        """Publish them."""
        await self._put({"content-type": STRUCTURED}, *(json.dumps(told) for told in events))

    async def put_binary(self, told: dict[str, Any]) -> None:
        """Publish it with headers."""
        headers = {f"ce-{name}": value for name, value in told.items() if name != "data"}
        await self._put({**headers, "content-type": "application/json"}, json.dumps(told["data"]))

    async def _put(self, headers: dict[str, str], *bodies: str) -> None:
        client = await nats.connect(f"nats://127.0.0.1:{self._port}")
        for body in bodies:
            await client.jetstream(timeout=PATIENCE).publish(
                "dealgate.in", body.encode(), headers=headers
            )
        await client.close()


class Topic(Kafka):
    """A topic of the cluster that librdkafka mocks."""

    forgets = False

    def __init__(self) -> None:
        super().__init__()
        self.url = f"kafka://{self._servers}/questions?session.timeout.ms=6000"

    async def put(self, *events: dict[str, Any]) -> None:
        """Produce them."""
        for told in events:
            self._put({"content-type": STRUCTURED}, json.dumps(told))

    async def put_binary(self, told: dict[str, Any]) -> None:
        """Produce it with headers."""
        headers = {f"ce_{name}": value for name, value in told.items() if name != "data"}
        self._put({**headers, "content-type": "application/json"}, json.dumps(told["data"]))

    def _put(self, headers: dict[str, str], body: str) -> None:
        producer = Producer({"bootstrap.servers": self._servers})
        producer.produce("questions", body.encode(), "k", headers=[*headers.items()])
        assert producer.flush(PATIENCE) == 0


class File:
    """Lines, which are all read again by whoever opens them anew."""

    forgets = True

    def __init__(self, folder: Path) -> None:
        self._path = folder / "in.jsonl"
        self.url = f"jsonl://{self._path}"

    async def put(self, *events: dict[str, Any]) -> None:
        """Append them."""
        with self._path.open("a") as file:
            file.writelines(json.dumps(told) + "\n" for told in events)

    async def put_binary(self, told: dict[str, Any]) -> None:
        """A line is an event as a whole."""
        await self.put(told)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """A real NATS."""
    server = Stream(tmp_path_factory.mktemp("nats"))
    asyncio.run(server.make_stream())
    yield server
    server.kill()


@pytest.fixture(params=["jsonl", "nats", "kafka"])
def station(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Each source's station."""
    if request.param == "jsonl":
        return File(tmp_path)
    return request.getfixturevalue("broker") if request.param == "nats" else Topic()


def opened(url: str) -> Source:
    """Open a source."""
    return open_source(place(url), "")


async def fetched(source: Source, number: int, most: int = 100) -> list[Delivery]:
    """Fetch so many."""
    deliveries: list[Delivery] = []
    async with asyncio.timeout(PATIENCE):
        while len(deliveries) < number:
            deliveries += await source.fetch(most)
    return deliveries


def ids(deliveries: list[Delivery]) -> list[str]:
    """Return the ids of events."""
    return [read_event(came).id for came in deliveries]


async def test_what_is_not_acknowledged_comes_again(station: Station) -> None:
    """In whatever mode; what is acknowledged does not, also after the source is opened anew."""
    await station.put(event(1), event(2))
    await station.put_binary(event(3, text="ünï" if station.forgets else "x"))
    source = opened(station.url)
    first = await fetched(source, 3)
    assert ids(first) == ["e1", "e2", "e3"]
    assert read_event(first[2]).data == read_event(first[0]).data
    await source.close()
    again = opened(station.url)
    came = await fetched(again, 3)
    assert sorted(set(ids(came))) == ["e1", "e2", "e3"]
    await again.acknowledge([SettledDelivery(delivery) for delivery in came])
    await again.close()
    await station.put(event(4))
    last = opened(station.url)
    left = await fetched(last, 4 if station.forgets else 1)
    assert ids(left)[-1] == "e4"
    assert station.forgets or ids(left) == ["e4"]
    await last.acknowledge([SettledDelivery(delivery) for delivery in left])
    await last.close()


async def test_a_broker_that_was_killed_is_found_again(tmp_path: Path) -> None:
    """While it is gone, fetching fails; then what was not acknowledged is there."""
    server = Stream(tmp_path)
    try:
        await server.make_stream()
        await server.put(event(1), event(2))
        source = opened(server.url)
        (first,) = await fetched(source, 1, most=1)
        server.kill()
        with pytest.raises(SourceFailed, match="NATS"):
            await asyncio.wait_for(_until_it_fails(source), PATIENCE)
        with pytest.raises(SourceFailed, match="NATS"):
            await source.acknowledge([SettledDelivery(first)])
        server.start()
        assert set(ids(await fetched(source, 2))) == {"e1", "e2"}
        await source.close()
    finally:
        server.kill()


async def _until_it_fails(source: Source) -> None:
    while True:
        await source.fetch(1)


def _post(port: int, told: Any, headers: dict[str, str], path: str = "/events") -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("POST", path, json.dumps(told), headers)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def _announced(port: int, length: str) -> int:
    """Return what is answered to a request whose body is said to be so long."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.putrequest("POST", "/events")
    connection.putheader("Content-Length", length)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


async def test_requests_are_answered_once_they_are_settled() -> None:
    """204: decided; 422 and why: it never will be. What is not for us is refused at once."""
    source = Posted(place("http://127.0.0.1:0/events"), "")
    fetching = asyncio.create_task(source.fetch(10))
    async with asyncio.timeout(PATIENCE):
        while not source.port:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)
    headers = {"Content-Type": STRUCTURED}
    assert (await asyncio.to_thread(_post, source.port, {}, headers, "/other"))[0] == 404
    assert await asyncio.to_thread(_announced, source.port, "9" * 5_000) == 413
    assert await asyncio.to_thread(_announced, source.port, "some") == 413
    posting = asyncio.create_task(asyncio.to_thread(_post, source.port, event(1), headers))
    (came,) = await fetching
    assert read_event(came).id == "e1"
    assert not posting.done()
    await source.acknowledge([SettledDelivery(came)])
    assert await posting == (204, "")
    told = event(2, text="%C3%BC")
    binary = {f"ce-{name}": value for name, value in told.items() if name != "data"}
    posting = asyncio.create_task(asyncio.to_thread(_post, source.port, told["data"], binary))
    (came,) = await source.fetch(10)
    assert read_event(came).attributes["text"] == "ü"
    await source.acknowledge([SettledDelivery(came, Rejection("NO_QUESTION", "it asks nothing"))])
    assert await posting == (422, '{"reason": "NO_QUESTION", "message": "it asks nothing"}')
    await source.close()


async def test_events_are_held_within_bounds_though_their_senders_gave_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While nothing is decided, senders come again and again: no more is held than the bound."""
    monkeypatch.setattr(posted, "WAITING", 2)
    monkeypatch.setattr(posted, "SECONDS", 0.01)
    source = Posted(place("http://127.0.0.1:0/events"), "")
    fetching = asyncio.create_task(source.fetch(1))
    async with asyncio.timeout(PATIENCE):
        while not source.port:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)
    headers = {"Content-Type": STRUCTURED}
    for number in range(5):
        told = event(number)
        assert (await asyncio.to_thread(_post, source.port, told, headers))[0] == 503
    came = [*await fetching, *await source.fetch(10)]
    assert [read_event(delivery).id for delivery in came] == ["e0", "e1"]
    await source.acknowledge([SettledDelivery(delivery) for delivery in came])
    assert (await asyncio.to_thread(_post, source.port, event(5), headers))[0] == 503
    (after,) = await source.fetch(10)
    assert read_event(after).id == "e5"
    await source.close()


async def test_only_signed_requests_are_taken() -> None:
    """A request that our own webhooks sign is taken, and no other."""
    source = Posted(place("http://127.0.0.1:0/events"), SECRET)
    fetching = asyncio.create_task(source.fetch(10))
    async with asyncio.timeout(PATIENCE):
        while not source.port:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)
    for forged in ({}, {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}):
        assert (await asyncio.to_thread(_post, source.port, event(1), forged))[0] == 401
    (address,) = addresses(f"out=http://127.0.0.1:{source.port}/events")
    sink = open_sink(address, SECRET)
    sent = Outgoing("e1", "t", "k", "p", json.dumps(event(1)).encode())
    publishing = asyncio.create_task(sink.publish([sent]))
    (came,) = await fetching
    await source.acknowledge([SettledDelivery(came)])
    await publishing
    await sink.close()
    await source.close()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("ftp://host/x", "write -, jsonl"),
        ("nats://host", "write -, jsonl"),
        ("nats://host/x?colour=red", "no option colour"),
        ("nats://host/x?ack_wait=soon", "ack_wait is a number"),
        ("http://[host/x", "not a valid URL"),
    ],
)
def test_addresses_are_whole(text: str, wrong: str) -> None:
    """What is wrong with an address is told before anything starts."""
    with pytest.raises(SourceUnusable, match=wrong):
        place(text)


def test_the_command_says_what_it_needs() -> None:
    """A broker needs a place for what is rejected: nothing is lost in silence."""
    told = CliRunner().invoke(app, ["consume", "nats://127.0.0.1:1/x"])
    assert (told.exit_code, "--dead-letters" in told.stderr) == (2, True)
