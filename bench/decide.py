"""Measures what a decision costs, as ratios within one run: `make bench`.

Usage: python -m bench.decide

Costs are CPU time: of the server's process where a call is measured, of this one where a single
room is. Others share the machine, so only the ratios mean anything, and they are taken within
each of a few interleaved rounds. Everything stays on loopback.
"""

import asyncio
import importlib.util
import time
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track

from bench import calls, rooms
from bench.cpu import Rounds
from bench.local_server import RULES, LocalServer, local_server
from bench.ratios import report
from bench.sink import sink
from dealgate.assemble.engines import make_engine
from dealgate.desk.reading import read_rules
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.wire.arrival import arrive
from dealgate_client import AsyncClient

ROUNDS, FEWEST, TIMES = 7, 3, 512
SECONDS = 60  # after that, no further round is begun
HAS_RETE = importlib.util.find_spec("durable") is not None
CALLS: dict[str, calls.Calling] = {
    "health": calls.health,
    "unary": calls.unary,
    "explained": calls.explained,
    "dry": calls.dry,
    "batched": calls.batched,
    "streamed": calls.streamed,
}


class Bench:
    """Everything that is measured, by name; `close` lets go of it."""

    def __init__(self) -> None:
        self.stack = AsyncExitStack()
        self.operations: dict[str, rooms.Operation] = {}
        self.callings: dict[str, tuple[LocalServer, calls.Calling, AsyncClient]] = {}

    async def open_rooms(self) -> None:
        """Prepare what is measured inside this process."""
        catalog, engine = read_rules(RULES), make_engine("native")
        ruleset = catalog.at("score", arrive().at)
        folder = Path(self.stack.enter_context(TemporaryDirectory()))
        journal = await SqliteJournal.open(folder / "journal.db")
        self.stack.push_async_callback(journal.close)
        walk = await rooms.walk(engine, ruleset)
        some, oracle = rooms.oracle(ruleset)
        self.operations = {
            **walk.operations(),
            "append": walk.appending(journal),
            "native on some": rooms.firing(engine, some),
            "cel-cpp on some": oracle,
        }
        if HAS_RETE:
            rete = make_engine("rete")
            self.stack.push_async_callback(rete.close)
            self.operations["rete"] = rooms.firing(rete, ruleset)

    async def open_servers(self) -> None:
        """Start a server for each setting that is compared."""
        endpoint = await self.stack.enter_async_context(sink())
        telemetry = {"OTEL_SDK_DISABLED": "false", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
        await self._serve("", {}, CALLS)
        await self._serve("traced ", telemetry, {"unary": calls.unary})
        if HAS_RETE:
            await self._serve("rete ", {"DEALGATE_ENGINE": "rete"}, {"unary": calls.unary})

    async def _serve(
        self, prefix: str, settings: dict[str, str], callings: dict[str, calls.Calling]
    ) -> None:
        server = self.stack.enter_context(local_server(settings))
        client = await self.stack.enter_async_context(AsyncClient(server.target, timeout=30))
        await client.wait_until_ready()
        for name, calling in callings.items():
            self.callings[prefix + name] = (server, calling, client)

    async def measure(self, rounds: Rounds) -> None:
        """Measure everything once."""
        for name, operation in self.operations.items():
            rounds.add(name, await rooms.cost(operation, TIMES))
        for name, (server, calling, client) in self.callings.items():
            rounds.add(name, await calls.call_cost(server, calling, client, TIMES))


async def main(console: Console) -> None:
    """Warm up once, measure a few rounds, and print the table."""
    bench = Bench()
    async with bench.stack:
        await bench.open_rooms()
        await bench.open_servers()
        await bench.measure(Rounds())
        rounds, until = Rounds(), time.monotonic() + SECONDS
        for done in track(range(ROUNDS), "measuring", console=console, transient=True):
            if done < FEWEST or time.monotonic() < until:
                await bench.measure(rounds)
    report(console, rounds)


if __name__ == "__main__":
    asyncio.run(main(Console(highlight=False)))
