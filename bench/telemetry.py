"""Measures what telemetry costs a call, and nothing else: python -m bench.telemetry [ROUNDS].

Two servers, one with everything exported and one without telemetry, take turns in short bursts, the
order turned round each time (ABBA), so that both meet the same weather however busy the machine is.
What counts is the CPU time of their processes. A round is charged from its beginning to its end, so
that what is exported after a burst is in the bill as well.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from statistics import median

from bench.calls import unary
from bench.local_server import LocalServer, local_server
from bench.sink import sink
from dealgate_client import AsyncClient

ROUNDS, WARM_UP, BURST = 60, 8, 128
MOST = 60  # µs that telemetry may cost a call
BOTH = ("off", "on")


async def main(rounds: int) -> None:
    """Warm up, measure, print."""
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(sink())
        on = {"OTEL_SDK_DISABLED": "false", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
        servers = {
            name: stack.enter_context(local_server(settings))
            for name, settings in zip(BOTH, ({}, on), strict=True)
        }
        clients = {
            name: await stack.enter_async_context(AsyncClient(server.target, timeout=60))
            for name, server in servers.items()
        }
        for _ in range(WARM_UP):
            await one_round(servers, clients)
        told = [await one_round(servers, clients) for _ in range(rounds)]
    print(summary([costs["off"] for costs in told], [costs["on"] for costs in told]))


async def one_round(
    servers: Mapping[str, LocalServer], clients: Mapping[str, AsyncClient]
) -> Mapping[str, float]:
    """Return the CPU µs of a call to each server, over four bursts."""
    before = {name: server.cpu_seconds() for name, server in servers.items()}
    for name in (*BOTH, *reversed(BOTH)):
        await unary(clients[name], BURST)
    return {
        name: (server.cpu_seconds() - before[name]) / (2 * BURST) * 1e6
        for name, server in servers.items()
    }


def summary(off: Sequence[float], on: Sequence[float]) -> str:
    """Return medians, the median of the paired differences, and the range that holds it."""
    differences = sorted(more - less for more, less in zip(on, off, strict=True))
    low, high = spread(len(differences))
    return (
        f"telemetry costs a call {median(differences):.0f} µs more, at most {MOST}: "
        f"{median(off):.0f} µs without, {median(on):.0f} µs with spans, metrics and log events "
        f"exported; median of {len(differences)} paired rounds, 95 % between "
        f"{differences[low]:.0f} and {differences[high]:.0f} µs"
    )


def spread(many: int) -> tuple[int, int]:
    """Return the ranks between which the median lies with 95 %, whatever the distribution."""
    low = max(int(many / 2 - 0.98 * many**0.5), 0)
    return low, many - 1 - low


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
