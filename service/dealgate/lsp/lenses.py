"""Above each case: run it. The server runs it as `dealgate test` does, on what is saved."""

import asyncio
import sys

from lsprotocol.types import CodeLens, Command, SymbolKind

from dealgate.lsp.files import File, uri_of
from dealgate.lsp.positions import Positions
from dealgate.lsp.symbols import symbols
from dealgate.lsp.workspace import Desk

RUN = "dealgate.runCase"


def lenses(desk: Desk, positions: Positions) -> list[CodeLens]:
    """Return a lens for each case of a file."""
    uri = uri_of(desk.file.path)
    if desk.file.sort != "cases":
        return []
    return [
        CodeLens(
            symbol.selection_range, Command("Run this case", RUN, arguments=[uri, symbol.name])
        )
        for symbol in symbols(desk, positions)
        if symbol.kind is SymbolKind.Function
    ]


def _run(uri: str, name: str) -> Command:
    return Command("Run this case", RUN, arguments=[uri, name])


async def run_case(file: File, name: str) -> tuple[bool, str]:
    """Return whether the case passes, and what `dealgate test` says of it."""
    version = f"{file.kind}@{file.version}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dealgate", "test", version),
        *("--filter", name, "--rules", str(file.root)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode == 0, output.decode().strip()
