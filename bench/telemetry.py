"""Measures what telemetry costs a call, and nothing else: python -m bench.telemetry [SECONDS].

Two servers in one process (bench/side_by_side.py), one with everything exported and one without
telemetry, take turns every few milliseconds, the order turned round each time (ABBA), so that both
meet the same weather however busy the machine is. What counts is the CPU time of the process.
Callers are stubs that send the same bytes again, on another processor. What calls left is told
after some bursts, and exported once it fills a batch, each server's in its own time: it is in the
bill as well.

In the same rounds an empty call is measured (bench/echo.py), on the same processor: microseconds
depend on the machine and its mood, and telemetry's cost as a share of an empty call does not. The
bar was set where an empty call cost 205 to 213 µs.

What telemetry's own functions take of their threads' time is told beside it. It leaves out what
cannot be told apart: the trailer that gRPC sends, and cold caches.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import astuple, dataclass
from statistics import median
from typing import Any, TypeAlias

import grpc

from bench.cpu import cpu_seconds
from bench.peers import SCORE, Peer, echo
from bench.question import FACTS
from bench.side_by_side import Both, both
from bench.sink import sink
from bench.trimmed import Estimate, share, trimmed
from dealgate.aside.threads import in_thread
from dealgate_client.v1 import score_pb2

SECONDS, WARM_UP = 90.0, 8
AT_ONCE, PAIRS, PARTS = 16, 8, 3  # calls a burst, bursts of each before what is left is told, parts
CALLS = AT_ONCE * PAIRS * PARTS  # of each a round: what they leave fills a batch of spans
IDLE = 0.003  # seconds after a burst, in which what follows an answer is done
BAR, BAR_OF = 60, 209  # µs that telemetry may cost a call where an empty one costs so many
OFF, ON, EMPTY = 0, 1, 2
LOOK = "Held.look"  # by the clock, whether there are calls or not
QUESTION = score_pb2.ScoreLeadRequest(facts=FACTS).SerializeToString()

# Asks a few times at once, and tells the seconds that it took of the server.
Burst: TypeAlias = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Round:
    """µs a call of one round; `own_off` and `own_on` are what telemetry's functions took."""

    off: float
    on: float
    empty: float
    own_off: float
    own_on: float


async def main(seconds: float) -> None:
    """Warm up, measure, print."""
    processors = sorted(os.sched_getaffinity(0))
    async with AsyncExitStack() as stack:
        with beside(processors[-1], processors[0]):
            nothing = stack.enter_context(echo())
        endpoint = await stack.enter_async_context(sink())
        servers = await in_thread(stack.enter_context, both(endpoint, processors[-1]))
        bench = Bench(servers, nothing, stack)
        begun = time.monotonic()
        await bench.rounds(WARM_UP)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await bench.rounds(1)
        passed = time.monotonic() - begun
    print(summary(bench.told[WARM_UP:]))
    print(parts(bench.own[OFF], bench.own[ON], len(bench.told) * CALLS, passed))


@contextmanager
def beside(processor: int, own: int) -> Iterator[None]:
    """Start what is started within the block on a processor, and go on on one's own."""
    os.sched_setaffinity(0, {processor})
    yield
    os.sched_setaffinity(0, {own})


class Bench:
    """Asks all three in turn."""

    def __init__(self, servers: Both, nothing: Peer, stack: AsyncExitStack) -> None:
        """Connections last as long as `stack`."""
        self._servers = servers
        pids = (servers.process_id, servers.process_id, nothing.process_id)
        targets = (*servers.targets, nothing.target)
        asked = ((SCORE, QUESTION), (SCORE, QUESTION), (nothing.method, nothing.question))
        self._bursts = [
            burst_of(stack, target, pid, *what)
            for target, pid, what in zip(targets, pids, asked, strict=True)
        ]
        self.own: list[Mapping[str, float]] = [{}, {}]  # seconds of each function so far
        self.told: list[Round] = []

    async def rounds(self, many: int) -> None:
        """Measure some rounds."""
        for _ in range(many):
            before = [_of_calls(own) for own in self.own]
            used = [0.0] * 3
            for part in range(PARTS):
                async for which, seconds in self._part(part):
                    used[which] += seconds
            own = [_of_calls(now) - start for now, start in zip(self.own, before, strict=True)]
            self.told.append(Round(*(seconds / CALLS * 1e6 for seconds in (*used, *own))))

    async def _part(self, part: int) -> AsyncIterator[tuple[int, float]]:
        """Ask each in turn, and have told what calls left; yield what took whom how long."""
        for pair in range(PAIRS):
            for which in (*_turns(part + pair), EMPTY):
                yield which, await self._bursts[which]()
        for which in _turns(part):
            yield which, await self._settled(which)

    async def _settled(self, which: int) -> float:
        before = cpu_seconds(self._servers.process_id)
        self.own[which] = await in_thread(self._servers.settle, which)
        return cpu_seconds(self._servers.process_id) - before


def _of_calls(own: Mapping[str, float]) -> float:
    """Return what telemetry's functions took that are called for calls, not by the clock."""
    return sum(own.values()) - own.get(LOOK, 0.0)


def _turns(number: int) -> tuple[int, int]:
    return (OFF, ON) if number % 2 else (ON, OFF)


def burst_of(
    stack: AsyncExitStack, target: str, process_id: int, method: str, question: bytes
) -> Burst:
    """Return what asks a few times at once, and tells what that cost."""
    channel = grpc.aio.insecure_channel(target)
    stack.push_async_callback(channel.close)
    call: Any = channel.unary_unary(method)

    async def burst() -> float:
        before = cpu_seconds(process_id)
        await asyncio.gather(*(call(question) for _ in range(AT_ONCE)))
        await asyncio.sleep(IDLE)
        return cpu_seconds(process_id) - before

    return burst


def summary(rounds: Sequence[Round]) -> str:
    """Return the trimmed means of the paired differences, each with its standard error."""
    off, on, empty, own_off, own_on = (
        list(cost) for cost in zip(*map(astuple, rounds), strict=True)
    )
    more = [with_it - without for with_it, without in zip(on, off, strict=True)]
    own = [with_it - without for with_it, without in zip(own_on, own_off, strict=True)]
    return (
        f"telemetry costs a call {_told(share(more, empty), 2)} of an empty call more, "
        f"at most {BAR / BAR_OF:.2f} ({BAR} of {BAR_OF} µs); its own functions "
        f"{_told(share(own, empty), 2)}\n"
        f"in µs: {_told(trimmed(more))} more, its own functions {_told(trimmed(own))}; an empty "
        f"call {median(empty):.0f}, a call {median(off):.0f} without, {median(on):.0f} with spans, "
        f"metrics and log events exported; {len(rounds)} paired rounds of {CALLS} calls each"
    )


def parts(off: Mapping[str, float], on: Mapping[str, float], calls: int, passed: float) -> str:
    """Return what each function took a call, the dearest first, on less off."""
    costs = {name: (seconds - off.get(name, 0.0)) * 1e6 for name, seconds in on.items()}
    look = costs.pop(LOOK, 0.0) / passed
    dearest = sorted(costs.items(), key=lambda item: -item[1])
    told = ", ".join(f"{name} {cost / calls:.1f}" for name, cost in dearest)
    return f"its own functions, in µs a call: {told}; in µs a second: {LOOK} {look:.0f}"


def _told(estimate: Estimate, digits: int = 0) -> str:
    value, error = estimate
    return f"{value:.{digits}f} (standard error {error:.{digits + 1}f})"


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
