"""How long a decision takes while the rules are read again, to how long it takes otherwise."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.calls import KNOWN
from bench.local_server import RULES, local_server
from dealgate_client import AsyncClient

CALLS = 1500  # one after the other
CHANGES = 8  # every kind is changed in each, and read again
PATIENCE = 60.0  # seconds that a change may take to come into use


async def measured(target: str, rules: Path) -> None:
    """Print the latencies of both, as the caller sees them."""
    async with AsyncClient(target) as client:
        await timed(client, 200)  # warm
        quiet = await timed(client, CALLS)
        busy: list[float] = []
        for _ in range(CHANGES):
            before = await edition(client)
            touch(rules)
            async with asyncio.timeout(PATIENCE):
                while await edition(client) == before:
                    busy += await timed(client, 50)
    print(f"changes taken into use: {CHANGES}")
    tell("quiet", quiet)
    tell("while rules are read", busy)


async def timed(client: AsyncClient, times: int) -> list[float]:
    """Score a lead so many times, one call after the other; return seconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        await client.score_lead(**KNOWN)
        found.append(time.perf_counter() - start)
    return found


def touch(rules: Path) -> None:
    """Add a comment to a file of every kind."""
    for path in rules.glob("*/v1.yaml"):
        path.write_text(f"{path.read_text()}# changed\n")


async def edition(client: AsyncClient) -> int:
    """Return how many catalogs the server has taken into use."""
    return (await client.get_catalog()).edition


def tell(name: str, seconds: Sequence[float]) -> None:
    """Print the median and the hundredth slowest."""
    ordered = sorted(seconds)
    median, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    worst = ordered[-1]
    shown = ", ".join(f"{1000 * each:.1f}" for each in (median, late, worst))
    print(f"{name}: {len(ordered)} calls, median, 99th hundredth and slowest in ms: {shown}")


def main() -> None:
    """Measure once."""
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules"
        shutil.copytree(RULES, rules)
        with local_server({"DEALGATE_RULES": str(rules)}) as server:
            asyncio.run(measured(server.target, rules))


if __name__ == "__main__":
    main()
