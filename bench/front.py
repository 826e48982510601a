"""JSON over HTTP through the front, beside the same question over gRPC.

Usage: python -m bench.front [CALLS]     (part of `make bench`; a few seconds)

A real Envoy, as `dealgate front` sets it up, stands before a real server; both kinds of caller have
one connection and ask one question at a time, in turns of 50. Told are the processor time of a call
in Envoy and in the server, and how long a caller waits: p50 and p99. A caller's own work is in
neither of the first two; writing and reading JSON is in the last.
"""

import asyncio
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from bench.calls import KNOWN
from bench.cpu import cpu_seconds
from bench.local_server import LocalServer, local_server
from bench.question import FACTS
from dealgate.front.envoy import Address, Front, write_front
from dealgate.front.openapi import document
from dealgate_client import AsyncClient
from tests.front.conftest import await_healthy, envoy_path
from tests.ports import free_port

BURST, CALLS = 50, 1_000
WARM = 3  # bursts that are not counted

Call = Callable[[], Awaitable[None]]


def main() -> None:
    """Print what a call costs, and how long it takes."""
    calls = int(sys.argv[1]) if sys.argv[1:] else CALLS
    if find_spec("envoy") is None:
        print("Envoy is not installed: make envoy")
        return
    with local_server() as server, _front(server) as (port, envoy_id):
        rows = asyncio.run(_measured(server, port, envoy_id, calls // BURST))
    print("                     Envoy      server     p50        p99")
    for name, (front, behind, waits) in rows.items():
        p50, p99 = (sorted(waits)[len(waits) * share // 100] * 1e3 for share in (50, 99))
        print(
            f"{name:18} {front * 1e6:6.0f} µs  {behind * 1e6:6.0f} µs  {p50:5.2f} ms  {p99:5.2f} ms"
        )


async def _measured(
    server: LocalServer, port: int, envoy_id: int, bursts: int
) -> dict[str, tuple[float, float, list[float]]]:
    """Return CPU seconds a call in Envoy and the server (medians of bursts), and waits."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = json.dumps({"facts": MessageToDict(FACTS)})

    async def as_json() -> None:
        connection.request("POST", "/v1/leads:score", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert "outcome" in json.loads(answer.read()), answer.status

    async with AsyncClient(server.target) as client:

        async def as_grpc() -> None:
            await client.score_lead(**KNOWN)

        callers: dict[str, Call] = {"gRPC": as_grpc, "JSON, by Envoy": as_json}
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in callers}
        waits: dict[str, list[float]] = {name: [] for name in callers}
        for burst in range(WARM + bursts):
            for name, call in callers.items():
                before = cpu_seconds(envoy_id), server.cpu_seconds()
                taken = [await _timed(call) for _ in range(BURST)]
                after = cpu_seconds(envoy_id), server.cpu_seconds()
                if burst >= WARM:
                    spent = (after[0] - before[0]) / BURST, (after[1] - before[1]) / BURST
                    costs[name].append(spent)
                    waits[name] += taken
    connection.close()
    return {name: (*_medians(costs[name]), waits[name]) for name in callers}


async def _timed(call: Call) -> float:
    start = time.perf_counter()
    await call()
    return time.perf_counter() - start


def _medians(costs: list[tuple[float, float]]) -> tuple[float, float]:
    front, behind = zip(*costs, strict=True)
    return statistics.median(front), statistics.median(behind)


@contextmanager
def _front(server: LocalServer) -> Iterator[tuple[int, int]]:
    """Run Envoy before the server; yield its port and its process."""
    host, _, port = server.target.partition(":")
    with tempfile.TemporaryDirectory() as folder:
        address = Address("127.0.0.1", free_port())
        front = Front(address, Address(host, int(port)), (), connect=False)
        write_front(front, Path(folder), document())
        command: list[Any] = [envoy_path(), "-c", f"{folder}/envoy.yaml", "--use-dynamic-base-id"]
        command += ["--concurrency", "1", "-l", "error"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as envoy:
            try:
                await_healthy(f"http://127.0.0.1:{address.port}")
                yield address.port, envoy.pid
            finally:
                envoy.terminate()
                envoy.wait(30)


if __name__ == "__main__":
    main()
