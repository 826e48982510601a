"""Consuming: a source, a server that decides, and where answers and rejected events go."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dealgate.inbox.consumer import Consumer, Ends, Reader
from dealgate.inbox.deciding import Deciding
from dealgate.inbox.outgoing import AnswerWriter
from dealgate.inbox.places import place
from dealgate.inbox.port import SourceUnusable
from dealgate.inbox.reader import read_question
from dealgate.inbox.server import Called
from dealgate.inbox.sources import open_source
from dealgate.signals.telling import Places
from dealgate.streams.addresses import addresses
from dealgate.streams.formats import FORMATS
from dealgate.streams.port import Sink
from dealgate.streams.sinks import open_sink
from dealgate.telemetry import setup
from dealgate.telemetry.inboxes import TracedDeciding, observe_inbox, observe_signals
from dealgate.telemetry.logs import exported
from dealgate.telemetry.propagation import carried
from dealgate.telemetry.saturation import observe_process
from dealgate.telemetry.setup import Telemetry
from dealgate_client.aio import AsyncClient
from dealgate_client.connect import Tls

if TYPE_CHECKING:
    from dealgate.assemble.following_signals import Followed

BROKERS = ("nats", "tls", "kafka")
CALL_SECONDS = 30.0  # for a batch, which waits for its turn


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is shown to the server, and what signs webhooks on their way in and out."""

    token_file: Path | None = None
    inbox: str = ""
    outbox: str = ""

    def token(self) -> str:
        """Return the current token: the file may be rewritten at any time."""
        return "" if self.token_file is None else self.token_file.read_text().strip()


@dataclass(frozen=True, slots=True)
class Consumption:
    """What to consume, as its operator says it; URLs that are empty: nowhere."""

    source: str
    server: str
    tenant: str = "default"
    answers: str = ""
    letters: str = ""
    in_flight: int = 768
    tls: Tls | None = None
    secrets: Secrets = Secrets()
    read: Reader = read_question
    followed: "Followed | None" = None
    metrics_listen: str = ""


async def consume(wanted: Consumption, leave: asyncio.Event) -> Consumer | None:
    """Consume until the source ends or `leave` is set.

    None: it was asked to stop before its turn to follow signals came. Raises SourceUnusable,
    SinkUnusable or StateUnusable.
    """
    at = place(wanted.source)
    if at.url.scheme in BROKERS and not wanted.letters:
        raise SourceUnusable(
            "name a place for events that are rejected: --dead-letters jsonl:///var/rejected.jsonl"
        )
    async with AsyncExitStack() as stack:
        state = None
        if wanted.followed is not None:
            # Nothing is fetched before it is its turn.
            state = await wanted.followed.held(leave)
            if state is None:
                return None
            stack.callback(state.close)
        answers, encode = _sink(wanted.answers, "answers", wanted.secrets, stack)
        letters, _ = _sink(wanted.letters, "letters", wanted.secrets, stack)
        source = open_source(at, wanted.secrets.inbox)
        stack.push_async_callback(source.close)
        client = await stack.enter_async_context(_client(wanted))
        telemetry = _telemetry(wanted, stack)
        deciding = TracedDeciding(
            Deciding(Called(client, carried)), telemetry.tracer, telemetry.extract
        )
        answered = AnswerWriter(wanted.tenant, FORMATS[encode][1])
        following = None
        if wanted.followed is not None and state is not None:
            signals, format_ = _sink(wanted.followed.sink, "signals", wanted.secrets, stack)
            sinks = Places(signals, answers, letters)
            encoded = FORMATS[format_][1]
            following = wanted.followed.begun(state, sinks, encoded, deciding, answered)
            observe_signals(telemetry.meter, following.tracker.counts)
        ends = Ends(source, answers, letters, None if following is None else following.hearing)
        consumer = Consumer(ends, wanted.read, deciding, answered, wanted.in_flight)
        observe_inbox(telemetry.meter, consumer)
        await (consumer.run(leave) if following is None else following.run(consumer, leave))
    return consumer


def _telemetry(wanted: Consumption, stack: AsyncExitStack) -> Telemetry:
    telemetry = setup.start(listen=wanted.metrics_listen)
    stack.push_async_callback(telemetry.stop)
    stack.enter_context(exported(telemetry.put_log))
    stack.callback(observe_process(telemetry.meter))
    return telemetry


def _sink(url: str, name: str, secrets: Secrets, stack: AsyncExitStack) -> tuple[Sink | None, str]:
    if not url:
        return None, "json"
    (address,) = addresses(f"{name}={url}")
    sink = open_sink(address, secrets.outbox)
    stack.push_async_callback(sink.close)
    return sink, address.format


def _client(wanted: Consumption) -> AsyncClient:
    token = wanted.secrets.token if wanted.secrets.token_file else None
    return AsyncClient(
        wanted.server, tenant=wanted.tenant, timeout=CALL_SECONDS, tls=wanted.tls, token=token
    )
