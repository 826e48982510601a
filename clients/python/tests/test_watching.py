"""A watch goes on by itself, from where it was."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, TypeAlias

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo

from clients.python.tests.conftest import PATIENCE, QUICK
from clients.python.tests.stand_in import StandIn, Step, fail, hang, reply
from dealgate_client import (
    AsyncClient,
    Client,
    DealgateError,
    Denied,
    PositionLost,
    RecordedDecisionSummary,
    Unavailable,
    WatchedEvent,
)
from dealgate_client.v1.decision_service_pb2 import WatchDecisionsResponse

# What was told, and how it ended.
Watched: TypeAlias = tuple[list[str], type[DealgateError]]
Watch: TypeAlias = Callable[..., Watched]
NO_MORE = fail(grpc.StatusCode.PERMISSION_DENIED)


def told(token: str, *ids: str) -> Step:
    """Tell of these decisions."""
    events = [
        WatchedEvent(resume_token=id_, decision=RecordedDecisionSummary(decision_id=id_))
        for id_ in ids
    ]
    return reply(WatchDecisionsResponse(events=events, resume_token=token))


@pytest.fixture(params=["blocking", "asyncio"])
def watch(request: pytest.FixtureRequest, server: StandIn) -> Watch:
    """Watch with a client of either sort until it fails."""

    def blocking(**chosen: Any) -> Watched:
        seen: list[str] = []
        with Client(server.target, retry=QUICK) as client:
            try:
                seen.extend(e.decision.decision_id for e in client.watch_decisions(**chosen))
            except DealgateError as error:
                return seen, type(error)
        raise AssertionError("it ended by itself")

    async def asynchronous(**chosen: Any) -> Watched:
        seen: list[str] = []
        async with AsyncClient(server.target, retry=QUICK) as client:
            try:
                async for event in client.watch_decisions(**chosen):
                    seen += [event.decision.decision_id]
            except DealgateError as error:
                return seen, type(error)
        raise AssertionError("it ended by itself")

    def run(**chosen: Any) -> Watched:
        return asyncio.run(asynchronous(**chosen))

    return blocking if request.param == "blocking" else run


def delayed() -> Message:
    """A retry delay."""
    return RetryInfo(retry_delay=Duration(nanos=1_000_000))


def test_a_watch_goes_on_from_where_it_was(watch: Watch, server: StandIn) -> None:
    """Whatever ends a stream but a refusal, the next begins after all that was told."""
    server.then(
        told("t1"),
        fail(grpc.StatusCode.UNAVAILABLE, delayed()),
        told("t2", "a", "b"),
        fail(grpc.StatusCode.RESOURCE_EXHAUSTED, delayed()),
        fail(grpc.StatusCode.CANCELLED),
        told("t3", "c"),
        fail(grpc.StatusCode.DEADLINE_EXCEEDED),
        told("t4"),
        NO_MORE,
    )
    assert watch(kinds=["score"]) == (["a", "b", "c"], Denied)
    tokens = [call.request.resume_token for call in server.received]
    assert tokens == ["", "t1", "t2", "t2", "t3"]
    assert all(call.request.kinds == ["score"] for call in server.received)


def test_a_watch_from_the_beginning_begins_once(watch: Watch, server: StandIn) -> None:
    """Once something was heard, the token says where to go on."""
    server.then(told("t1", "a"), fail(grpc.StatusCode.UNAVAILABLE), told("t2"), NO_MORE)
    watch(from_beginning=True)
    asked = [(call.request.from_beginning, call.request.resume_token) for call in server.received]
    assert asked == [(True, ""), (False, "t1")]


def test_a_token_that_leads_nowhere_is_told(watch: Watch, server: StandIn) -> None:
    """The caller has to know that something cannot be told any more."""
    lost = ErrorInfo(reason="POSITION_LOST", domain="dealgate")
    server.then(fail(grpc.StatusCode.OUT_OF_RANGE, lost))
    assert watch(resume_token="old") == ([], PositionLost)


def test_a_watch_gives_up_when_asked_to(watch: Watch, server: StandIn) -> None:
    """With a timeout, it raises once no server was heard for so long."""
    server.then(*[fail(grpc.StatusCode.UNAVAILABLE)] * 2000)
    assert watch(timeout=0.1) == ([], Unavailable)


def test_a_watch_gives_up_on_a_server_that_says_nothing(watch: Watch, server: StandIn) -> None:
    """A server that accepts a stream and then stays silent does not count as reached.

    On a busy machine even its first message may arrive too late: then it gets more time.
    """
    for timeout in (0.5, 2, 8):
        server.script.clear()
        server.received.clear()
        server.then(told("t1", "a"), hang, hang)
        ids, error = watch(timeout=timeout)
        assert error is Unavailable
        tokens = [call.request.resume_token for call in server.received]
        if (ids, tokens) == (["a"], ["", "t1"]):
            return
    pytest.fail(f"it was told {ids}, and asked from {tokens}")


async def test_a_watch_can_be_left(server: StandIn) -> None:
    """Closing it tells the server, also while nothing is told."""
    server.then(told("t1", "a"), *[told("t2")] * 50_000)
    async with AsyncClient(server.target) as client:
        async with aclosing(client.watch_decisions()) as events:
            assert (await anext(events)).decision.decision_id == "a"
        assert await asyncio.to_thread(server.cancelled.wait, PATIENCE)
