"""Measures what telemetry costs a call, and nothing else: python -m bench.telemetry [ROUNDS].

Two servers, one with everything exported and one without telemetry, take turns within each round;
CPU time of their processes, so that waiting for others costs nothing.
"""

import asyncio
import sys
from contextlib import AsyncExitStack

from bench.calls import call_cost, unary
from bench.cpu import Rounds
from bench.local_server import local_server
from bench.sink import sink
from dealgate_client import AsyncClient

ROUNDS, TIMES = 15, 1024


async def main(rounds: int) -> None:
    """Warm up, measure, print."""
    measured = Rounds()
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(sink())
        on = {"OTEL_SDK_DISABLED": "false", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
        servers = {
            name: stack.enter_context(local_server(settings))
            for name, settings in (("off", {}), ("on", on))
        }
        clients = {
            name: await stack.enter_async_context(AsyncClient(server.target, timeout=60))
            for name, server in servers.items()
        }
        for number in range(rounds + 1):
            for name in sorted(servers, reverse=bool(number % 2)):
                cost = await call_cost(servers[name], unary, clients[name], TIMES)
                if number:
                    measured.add(name, cost)
    off, on_ = measured.microseconds("off"), measured.microseconds("on")
    print(f"off {off:.0f} µs, on {on_:.0f} µs, {measured.difference('on', 'off'):.0f} µs more")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
