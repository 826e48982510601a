"""Measures what telemetry costs a call, and nothing else: python -m bench.telemetry [ROUNDS].

Two servers in one process (bench/side_by_side.py), one with everything exported and one without
telemetry, take turns in short bursts, the order turned round each time (ABBA), so that both meet
the same weather however busy the machine is. What counts is the CPU time of the process. Callers
are stubs that send the same bytes again, on another processor. After each burst there is a pause,
in which what calls left is told: it is in the bill as well.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from statistics import mean, median, stdev
from typing import Any, TypeAlias

import grpc

from bench.cpu import cpu_seconds
from bench.question import FACTS
from bench.side_by_side import both
from bench.sink import sink
from dealgate.telemetry.later import SOON
from dealgate_client.v1 import score_pb2

ROUNDS, WARM_UP, BURST, AT_ONCE, TURNS = 60, 20, 64, 16, 2
PAUSE = SOON + 0.02  # seconds: what calls left is told in it
MOST = 60  # µs that telemetry may cost a call
CUT = 0.2  # share of the rounds left out at either end: something else happened in them
METHOD = "/dealgate.v1.LeadService/ScoreLead"
QUESTION = score_pb2.ScoreLeadRequest(facts=FACTS).SerializeToString()

Burst: TypeAlias = Callable[[], Awaitable[float]]


async def main(rounds: int) -> None:
    """Warm up, measure, print."""
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, processors[:1])
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(sink())
        servers = stack.enter_context(both(endpoint, processors[-1]))
        bursts = []
        for target in servers.targets:
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(target))
            bursts.append(burst_of(channel.unary_unary(METHOD), servers.process_id))
        costs = [await one_round(bursts) for _ in range(WARM_UP + rounds)][WARM_UP:]
    print(summary(*zip(*costs, strict=True)))


def burst_of(call: Any, process_id: int) -> Burst:
    """Return what asks a few times, and tells the CPU seconds that the process spent on it."""

    async def caller() -> None:
        for _ in range(BURST // AT_ONCE):
            await call(QUESTION)

    async def burst() -> float:
        before = cpu_seconds(process_id)
        await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
        await asyncio.sleep(PAUSE)
        return cpu_seconds(process_id) - before

    return burst


async def one_round(bursts: Sequence[Burst]) -> tuple[float, float]:
    """Return the CPU µs of a call to each server, over bursts in turn."""
    used = [0.0, 0.0]
    for turn in range(TURNS):
        for which in (0, 1) if turn % 2 else (1, 0):
            used[which] += await bursts[which]()
    off, on = (seconds / (TURNS * BURST) * 1e6 for seconds in used)
    return off, on


def summary(off: Sequence[float], on: Sequence[float]) -> str:
    """Return medians, and the trimmed mean of the paired differences with its standard error."""
    differences = [more - less for more, less in zip(on, off, strict=True)]
    more, error = trimmed(differences)
    return (
        f"telemetry costs a call {more:.0f} µs more, standard error {error:.0f}, at most {MOST}: "
        f"{median(off):.0f} µs without, {median(on):.0f} µs with spans, metrics and log events "
        f"exported; {len(differences)} paired rounds"
    )


def trimmed(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean without the extremes, and its standard error (Tukey and McLaughlin)."""
    ordered, cut = sorted(values), int(len(values) * CUT)
    kept = ordered[cut : len(ordered) - cut]
    winsorized = [kept[0]] * cut + kept + [kept[-1]] * cut
    return mean(kept), stdev(winsorized) / (1 - 2 * CUT) / len(values) ** 0.5


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
