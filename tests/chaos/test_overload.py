"""More than a server can do: it does what it can, and says to the rest when to come back."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import grpc
import pytest

from tests.chaos.victim import OWN, SCORE, Caller, Victim, question

CONNECTIONS = 8
SECONDS = 8
DEADLINE = 2.0
# Of the answers that a second of its processor gives without overload. What is aimed at is 0.9; ADR
# 83 says what sending a call away costs in grpc.aio, and what follows. This tells a server that
# collapses.
GOODPUT = 0.2
MEGABYTES = 100


class Crowd:
    """Many callers in one event loop."""

    def __init__(self, target: str) -> None:
        """Connect several times."""
        channels = [grpc.aio.insecure_channel(target, options=OWN) for _ in range(CONNECTIONS)]
        self.counts = Caller(target)
        self.waits: list[float] = []
        self._calls: list[Callable[..., Awaitable[bytes]]] = [
            channel.unary_unary(SCORE) for channel in channels
        ]

    async def ask(self, number: int, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Ask once, by one of the connections."""
        begun = time.monotonic()
        try:
            await self._calls[number % CONNECTIONS](question(), timeout=timeout)
            self.counts.codes["OK"] += 1
            self.waits.append(time.monotonic() - begun)
        except grpc.aio.AioRpcError as error:
            self.counts.note(error)

    async def closed(self, callers: int, seconds: float) -> int:
        """Return the answers to so many callers who each wait for theirs."""
        end, before = time.monotonic() + seconds, self.counts.codes["OK"]

        async def caller(number: int) -> None:
            while time.monotonic() < end:
                await self.ask(number)

        await asyncio.gather(*(caller(number) for number in range(callers)))
        return self.counts.codes["OK"] - before

    async def flooded(self, rate: float, seconds: float) -> int:
        """Return the answers when so many a second ask, whoever is answered."""
        started, before, calls = time.monotonic(), self.counts.codes["OK"], list[object]()
        while (gone := time.monotonic() - started) < seconds:
            calls += [
                asyncio.ensure_future(self.ask(len(calls), DEADLINE))
                for _ in range(int(gone * rate) - len(calls))
            ]
            await asyncio.sleep(0.002)
        await asyncio.gather(*calls)  # type: ignore[call-overload]  # futures, whatever they hold
        return self.counts.codes["OK"] - before


async def test_a_burst(victim: Victim, *, thorough: bool) -> None:
    """Four thousand at once. Bar: each is answered, or sent away with a delay."""
    crowd = Crowd(victim.local)
    await asyncio.gather(*(crowd.ask(number) for number in range(4_000 if thorough else 1_500)))
    assert set(crowd.counts.codes) <= {"OK", "RESOURCE_EXHAUSTED"}
    assert crowd.counts.codes["OK"] > 0
    assert crowd.counts.without_delay == 0


async def test_three_times_what_it_can_do(victim: Victim, *, thorough: bool) -> None:
    """Most of what it computes still goes into answers, and a second later all is as before.

    Bars: GOODPUT of the answers that a second of its processor gives without overload, by the
    processor time that the server takes; 100 MB more memory; everybody answered after a second;
    nobody cancelled, and nobody sent away without a delay. The server has a processor of its own,
    and the callers another.
    """
    if not thorough:
        pytest.skip("measures for a minute: make chaos")
    with apart(victim):
        crowd = Crowd(victim.local)
        memory = victim.megabytes
        capacity, rate = await paced(victim, crowd.closed(32, SECONDS))
        _, _ = await paced(victim, crowd.flooded(0.7 * rate, SECONDS))
        ordinary = slowest(crowd)
        goodput, _ = await paced(victim, crowd.flooded(3 * rate, 2 * SECONDS))
        flooded = slowest(crowd)
        assert set(crowd.counts.codes) <= {"OK", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"}
        assert crowd.counts.without_delay == 0
        grown = victim.megabytes - memory
        print(  # noqa: T201  # the figures
            f"at three times capacity: {goodput / capacity:.2f} of what it can, p99 of those who"
            f" were answered {flooded * 1e3:.0f} ms ({ordinary * 1e3:.0f} ms at 70 %),"
            f" {grown} MB more, {dict(crowd.counts.codes)}"
        )
        assert goodput / capacity >= GOODPUT
        assert grown < MEGABYTES
        await asyncio.sleep(1)
        refused = crowd.counts.codes.total() - crowd.counts.codes["OK"]
        await crowd.closed(4, 2)
        assert crowd.counts.codes.total() - crowd.counts.codes["OK"] == refused


async def paced(victim: Victim, asking: Awaitable[int]) -> tuple[float, float]:
    """Return answers a second of the server's processor, and a second of the clock."""
    took, begun = victim.processor_seconds, time.monotonic()
    answers = await asking
    return answers / (victim.processor_seconds - took), answers / (time.monotonic() - begun)


def slowest(crowd: Crowd) -> float:
    """Return the 99th percentile of how long the answered have waited since it was last asked."""
    waits = sorted(crowd.waits)
    crowd.waits.clear()
    return waits[int(len(waits) * 0.99)]


@contextmanager
def apart(victim: Victim) -> Iterator[None]:
    """Give the server one processor and its callers another, where there are two."""
    mine = os.sched_getaffinity(0)
    if len(mine) > 1:
        first, second, *_ = sorted(mine)
        _pin(victim.pid, {first})
        os.sched_setaffinity(0, {second})
    yield
    os.sched_setaffinity(0, mine)
    _pin(victim.pid, mine)


def _pin(pid: int, processors: set[int]) -> None:
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread.name), processors)
