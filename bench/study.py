"""What a study has at hand, and how it asks."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

from bench.feeding import Fed, Reading, feed
from dealgate_client import AsyncClient
from dealgate_client.questions import FIELDS

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Study:
    """The folder with the data, the client to ask, and where to print."""

    folder: Path
    client: AsyncClient
    console: Console
    progress: Progress

    async def ask(
        self,
        title: str,
        rows: Sequence[Row],
        reading: Reading[Row],
        as_of: dt.datetime,
    ) -> Fed:
        """Ask about every row by the rules of today; see `feed`.

        The rules are named by version: at `as_of`, when the data was recorded, there were none.
        """
        kind = FIELDS[type(reading.cleaned(rows[0]))]
        version = (await self.client.get_rule_set(kind)).summary.version
        options = {"as_of": as_of, "rule_set_version": version}
        return await feed(self.client, self.progress, title, rows, reading, options)
