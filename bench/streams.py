"""Events in and events out, beside the same questions on a stream.

Usage: python -m bench.streams [ROUNDS]     (part of `make bench`; half a minute)

In turns on one machine: StreamDecide by the client, of a server that publishes nothing; then a file
of as many events through `dealgate consume`, the journal and the outbox of another. The time is
that until the last answer, and until the last line of the outbox. Latency is from an event's
publishing in NATS to its answer in NATS, and to its decision's own event, which the outbox has read
from the journal, in NATS, with one event at a time under way.

What is measured is time, since two processes share the work: run it on an idle machine.
"""

import asyncio
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from bench.calls import BATCH
from bench.local_server import ROOT, LocalServer, local_server
from bench.question import FACTS
from dealgate_client import AsyncClient, DealgateError, ScoreFacts, question

EVENTS, LATENCIES = 4_096, 300
BAR = 0.7


def main() -> None:
    """Print throughputs, their ratio, and latencies."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else 3
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.jsonl")
        settings = {"DEALGATE_OUTBOX": f"out=jsonl://{out}"}
        with local_server() as plain_server, local_server(settings) as server:
            lines = Lines(out)
            ratios = [
                (_asked(plain_server), _through(server, lines, Path(folder), n))
                for n in range(rounds)
            ]
        plain, through = (statistics.median(column) for column in zip(*ratios, strict=True))
        ratio = statistics.median(after / before for before, after in ratios)
        print(f"StreamDecide                     {plain:8,.0f} decisions/s")
        print(f"inbox → journal → outbox         {through:8,.0f} decisions/s")
        print(f"ratio                            {ratio:8.2f} (bar: {BAR})")
        if find_spec("nats") is None:
            print("nats-py is not installed: latency is left out")
            return
        answered, published = asyncio.run(_latencies(Path(folder)))
    print(f"inbox → answer                   {_percentiles(answered)}")
    print(f"inbox → journal → outbox         {_percentiles(published)}")


def _percentiles(taken: list[float]) -> str:
    p50, p99 = (sorted(taken)[len(taken) * share // 100] * 1e3 for share in (50, 99))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms"


class Lines:
    """A file that grows: how many lines it has, each part of it read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = self.number = 0

    def await_number(self, number: int) -> None:
        """Wait until it has so many."""
        while self.number < number:
            time.sleep(0.005)
            if self._path.exists():
                with self._path.open("rb") as file:
                    file.seek(self._read)
                    new = file.read()
                self._read += len(new)
                self.number += new.count(b"\n")


def _asked(server: LocalServer) -> float:
    """Return decisions a second on a stream."""
    start = time.perf_counter()
    asyncio.run(_streamed(server.target))
    return EVENTS / (time.perf_counter() - start)


def _through(server: LocalServer, out: Lines, folder: Path, number: int) -> float:
    """Return decisions a second through inbox and outbox."""
    before = out.number
    events = folder / f"in{number}.jsonl"
    with events.open("w") as file:
        file.writelines(json.dumps(_event(f"{number}-{n}", n)) + "\n" for n in range(EVENTS))
    with _consuming(f"jsonl://{events}", server.target) as consumer:
        # From the first decision on: a process that consumes starts once.
        out.await_number(before + 1)
        first, start = out.number, time.perf_counter()
        out.await_number(before + EVENTS)
        taken = time.perf_counter() - start
        consumer.wait(60)
    return (before + EVENTS - first) / taken


async def _streamed(target: str) -> None:
    batches = (
        [question(_facts(number)) for number in range(first, first + BATCH)]
        for first in range(0, EVENTS, BATCH)
    )
    async with AsyncClient(target) as client:
        async for results in client.stream_decide(batches):
            assert not any(isinstance(result, DealgateError) for result in results)


def _facts(number: int) -> ScoreFacts:
    """Return facts about a lead of its own: what is about one entity leaves one by one."""
    facts = ScoreFacts()
    facts.CopyFrom(FACTS)
    facts.lead.id = f"L{number}"
    return facts


def _event(id_: str, number: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id_,
        "source": "/bench",
        "type": "bench",
        "subject": f"lead/{number}",
        "data": {"score": {"facts": MessageToDict(_facts(number))}},
    }


@contextmanager
def _consuming(source: str, target: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "dealgate", "consume", source, "--server", target, *options]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


async def _latencies(folder: Path) -> tuple[list[float], list[float]]:
    """Return seconds from publishing an event to its answer, and to its decision's event."""
    import nats  # noqa: PLC0415 - what is not installed is left out

    from bench.broker import nats_server  # noqa: PLC0415 - as above

    with (
        nats_server(folder) as bus,
        local_server({"DEALGATE_OUTBOX": f"bench={bus}/published"}) as server,
    ):
        client = await nats.connect(bus)
        stream = client.jetstream()
        await stream.add_stream(name="bench", subjects=["bench.>", "published.>"])
        answers = await client.subscribe("bench.out.>")
        decisions = await client.subscribe("published.>")
        places = ("--answers", f"{bus}/bench/out", "--dead-letters", f"{bus}/bench/dead")
        answered, published = list[float](), list[float]()

        async def arrived(came: Any, start: float, taken: list[float]) -> None:
            await came.next_msg(60)
            taken.append(time.perf_counter() - start)

        with _consuming(f"{bus}/bench.in", server.target, *places):
            for number in range(LATENCIES + 10):
                body = json.dumps(_event(f"l{number}", number)).encode()
                start = time.perf_counter()
                await stream.publish("bench.in", body)
                await asyncio.gather(
                    arrived(answers, start, answered), arrived(decisions, start, published)
                )
        with contextlib.suppress(Exception):
            await client.close()
    return answered[10:], published[10:]  # the first wait for what starts


if __name__ == "__main__":
    os.environ.setdefault("OTEL_SDK_DISABLED", "true")
    main()
