"""What a study has at hand, and how it asks."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bench.feeding import Fed, Reading, feed
from bench.local_server import LocalServer
from dealgate_client import AsyncClient
from dealgate_client.questions import FIELDS

Row = TypeVar("Row")
COLUMNS = (TextColumn("{task.description:32}"), BarColumn(20), MofNCompleteColumn())


@dataclass(frozen=True, slots=True)
class Study:
    """The folder with the data, the server and a client of it, and where to print."""

    folder: Path
    server: LocalServer
    client: AsyncClient
    console: Console

    async def ask(
        self,
        title: str,
        rows: Sequence[Row],
        reading: Reading[Row],
        as_of: dt.datetime,
        draft: int | None = None,
    ) -> Fed:
        """Ask about every row by the rules of today, or by a draft in dry runs; see `feed`.

        The rules are named by version: at `as_of`, when the data was recorded, there were none.
        """
        kind = FIELDS[type(reading.cleaned(rows[0]))]
        version = draft or (await self.client.get_rule_set(kind)).summary.version
        options = {"as_of": as_of, "rule_set_version": version, "dry_run": draft is not None}
        started, used = time.perf_counter(), self.server.cpu_seconds()
        with Progress(*COLUMNS, console=self.console) as progress:
            name = f"{title}, {kind}@{version}"
            fed = await feed(self.client, progress, name, rows, reading, options)
        seconds, cpu = time.perf_counter() - started, self.server.cpu_seconds() - used
        each = f"{cpu / len(rows) * 1e6:,.0f} µs of the server's CPU for each"
        self.console.print(f"[dim]{len(rows) / seconds:,.0f} decisions a second, {each}[/]")
        return fed
