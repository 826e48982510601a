"""Feeds real data through a running server, and looks at what comes out.

Usage: python -m bench.real_data [FOLDER]     (default: ../shared/data beside the checkout)

The data is read where it lies and never copied. All of it goes over gRPC into a server that
keeps every decision: some rows by unary calls, some in batches, most in one stream.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import study_deals, study_journeys, study_leads
from bench.local_server import ROOT, LocalServer, local_server
from bench.study import Study
from dealgate_client import AsyncClient

DATA = ROOT.parent / "shared" / "data"
STUDIES: dict[str, Callable[[Study], Awaitable[int]]] = {
    "leads_xeducation": study_leads.run,
    "crm_maven": study_deals.run,
    "attribution_paths": study_journeys.run,
}


def main(folder: Path) -> None:
    """Run every study whose data is there; say which is not."""
    console = Console(highlight=False)
    absent = [name for name in STUDIES if not (folder / name).is_dir()]
    for name in absent:
        console.print(f"{folder / name} is not here: nothing to feed from it")
    if len(absent) < len(STUDIES):
        with local_server() as server:
            asyncio.run(_run(server, folder, console, set(STUDIES) - set(absent)))


async def _run(server: LocalServer, folder: Path, console: Console, present: set[str]) -> None:
    columns = (TextColumn("{task.description:34}"), BarColumn(), MofNCompleteColumn())
    async with AsyncClient(server.target, timeout=30) as client:
        await client.wait_until_ready()
        started, used = time.perf_counter(), server.cpu_seconds()
        decided = 0
        for name, study in STUDIES.items():
            if name in present:
                console.rule(f"[bold]{name}", style="dim")
                with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
                    decided += await study(Study(folder, client, console, progress))
        seconds, cpu = time.perf_counter() - started, server.cpu_seconds() - used
    kept = sum(file.stat().st_size for file in server.folder.glob("journal.db*"))
    console.rule("[bold]all of it", style="dim")
    console.print(
        f"{decided:,} decisions in {seconds:.1f} s, {cpu / decided * 1e6:,.0f} µs of the server's"
        f" CPU and {kept / decided:,.0f} bytes of its journal for each"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
