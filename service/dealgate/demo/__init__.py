"""`dealgate demo`: a real server, real questions over gRPC, and answers a person can read."""

import sys
import tempfile

from rich.console import Console

from dealgate.assemble.process import run_loop
from dealgate.assemble.server import serving
from dealgate.demo.tour import tour
from dealgate.desk.starter import shipped
from dealgate.rulebook.faults import RulebookFaults
from dealgate.settings import Settings

WIDTH = 120


def run() -> None:
    """Serve the shipped rules on a free port, with a journal for the day, and take the tour."""
    try:
        run_loop(_demo(Console(highlight=False, width=_width())))
    except RulebookFaults as faults:
        raise SystemExit(str(faults)) from None


def _width() -> int | None:
    # A terminal knows its own; a log file is given room for the tables.
    return None if sys.stdout.isatty() else WIDTH


async def _demo(console: Console) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            address="localhost:0",
            rules=shipped("rules"),
            journal=f"{folder}/journal.db",
            lame_duck=0,
        )
        async with serving(settings) as running:
            target = f"localhost:{running.port}"
            console.print(f"A server listens on [bold]{target}[/], its journal is in {folder}.")
            await tour(target, console)
    console.print("\nThe server has stopped, and its journal is deleted.")
