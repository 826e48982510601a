"""What waits before any code of ours sees it is counted, and is in the time that calls took."""

import asyncio
import time
from typing import Any

import grpc

from dealgate.telemetry.held import Held, counted
from dealgate.telemetry.rpcs import RpcTelemetry
from dealgate.telemetry.setup import Telemetry
from dealgate.wire.acceptor import Acceptor
from tests.telemetry.receiver import Receiver, attributes
from tests.wire.test_calls import PATIENCE

CALLS, EACH = 150, 0.004


class Counts:
    """What gRPC counts, and a clock."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.now = 0.0
        self.arrived = self.over = 0

    def __call__(self) -> tuple[int, int]:
        """Return both."""
        return self.arrived, self.over


def looked(counts: Counts, held: Held, now: float, arrived: int, over: int, seen: int) -> None:
    """Look at a time; `seen` calls are in hand or over."""
    counts.now, counts.arrived, counts.over = now, arrived, over
    held.open = max(seen - over, 0)
    for _ in range(4):
        held.look(admitted=seen)


def test_how_long_the_first_waits() -> None:
    """Since the look at which as many had arrived; what has not been seen twice waits 0 s yet."""
    counts = Counts()
    held = Held(counts, lambda: counts.now)
    looked(counts, held, 1.0, arrived=10, over=10, seen=10)
    assert (held.waiting, held.seconds) == (0, 0.0)
    looked(counts, held, 2.0, arrived=110, over=20, seen=30)
    assert (held.waiting, held.seconds) == (80, 0.0)
    looked(counts, held, 3.0, arrived=160, over=60, seen=70)
    assert (held.waiting, held.seconds) == (90, 1.0)
    looked(counts, held, 4.0, arrived=160, over=120, seen=130)
    assert (held.waiting, held.seconds) == (30, 1.0)
    looked(counts, held, 5.0, arrived=160, over=160, seen=160)
    assert (held.waiting, held.seconds, held.abandoned) == (0, 0.0, 0)


def test_who_gives_up_unseen_is_counted() -> None:
    """Their deadline passes in gRPC's own line: neither the door nor the RPC's metric has them."""
    counts = Counts()
    held = Held(counts, lambda: counts.now)
    looked(counts, held, 1.0, arrived=100, over=10, seen=20)
    looked(counts, held, 2.0, arrived=100, over=60, seen=30)
    assert (held.waiting, held.abandoned) == (40, 30)


def test_looking_is_bounded() -> None:
    """Counting costs with the connections: it takes a share of the time, a larger one in need."""
    counts, worked = Counts(), [0.0]

    def count() -> tuple[int, int]:
        worked[0] += 0.01
        return counts()

    held = Held(count, lambda: counts.now, lambda: worked[0])

    def watched(seconds: float) -> float:
        before, until = worked[0], counts.now + seconds
        while counts.now < until:
            held.look(0)
            counts.now += 0.25
        return (worked[0] - before) / seconds

    assert watched(1000) <= 0.0011
    counts.arrived = 20  # at once, of which the loop takes one after the other
    assert watched(1000) <= 0.011
    counts.arrived = 1000
    watched(10)
    assert 0.005 < watched(1000) <= 0.011
    assert held.seconds > 900


def test_without_grpcs_counts_nothing_is_said() -> None:
    """They are no public interface of gRPC's."""
    held = Held(lambda: None)
    held.open = 100
    held.look(0)
    assert (held.waiting, held.seconds, held.abandoned) == (0, 0.0, 0)


async def test_the_wait_is_in_the_duration(telemetry: Telemetry, receiver: Receiver) -> None:
    """Callers at once, one event loop: what the server tells is near what the callers see."""

    async def busy(_: bytes, __: object) -> bytes:
        until = time.perf_counter() + EACH
        while time.perf_counter() < until:
            pass
        return b""

    observed = RpcTelemetry(telemetry).observe("/x.X/Y", grpc.unary_unary_rpc_method_handler(busy))
    server = Acceptor(lambda *_: observed, ())
    port = server.listen("127.0.0.1:0")
    server.start()

    async def look() -> None:
        while True:
            telemetry.held.look(0)
            await asyncio.sleep(0.01)

    looking = asyncio.create_task(look())
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        call: Any = channel.unary_unary("/x.X/Y")
        await asyncio.gather(*(call(b"") for _ in range(CALLS)))
    looking.cancel()
    after = counted()
    # Of all servers in this process: those of other tests may have gone meanwhile.
    assert after is not None
    assert after[0] >= CALLS
    await server.stop(PATIENCE)
    await telemetry.stop(20)
    took = [(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9 for span in receiver.spans]
    waits = [attributes(span.attributes).get("dealgate.rpc.wait", 0.0) for span in receiver.spans]
    assert len(took) == CALLS
    assert max(took) > EACH * CALLS / 4
    (point,) = receiver.metric("rpc.server.call.duration").histogram.data_points
    assert point.sum >= sum(took) + sum(waits) - CALLS * EACH / 10
