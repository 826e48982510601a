"""The RPC span and duration, on every path an RPC can take."""

import asyncio
from contextlib import suppress
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

from tests.telemetry.conftest import Watched
from tests.telemetry.endings import CODE, ending
from tests.telemetry.receiver import Receiver, attributes
from tests.wire.conftest import raw, refusal
from tests.wire.test_bulk import batch
from tests.wire.test_calls import PATIENCE

UNSET, ERROR = trace_pb2.Status.STATUS_CODE_UNSET, trace_pb2.Status.STATUS_CODE_ERROR


@pytest.mark.usefixtures("otel")
@pytest.mark.parametrize(
    ("rpc", "code", "span_status", "error_type"),
    [
        ("ok", CODE.OK, UNSET, None),
        ("abort", CODE.INVALID_ARGUMENT, UNSET, None),
        ("abort_internal", CODE.INTERNAL, ERROR, "INTERNAL"),
        ("crash", CODE.UNKNOWN, ERROR, "builtins.ValueError"),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
async def test_status(
    receiver: Receiver,
    rpc: str,
    code: grpc.StatusCode,
    span_status: int,
    error_type: str | None,
    *,
    streamed: bool,
) -> None:
    """Span and duration have the status the caller saw; only the server's faults are errors."""
    async with ending() as (_, channel, settle):
        seen, trailers = await called(channel, rpc, streamed=streamed)
        await settle()
    assert seen is code
    (span,) = receiver.spans
    assert span.name == f"test.Endings/{'many' if streamed else rpc}"
    assert span.kind == trace_pb2.Span.SPAN_KIND_SERVER
    expected = {"rpc.system.name": "grpc", "rpc.method": span.name, "rpc.status_code": code.name}
    expected |= {"error.type": error_type} if error_type else {}
    told = attributes(span.attributes)
    assert isinstance(told.pop("network.peer.port"), int)
    assert told.pop("network.peer.address") in {"127.0.0.1", "::1"}
    assert told == expected
    assert (span.status.code, span.status.message) == (span_status, "")
    assert not span.events
    assert trailers["x-trace-id"] == span.trace_id.hex()
    (point,) = receiver.metric("rpc.server.call.duration").histogram.data_points
    assert (attributes(point.attributes), point.count) == (expected, 1)
    assert point.explicit_bounds[:3] == [0.005, 0.01, 0.025]


async def called(
    channel: Any, rpc: str, *, streamed: bool
) -> tuple[grpc.StatusCode, dict[str, Any]]:
    """Call, and return the status and the trailers that the caller sees."""
    call: Any
    if streamed:
        call = channel.unary_stream("/test.Endings/many")(rpc.encode())
        with suppress(grpc.aio.AioRpcError):
            assert [reply async for reply in call] == [b"ok", b"ok"]
    else:
        call = channel.unary_unary(f"/test.Endings/{rpc}")(b"x")
    return await call.code(), dict(await call.trailing_metadata())


async def all_of(call: Any) -> list[bytes]:
    """Read a stream to its end."""
    return [reply async for reply in call]


@pytest.mark.usefixtures("otel")
@pytest.mark.parametrize("streamed", [False, True])
async def test_deadline(receiver: Receiver, *, streamed: bool) -> None:
    """An RPC that ran out of time is an error of the server's, and its work is stopped."""
    async with ending() as (endings, channel, settle), asyncio.timeout(PATIENCE):
        while not endings.waiting.is_set():  # on a slow machine, not even the start is in time
            if streamed:
                call = all_of(channel.unary_stream("/test.Endings/many")(b"wait", timeout=0.2))
            else:
                call = channel.unary_unary("/test.Endings/wait")(b"", timeout=0.2)
            assert (await refusal(call)).code is CODE.DEADLINE_EXCEEDED
        await asyncio.wait_for(endings.cancelled.wait(), PATIENCE)
        await settle()
    span = receiver.spans[-1]
    assert attributes(span.attributes)["rpc.status_code"] == "DEADLINE_EXCEEDED"
    assert attributes(span.attributes)["error.type"] == "DEADLINE_EXCEEDED"
    assert span.status.code == ERROR


@pytest.mark.usefixtures("otel")
@pytest.mark.parametrize("streamed", [False, True])
async def test_cancellation(receiver: Receiver, *, streamed: bool) -> None:
    """An RPC that its caller cancelled is nobody's fault, and its work is stopped."""
    async with ending() as (endings, channel, settle):
        call: Any
        if streamed:
            call = channel.unary_stream("/test.Endings/many")(b"wait")
        else:
            call = channel.unary_unary("/test.Endings/wait")(b"", timeout=3600)
        await asyncio.wait_for(endings.waiting.wait(), PATIENCE)
        call.cancel()
        await asyncio.wait_for(endings.cancelled.wait(), PATIENCE)
        await settle()
    (span,) = receiver.spans
    assert attributes(span.attributes)["rpc.status_code"] == "CANCELLED"
    assert span.status.code == UNSET


@pytest.mark.usefixtures("otel")
async def test_every_shape_of_rpc(receiver: Receiver) -> None:
    """Streams in either direction, yielded or written, pass unchanged."""
    async with ending() as (_, channel, settle):
        both: Any = channel.stream_stream("/test.Endings/each")(iter([b"a", b"b"]))
        assert [reply async for reply in both] == [b"a", b"b"]
        up: Any = channel.stream_unary("/test.Endings/join")(iter([b"a", b"b"]))
        assert await up == b"ab"
        down: Any = channel.unary_stream("/test.Endings/write")(b"a")
        assert [reply async for reply in down] == [b"a"]
        await settle()
    names = [span.name for span in receiver.spans]
    assert names == ["test.Endings/each", "test.Endings/join", "test.Endings/write"]


async def test_unknown_rpc(watched: Watched) -> None:
    """An RPC that nobody serves is seen and counted, under no name of a stranger's choice."""
    channel: Any = watched.house.channel
    for name in ("/some.Service/Thing", "/dealgate.v1.LeadService/Ann"):
        call = channel.unary_unary(name)(b"")
        assert (await refusal(call)).code is CODE.UNIMPLEMENTED
    receiver = await watched.settle()
    assert [span.name for span in receiver.spans] == ["_OTHER", "_OTHER"]
    (point,) = receiver.metric("rpc.server.call.duration").histogram.data_points
    assert attributes(point.attributes) == {
        "rpc.system.name": "grpc",
        "rpc.method": "_OTHER",
        "rpc.status_code": "UNIMPLEMENTED",
        "error.type": "UNIMPLEMENTED",
    }
    assert b"Thing" not in b"".join(receiver.raw)


async def test_health_is_not_observed(watched: Watched) -> None:
    """Probes would bury everything else."""
    health = health_pb2_grpc.HealthStub(watched.house.channel)
    await health.Check(health_pb2.HealthCheckRequest())
    assert (await watched.settle()).spans == []


async def test_cancelled_stream_of_decisions(watched: Watched) -> None:
    """A StreamDecide that its caller cancels ends its span, and the decision's under way."""
    house = watched.house
    house.decider.waits.add("slow")
    call = house.decisions.StreamDecide()
    await call.write(batch("slow"))
    await asyncio.wait_for(house.decider.waiting.wait(), PATIENCE)
    call.cancel()
    await asyncio.wait_for(house.decider.cancelled.wait(), PATIENCE)
    await house.server.stop()
    receiver = await watched.settle()
    (stream,) = receiver.named("dealgate.v1.DecisionService/StreamDecide")
    (decision,) = receiver.named("decide score")
    assert attributes(stream.attributes)["rpc.status_code"] == "CANCELLED"
    assert attributes(decision.attributes)["error.type"] == "asyncio.exceptions.CancelledError"
    assert (stream.status.code, decision.status.code) == (UNSET, UNSET)


async def test_a_message_that_is_too_large_is_seen(watched: Watched) -> None:
    """What gRPC itself refuses, before any code of ours, is counted under its method."""
    call = raw(watched.house, "LeadService/ScoreLead")(b"x" * 5_000_000)
    refused = await refusal(call)
    receiver = await watched.settle()
    assert refused.code is CODE.RESOURCE_EXHAUSTED
    (span,) = receiver.named("dealgate.v1.LeadService/ScoreLead")
    (point,) = receiver.metric("rpc.server.call.duration").histogram.data_points
    assert attributes(span.attributes)["rpc.status_code"] == "RESOURCE_EXHAUSTED"
    assert attributes(point.attributes)["rpc.status_code"] == "RESOURCE_EXHAUSTED"
