"""Two servers in one process: without telemetry, and with everything exported.

Two processes of the same code differ by some percent of what a call costs for as long as they
live: by where the system put their memory, and by the order of their sets and dictionaries. Within
one process there is no such difference, and what a call costs more is telemetry's.

Calls of both take turns every few milliseconds, so what they leave to be told must not be told
whenever a clock says so: it would be charged to whoever has the turn. It is told, and what fills a
batch is exported, when somebody asks for it, each server in its own time. What telemetry's
functions take of their threads' time is added up for each server, too.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import IO, Any

from bench.local_server import ROOT, RULES
from dealgate.assemble.process import run_loop
from dealgate.assemble.server import Running, serving
from dealgate.settings import Settings
from dealgate.telemetry import setup
from dealgate.telemetry.held import Held
from dealgate.telemetry.later import Later
from dealgate.telemetry.pipeline import Pipeline
from dealgate.telemetry.rpcs import RpcTelemetry
from dealgate.telemetry.setup import ENDPOINT, Telemetry
from dealgate.telemetry.spans import Tracer

HOUR = "3600000"  # ms
SETTLED = 0.001  # seconds between two looks whether everything has been exported
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

    def settle(self, which: int) -> Mapping[str, float]:
        """Have one of them tell and export what its calls left; blocks until that is done.

        Returns the seconds that each of its telemetry's functions has taken so far.
        """
        self.asked.write(f"{which}\n")
        self.asked.flush()
        told: Mapping[str, float] = json.loads(self.answers.readline())
        return told


@contextmanager
def both(endpoint: str, processor: int) -> Iterator[Both]:
    """Run them on one processor; one exports to `endpoint`."""
    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+") as log:
        command = [sys.executable, "-m", "bench.side_by_side", folder, endpoint, str(processor)]
        with subprocess.Popen(
            command,
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                ports = process.stdout.readline().split()
                if not ports:
                    raise RuntimeError(f"the servers did not start:\n{log.read()}")
                targets = tuple(f"127.0.0.1:{port}" for port in ports)
                yield Both(targets, process.pid, process.stdin, process.stdout)
            finally:
                # With whatever it started: its last exports would wait for a collector that
                # waits for it.
                os.killpg(process.pid, signal.SIGKILL)


def _none() -> defaultdict[str, float]:
    return defaultdict(float)


class Timed:
    """Adds up what functions take of their threads' time, by the server that they belong to."""

    def __init__(self) -> None:
        self.seconds: defaultdict[int, defaultdict[str, float]] = defaultdict(_none)
        self.running = 0
        self.owners: dict[int, int] = {}

    def own(self, telemetry: Telemetry, which: int) -> None:
        """Note whose the parts of this telemetry are."""
        parts = (telemetry.later, telemetry.tracer, telemetry.held, *telemetry.pipelines)
        self.owners.update(dict.fromkeys(map(id, parts), which))

    def watch(self, owner: Any, name: str) -> None:
        """Time a method from now on."""
        inner = getattr(owner, name)
        seconds, owners, label = self.seconds, self.owners, f"{owner.__name__}.{name}"

        @wraps(inner)
        def timed(instance: Any, *arguments: Any, **named: Any) -> Any:
            which = owners.get(id(getattr(instance, "_later", instance)), -1)
            before = time.thread_time()
            self.running += 1
            try:
                return inner(instance, *arguments, **named)
            finally:
                self.running -= 1
                seconds[which][label] += time.thread_time() - before

        setattr(owner, name, timed)


async def _serve(folder: str, endpoint: str) -> None:
    timed, begun = Timed(), list[Telemetry]()
    for owner, name in TIMED:
        timed.watch(owner, name)
    start = setup.start

    def started(*arguments: Any, **named: Any) -> Telemetry:
        telemetry = start(*arguments, **named)
        telemetry.later._seconds = float(HOUR)
        timed.own(telemetry, len(begun))
        begun.append(telemetry)
        return telemetry

    setup.start = started
    async with AsyncExitStack() as stack:
        off = await stack.enter_async_context(_server(f"{folder}/off.db", OFF))
        on = await stack.enter_async_context(_server(f"{folder}/on.db", {**ON, ENDPOINT: endpoint}))
        print(off.port, on.port, flush=True)
        loop = asyncio.get_running_loop()
        while asked := await loop.run_in_executor(None, sys.stdin.readline):
            await _settled(begun[int(asked)], timed)
            print(json.dumps(timed.seconds[int(asked)]), flush=True)
        os._exit(0)  # whoever asked is gone


async def _settled(telemetry: Telemetry, timed: Timed) -> None:
    """Tell what is left and wait until every full batch is with the collector."""
    telemetry.later.settle()
    while timed.running or any(map(_has_batch, telemetry.pipelines)):  # noqa: ASYNC110 - from outside
        await asyncio.sleep(SETTLED)


def _has_batch(pipeline: Pipeline) -> bool:
    return len(pipeline._items) >= pipeline._batching.batch


def _server(journal: str, variables: Mapping[str, str]) -> AbstractAsyncContextManager[Running]:
    os.environ.update(variables)
    settings = Settings(
        address="127.0.0.1:0", rules=RULES, journal=journal, lame_duck=0, reload="off"
    )
    return serving(settings)


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[3])})
    run_loop(_serve(sys.argv[1], sys.argv[2]))
