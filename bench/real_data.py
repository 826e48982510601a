"""Feeds real data through a running server, and looks at what comes out.

Usage: python -m bench.real_data [FOLDER]     (default: ../shared/data beside the checkout)

The data is read where it lies and never copied. All of it goes over gRPC into a server that
keeps every decision: some rows by unary calls, some in batches, most in one stream.
"""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bench import study_chain, study_deals, study_journeys, study_leads
from bench.local_server import ROOT, RULES, LocalServer, local_server
from bench.study import Study
from dealgate_client import AsyncClient

DATA = ROOT.parent / "shared" / "data"
STUDIES: dict[str, Callable[[Study], Awaitable[int]]] = {
    "leads_xeducation": study_leads.run,
    "leads_xeducation, in a chain": study_chain.run,
    "crm_maven": study_deals.run,
    "attribution_paths": study_journeys.run,
}


def main(folder: Path) -> None:
    """Run every study whose data is there; say which is not."""
    console = Console(highlight=False)
    present = [name for name in STUDIES if (folder / name.partition(",")[0]).is_dir()]
    for name in STUDIES:
        if name not in present:
            console.print(f"{folder / name} is not here: nothing to feed from it")
    if present:
        with TemporaryDirectory() as rules, local_server(with_drafts(Path(rules))) as server:
            asyncio.run(_run(server, folder, console, present))


def with_drafts(folder: Path) -> dict[str, str]:
    """Lay the bench's drafts beside a copy of the shipped rules; return the server's setting."""
    shutil.copytree(RULES, folder, dirs_exist_ok=True)
    for version, path in study_leads.DRAFTS.items():
        shutil.copy(path, folder / "score" / f"v{version}.yaml")
    return {"DEALGATE_RULES": str(folder)}


async def _run(server: LocalServer, folder: Path, console: Console, names: Sequence[str]) -> None:
    async with AsyncClient(server.target, timeout=30) as client:
        await client.wait_until_ready()
        study = Study(folder, server, client, console)
        recorded = 0
        for name in names:
            console.rule(f"[bold]{name}", style="dim")
            recorded += await STUDIES[name](study)
    kept = sum(file.stat().st_size for file in server.folder.glob("journal.db*"))
    console.rule("[bold]the journal", style="dim")
    console.print(f"{recorded:,} decisions recorded, {kept / recorded:,.0f} bytes each")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
