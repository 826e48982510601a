"""Whole services: CPU of the server and latency, at rest, saturated, and at 70 % of that."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

import grpc

from bench.cerbos import binary, cerbos
from bench.peers import Peer, dealgate, echo
from bench.series import Series

SECONDS, LOAD = 1.5, 0.7
WARM_SECONDS, UP_SECONDS = 1.0, 10
Call = Callable[[], Awaitable[Any]]


async def compared(rounds: int) -> tuple[dict[str, Any], list[str]]:
    """Return CPU a call and latencies of every server, and what was left out."""
    with ExitStack() as stack:
        peers = [stack.enter_context(echo()), *stack.enter_context(dealgate())]
        path = binary()
        if path is not None:
            peers.append(stack.enter_context(cerbos(path)))
        told = await _measured(peers, rounds)
    return told, [] if path else ["Cerbos is not here: set CERBOS to its binary"]


async def _measured(peers: list[Peer], rounds: int) -> dict[str, Any]:
    cpu, waits, rejected = Series("µs"), Series("ms"), Series("%")
    channels = [grpc.aio.insecure_channel(peer.target) for peer in peers]
    calls = [_call(channel, peer) for channel, peer in zip(channels, peers, strict=True)]
    for peer, call in zip(peers, calls, strict=True):
        await _up(call)
        await _closed(call, peer.in_flight, WARM_SECONDS)
    for _ in range(rounds):
        for peer, call in zip(peers, calls, strict=True):
            await _round(peer, call, cpu, waits, rejected)
    for channel in channels:
        await channel.close()
    told = {"CPU": cpu.told(peers[0].name), "latency": waits.told()}
    return {**told, "rejected at 70 %": rejected.told()}


def _call(channel: Any, peer: Peer) -> Call:
    method = channel.unary_unary(peer.method)
    return lambda: method(peer.question, timeout=30)


async def _up(call: Call) -> None:
    until = time.monotonic() + UP_SECONDS
    while True:
        try:
            await call()
        except grpc.aio.AioRpcError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.1)
        else:
            return


async def _round(peer: Peer, call: Call, cpu: Series, waits: Series, rejected: Series) -> None:
    """Measure a server saturated, at 70 % of what it then did, and with one caller."""
    before = peer.cpu_seconds()
    busy = await _closed(call, peer.in_flight, SECONDS)
    cpu.add(peer.name, (peer.cpu_seconds() - before) / len(busy) / peer.decisions * 1e6)
    if peer.decisions > 1:
        return
    rate = LOAD * len(busy) / SECONDS
    loaded = await _open(call, rate, SECONDS)
    rejected.add(peer.name, 100 * (1 - len(loaded) / int(rate * SECONDS)))
    alone = await _closed(call, 1, SECONDS / 3)
    for name, taken in (("saturated", busy), ("at 70 %", loaded), ("one caller", alone)):
        for share in (50, 99):
            waits.add(f"{peer.name}, {name}, p{share}", _percentile(taken, share) * 1e3)


async def _closed(call: Call, callers: int, seconds: float) -> list[float]:
    """Return how long calls took of so many callers who ask one after the other."""
    taken: list[float] = []
    until = time.perf_counter() + seconds

    async def caller() -> None:
        while (start := time.perf_counter()) < until:
            await call()
            taken.append(time.perf_counter() - start)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return taken


async def _open(call: Call, rate: float, seconds: float) -> list[float]:
    """Return how long calls took that come at a steady rate, whether others have ended or not.

    Those that a server rejects at once, as it should if it cannot keep up, are not among them.
    """
    taken: list[float] = []
    start, tasks = time.perf_counter(), []

    async def one(due: float) -> None:
        try:
            await call()
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                raise
        else:
            taken.append(time.perf_counter() - due)

    for number in range(int(rate * seconds)):
        due = start + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    return taken


def _percentile(values: list[float], share: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) * share // 100, len(ordered) - 1)]
