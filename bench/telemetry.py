"""Measures what telemetry costs a call, and nothing else: python -m bench.telemetry [ROUNDS].

Two servers in one process (bench/side_by_side.py), one with everything exported and one without
telemetry, take turns in short bursts, the order turned round each time (ABBA), so that both meet
the same weather however busy the machine is. What counts is the CPU time of the process. Callers
are stubs that send the same bytes again, on another processor. After each burst there is a pause,
in which what calls left is told: it is in the bill as well.

The difference of two processes' worth of work is noisy on a machine that others use. So what
telemetry's own functions take of their threads' time is told beside it, which is not, and which
leaves out what cannot be told apart: the trailer that gRPC sends, and cold caches.
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
from bench.side_by_side import Both, both
from bench.sink import sink
from dealgate.telemetry.later import SOON
from dealgate_client.v1 import score_pb2

ROUNDS, WARM_UP, BURST, AT_ONCE, TURNS = 60, 20, 64, 16, 2
PAUSE = SOON + 0.02  # seconds: what calls left is told in it
MOST = 60  # µs that telemetry may cost a call
CUT = 0.2  # share of the rounds left out at either end: something else happened in them
METHOD = "/dealgate.v1.LeadService/ScoreLead"
QUESTION = score_pb2.ScoreLeadRequest(facts=FACTS).SerializeToString()

# Seconds that a burst took of the process, and of them telemetry's own functions.
Cost: TypeAlias = tuple[float, float]
Burst: TypeAlias = Callable[[], Awaitable[Cost]]


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
            bursts.append(burst_of(channel.unary_unary(METHOD), servers))
        costs = [await one_round(bursts) for _ in range(WARM_UP + rounds)][WARM_UP:]
    print(summary(costs))


def burst_of(call: Any, servers: Both) -> Burst:
    """Return what asks a few times, and tells what that cost."""

    async def caller() -> None:
        for _ in range(BURST // AT_ONCE):
            await call(QUESTION)

    async def burst() -> Cost:
        before = cpu_seconds(servers.process_id), servers.telemetry_seconds()
        await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
        await asyncio.sleep(PAUSE)
        after = cpu_seconds(servers.process_id), servers.telemetry_seconds()
        return after[0] - before[0], after[1] - before[1]

    return burst


async def one_round(bursts: Sequence[Burst]) -> tuple[Cost, Cost]:
    """Return what a call costs each server in µs, over bursts in turn."""
    used: list[list[Cost]] = [[], []]
    for turn in range(TURNS):
        for which in (0, 1) if turn % 2 else (1, 0):
            used[which].append(await bursts[which]())
    off, on = (_of_a_call(costs) for costs in used)
    return off, on


def _of_a_call(costs: Sequence[Cost]) -> Cost:
    whole, own = (sum(seconds) / (len(costs) * BURST) * 1e6 for seconds in zip(*costs, strict=True))
    return whole, own


def summary(rounds: Sequence[tuple[Cost, Cost]]) -> str:
    """Return the trimmed means of the paired differences, each with its standard error."""
    whole, error = trimmed([on[0] - off[0] for off, on in rounds])
    own, own_error = trimmed([on[1] - off[1] for off, on in rounds])
    without, with_it = (median(cost[side][0] for cost in rounds) for side in (0, 1))
    return (
        f"telemetry costs a call {whole:.0f} µs more (standard error {error:.0f}), at most {MOST}; "
        f"its own functions {own:.0f} µs more ({own_error:.1f}); a call costs {without:.0f} µs "
        f"without, {with_it:.0f} µs with spans, metrics and log events exported; "
        f"{len(rounds)} paired rounds"
    )


def trimmed(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean without the extremes, and its standard error (Tukey and McLaughlin)."""
    ordered, cut = sorted(values), int(len(values) * CUT)
    kept = ordered[cut : len(ordered) - cut]
    winsorized = [kept[0]] * cut + kept + [kept[-1]] * cut
    return mean(kept), stdev(winsorized) / (1 - 2 * CUT) / len(values) ** 0.5


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
