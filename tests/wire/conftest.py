"""A real server on a free port, and a channel to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status

from dealgate.decide import DecideAll
from dealgate.journal.feed import JournalFeed
from dealgate.journal.memory import MemoryJournal
from dealgate.model.audit import Audited
from dealgate.v1.decision_service_pb2_grpc import DecisionServiceStub
from dealgate.v1.lead_service_pb2_grpc import LeadServiceStub
from dealgate.v1.rule_service_pb2_grpc import RuleServiceStub
from dealgate.wire.auditing import Auditor
from dealgate.wire.changes import Changes, Writing
from dealgate.wire.door import Observe
from dealgate.wire.entrance import Guarding
from dealgate.wire.facts import Keeping
from dealgate.wire.server import Listening, Server
from dealgate.wire.services import Ports
from tests.wire.fact_fakes import NoFacts
from tests.wire.fakes import (
    NO_SUBJECTS,
    EchoingInsights,
    MemoryLive,
    MemoryRecords,
    ScriptedChanges,
    ScriptedDecider,
    SteppingClock,
    assess_nothing,
    explain_nothing,
    fit_here,
    process_nothing,
    replay_nothing,
)
from tests.wire.samples import KINDS

if TYPE_CHECKING:  # only the stubs' stubs know these
    from dealgate.v1.decision_service_pb2_grpc import DecisionServiceAsyncStub
    from dealgate.v1.lead_service_pb2_grpc import LeadServiceAsyncStub
    from dealgate.v1.rule_service_pb2_grpc import RuleServiceAsyncStub

Detail = TypeVar("Detail", bound=Message)

MOST_WATCHES = 8
NOW = Listening(address="127.0.0.1:0", lame_duck=0, grace=0)


@dataclass
class House:
    """A server, all it stands on, and a way in."""

    server: Server
    channel: grpc.aio.Channel
    port: int
    decider: ScriptedDecider
    records: MemoryRecords
    live: MemoryLive
    changes: ScriptedChanges
    insights: EchoingInsights
    audited: list[Audited]
    journal: MemoryJournal
    leads: "LeadServiceAsyncStub" = field(init=False)
    decisions: "DecisionServiceAsyncStub" = field(init=False)
    rules: "RuleServiceAsyncStub" = field(init=False)

    def __post_init__(self) -> None:
        """Make the stubs."""
        self.leads = LeadServiceStub(self.channel)
        self.decisions = DecisionServiceStub(self.channel)
        self.rules = RuleServiceStub(self.channel)


@asynccontextmanager
async def opened(
    listening: Listening = NOW,
    observe: Observe = lambda _, handler: handler,
    wrap: Callable[[DecideAll], DecideAll] = lambda decide: decide,
    guarding: Guarding | None = None,
) -> AsyncIterator[House]:
    """Start a server around fakes; `wrap` goes around its decider."""
    records = MemoryRecords()
    decider = ScriptedDecider(records)
    decide, live = wrap(decider), MemoryLive()
    changes = ScriptedChanges()
    insights = EchoingInsights()
    journal = MemoryJournal()
    ports = Ports(
        kinds=KINDS,
        current=lambda: decide,
        records=records,
        live=live,
        explain=explain_nothing,
        replay=replay_nothing,
        changes=Changes(changes.judge, Writing(changes.release, changes.approve)),
        insights=insights,
        fit=fit_here,
        assess=assess_nothing,
        process=lambda: process_nothing,
        feed=JournalFeed(journal),
        subjects=NO_SUBJECTS,
        max_watches=MOST_WATCHES,
        facts=Keeping(NoFacts(), NoFacts),
    )
    audited: list[Audited] = []

    async def note(entry: Audited) -> None:
        audited.append(entry)

    server = Server(
        listening,
        ports,
        observe=observe,
        arrive=SteppingClock(),
        guarding=guarding,
        auditor=Auditor(note),
    )
    port = await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield House(
            server, channel, port, decider, records, live, changes, insights, audited, journal
        )
    await server.stop()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A server that leaves at once."""
    async with opened() as house:
        yield house


def raw(house: House, rpc: str) -> "grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]":
    """Return a way to send an RPC bytes as they are, and to get bytes as they came."""
    return house.channel.unary_unary(f"/dealgate.v1.{rpc}")


@dataclass(frozen=True)
class Refusal:
    """What a caller learns from a call that failed."""

    code: grpc.StatusCode
    message: str
    trailers: dict[str, str | bytes]
    status: Status

    def detail(self, kind: type[Detail]) -> Detail:
        """Return the status detail of this type; there must be one."""
        found = kind()
        assert any(packed.Unpack(found) for packed in self.status.details)
        return found

    @property
    def fields(self) -> list[str]:
        """Return the fields that the violations name."""
        return [one.field for one in self.detail(BadRequest).field_violations]


async def refusal(call: Awaitable[object]) -> Refusal:
    """Return how `call`, which must fail, was refused."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return refused_by(caught.value)


def refused_by(error: grpc.aio.AioRpcError) -> Refusal:
    """Return what a caller learns from an error."""
    trailers = dict(error.trailing_metadata() or ())
    status = Status.FromString(trailers.get("grpc-status-details-bin", b""))
    return Refusal(error.code(), error.details() or "", trailers, status)
