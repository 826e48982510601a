"""What it costs to decide recorded questions again, beside asking them over the wire.

CPU time of the server a decision, durable, against CPU time of an impact a decision (each row is
two), and the rates by the wall. `python -m bench.impact [TIMES]`, half a minute.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.calls import batched, unary
from bench.local_server import RULES, LocalServer, local_server
from dealgate.aside.pool import cores
from dealgate.assemble.impacts import Spec, assess_of, impact_of
from dealgate.foresight.assessing import Clock
from dealgate.journal.urls import reader
from dealgate.model.instants import DAY
from dealgate_client import AsyncClient

KIND, OLD, NEW = "score", 3, 4


def main(times: int) -> None:
    """Ask so many questions each way, then decide all of them again."""
    with local_server() as server:
        asked = asyncio.run(_asked(server, times))
        spec = Spec(str(RULES), KIND, OLD, NEW, Clock(time.time_ns(), 90 * DAY))
        journal = Path(server.folder, "journal.db")
        records = list(reader(str(journal)).of_tenant("default")([KIND]))
        assess = assess_of(spec)
        assess(records[:100])
        before = time.process_time()
        assess(records)
        decision = (time.process_time() - before) / len(records) / 2
        started = time.perf_counter()
        impact = impact_of(spec, reader(str(journal)).of_tenant("default")([KIND]))
        rate = 2 * impact.decisions / (time.perf_counter() - started)
    print(
        f"impact: {1e6 * decision:.0f} µs a decision; {rate:,.0f} decisions/s on {cores()} cores,"
    )
    print(f"  of {impact.decisions:,} records, start and reading included")
    for name, (cpu, wall) in asked.items():
        more, faster = cpu / decision, rate / wall
        print(f"{name}: {1e6 * cpu:.0f} µs, {wall:,.0f}/s")
        print(f"  an impact does {more:.1f} times as many a CPU second, {faster:.1f} by the wall")


async def _asked(server: LocalServer, times: int) -> dict[str, tuple[float, float]]:
    """Return CPU seconds a decision and decisions a second, of each way to ask."""
    ways = {"a call each": unary, "in batches": batched}
    async with AsyncClient(server.target, timeout=300) as client:
        await unary(client, 200)
        return {name: await _cost(server, way, client, times) for name, way in ways.items()}


async def _cost(
    server: LocalServer,
    way: Callable[[AsyncClient, int], Awaitable[None]],
    client: AsyncClient,
    times: int,
) -> tuple[float, float]:
    cpu, started = server.cpu_seconds(), time.perf_counter()
    await way(client, times)
    wall = time.perf_counter() - started
    return (server.cpu_seconds() - cpu) / times, times / wall


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4096)
