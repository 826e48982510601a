"""Two servers in one process: without telemetry, and with everything exported.

Two processes of the same code differ by some percent of what a call costs for as long as they
live: by where the system put their memory, and by the order of their sets and dictionaries. Within
one process there is no such difference, and what a call costs more is telemetry's.

What is exported is full batches, as on any busy server, and only those: one that the clock sends
off would be charged to whoever has the turn. What telemetry's functions take of their threads'
time is added up, and told for each line that is asked.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import IO, Any

from bench.local_server import ROOT, RULES
from dealgate.assemble.process import run_loop
from dealgate.assemble.server import Running, serving
from dealgate.settings import Settings
from dealgate.telemetry.held import Held
from dealgate.telemetry.later import Later
from dealgate.telemetry.pipeline import Pipeline
from dealgate.telemetry.rpcs import RpcTelemetry
from dealgate.telemetry.setup import ENDPOINT
from dealgate.telemetry.spans import Tracer

HOUR = "3600000"  # ms
OFF = {"OTEL_SDK_DISABLED": "true"}
ON = {
    "OTEL_SDK_DISABLED": "false",
    "OTEL_BSP_SCHEDULE_DELAY": HOUR,
    "OTEL_BLRP_SCHEDULE_DELAY": HOUR,
}
# None of them is called by another: what a call does at its beginning and end, what is told of it
# in bulk, what is sent, and the look at what gRPC holds.
TIMED: tuple[tuple[type, str], ...] = (
    *((RpcTelemetry, "_started"), (RpcTelemetry, "_ended"), (Tracer, "start")),
    *((Later, "_tell_some"), (Pipeline, "_take"), (Pipeline, "_deliver"), (Held, "look")),
)


@dataclass(frozen=True, slots=True)
class Both:
    """The server without telemetry and the one with, in a process."""

    targets: tuple[str, ...]
    process_id: int
    asked: IO[str]
    answers: IO[str]

    def telemetry_seconds(self) -> float:
        """Return what telemetry's functions have taken of their threads' time so far."""
        self.asked.write("\n")
        self.asked.flush()
        return float(self.answers.readline())


@contextmanager
def both(endpoint: str, processor: int) -> Iterator[Both]:
    """Run them on one processor; one exports to `endpoint`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.side_by_side", folder, endpoint, str(processor)]
        with subprocess.Popen(
            command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            ports = process.stdout.readline().split()
            targets = tuple(f"127.0.0.1:{port}" for port in ports)
            yield Both(targets, process.pid, process.stdin, process.stdout)
            process.kill()  # its last exports would wait for a collector that waits for it


class Timed:
    """Adds up what functions take of their threads' time."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def watch(self, owner: Any, name: str) -> None:
        """Time a method from now on."""
        inner = getattr(owner, name)

        @wraps(inner)
        def timed(*arguments: Any, **named: Any) -> Any:
            before = time.thread_time()
            try:
                return inner(*arguments, **named)
            finally:
                self.seconds += time.thread_time() - before

        setattr(owner, name, timed)


async def _serve(folder: str, endpoint: str) -> None:
    timed = Timed()
    for owner, name in TIMED:
        timed.watch(owner, name)
    async with AsyncExitStack() as stack:
        off = await stack.enter_async_context(_server(f"{folder}/off.db", OFF))
        on = await stack.enter_async_context(_server(f"{folder}/on.db", {**ON, ENDPOINT: endpoint}))
        print(off.port, on.port, flush=True)
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            print(timed.seconds, flush=True)


def _server(journal: str, variables: Mapping[str, str]) -> AbstractAsyncContextManager[Running]:
    os.environ.update(variables)
    settings = Settings(
        address="127.0.0.1:0", rules=RULES, journal=journal, lame_duck=0, reload="off"
    )
    return serving(settings)


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[3])})
    run_loop(_serve(sys.argv[1], sys.argv[2]))
