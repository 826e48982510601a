"""A server observed by a collector in the same process."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from dealgate.decide import DecideAll
from dealgate.telemetry import setup
from dealgate.telemetry.decisions import traced
from dealgate.telemetry.described import Describer
from dealgate.telemetry.events import DecisionEvents
from dealgate.telemetry.rpcs import RpcTelemetry
from dealgate.telemetry.setup import Telemetry
from tests.telemetry.receiver import Receiver
from tests.wire.conftest import NOW, House, opened
from tests.wire.samples import KINDS
from tests.wire.test_calls import PATIENCE


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A collector."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def otel(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> pytest.MonkeyPatch:
    """An environment in which telemetry goes to the collector."""
    monkeypatch.setenv(setup.ENDPOINT, receiver.endpoint)
    return monkeypatch


@pytest.fixture
def telemetry(otel: pytest.MonkeyPatch) -> Telemetry:
    """What sends to the collector."""
    del otel
    return setup.start()


@dataclass
class Watched:
    """A server whose telemetry can be read once it has settled."""

    house: House
    telemetry: Telemetry
    receiver: Receiver

    async def settle(self) -> Receiver:
        """Let the server finish (a caller has its status earlier), and deliver all telemetry."""
        await self.house.server.stop()
        assert await self.telemetry.stop(patience=20)
        return self.receiver


def observing(decide: DecideAll, telemetry: Telemetry, key: bytes = b"") -> DecideAll:
    """Return `decide`, observed as a server does."""
    told = telemetry.put_log is not None
    events = DecisionEvents(telemetry.later.records, 60) if told else None
    describer = Describer(KINDS, "catalog-digest", key)
    return traced(decide, describer, telemetry, events)


@asynccontextmanager
async def observed() -> AsyncIterator[tuple[House, Telemetry]]:
    """Start a server with what the environment says about telemetry."""
    telemetry = setup.start()
    rpcs = RpcTelemetry(telemetry)
    async with opened(
        replace(NOW, grace=PATIENCE),
        observe=rpcs.observe,
        wrap=lambda decide: observing(decide, telemetry),
    ) as house:
        yield house, telemetry
    await telemetry.stop()


@pytest.fixture
async def watched(otel: pytest.MonkeyPatch, receiver: Receiver) -> AsyncIterator[Watched]:
    """A server that exports everything."""
    del otel
    async with observed() as (house, telemetry):
        yield Watched(house, telemetry, receiver)
