"""More than a server can do: it does what it can, and says to the rest when to come back."""

import asyncio
import os
import time
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

import pytest

from tests.chaos.crowd import Clock, Crowd, crowd_at
from tests.chaos.victim import Victim

CONNECTIONS = 8
ROUNDS, SECONDS = 8, 1.5  # in turns: what else uses the machine slows both that are compared
DEADLINE, PATIENCE = 2.0, 60.0
LEAST_SHARE = 0.3  # of a processor, that a server has at least
# Of the answers that a second of its processor gives without overload. What is aimed at is 0.9; ADR
# 130 says what sending a call away costs, and what follows. This tells a server that collapses.
GOODPUT = 0.2
MEGABYTES = 100


async def test_a_burst(victim: Victim, *, thorough: bool) -> None:
    """Four thousand at once. Bar: each is answered, or sent away with a delay."""
    many = 4_000 if thorough else 1_500
    async with crowd_at(victim.port or 0, CONNECTIONS) as crowd:
        await crowd.flooded(rate=many * 10, seconds=0.1, deadline=PATIENCE)
    assert set(crowd.codes) <= {"OK", "RESOURCE_EXHAUSTED", "no answer"}
    assert crowd.codes["OK"] > 0
    assert crowd.codes["no answer"] == 0
    assert crowd.without_delay == 0


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
        async with crowd_at(victim.port or 0, CONNECTIONS) as crowd:
            memory, shares = victim.megabytes, list[float]()
            ordinary, flooded = list[float](), list[float]()
            await crowd.closed(32, SECONDS)
            for _ in range(ROUNDS):
                capacity, rate = await paced(victim, crowd.closed(32, SECONDS))
                crowd.waits.clear()
                await crowd.flooded(0.7 * rate, SECONDS, DEADLINE)
                ordinary.append(slowest(crowd))
                flood = crowd.flooded(3 * capacity, SECONDS, DEADLINE, available(victim))
                goodput, _ = await paced(victim, flood)
                flooded.append(slowest(crowd))
                shares.append(goodput / capacity)
            assert set(crowd.codes) <= {
                "OK",
                "RESOURCE_EXHAUSTED",
                "DEADLINE_EXCEEDED",
                "no answer",
            }
            assert crowd.codes["no answer"] == 0
            assert crowd.without_delay == 0
            grown = victim.megabytes - memory
            print(  # noqa: T201  # the figures
                f"at three times capacity: {median(shares):.2f} of what it can, p99 of those"
                f" who were answered {median(flooded) * 1e3:.0f} ms"
                f" ({median(ordinary) * 1e3:.0f} ms at 70 %), {grown} MB more, {dict(crowd.codes)}"
            )
            assert median(shares) >= GOODPUT
            assert grown < MEGABYTES
            await asyncio.sleep(1)
            refused = crowd.codes.total() - crowd.codes["OK"]
            await crowd.closed(4, 2)
            assert crowd.codes.total() - crowd.codes["OK"] == refused


def available(victim: Victim) -> Clock:
    """Return a clock of the time in which the server has a processor.

    It goes on while the server has nothing to do, too; but three times what it can do is then a
    question of the server, and not of who else uses the machine.
    """
    passed, taken, looked = 0.0, victim.processor_seconds, time.monotonic()

    def clock() -> float:
        nonlocal passed, taken, looked
        now, took = time.monotonic(), victim.processor_seconds
        passed += max(took - taken, (now - looked) * LEAST_SHARE)
        taken, looked = took, now
        return passed

    return clock


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
