"""Code lenses above each case: run or explain it, as `dealgate test` and `explain` do."""

import asyncio
import sys

from lsprotocol.types import CodeLens, Command, SymbolKind

from dealgate.lsp.files import File, uri_of
from dealgate.lsp.positions import Positions
from dealgate.lsp.symbols import symbols
from dealgate.lsp.workspace import Desk
from dealgate.model.rules import shelf_of

RUN = "dealgate.runCase"
EXPLAIN = "dealgate.explainCase"
OF_RUN, OF_EXPLAIN = ("Run this case", RUN), ("Explain this case", EXPLAIN)
OFFERED = {"cases": (OF_RUN, OF_EXPLAIN), "signal cases": (OF_RUN,)}


def lenses(desk: Desk, positions: Positions) -> list[CodeLens]:
    """Return what can be done with each case of a file."""
    uri = uri_of(desk.file.path)
    offered = OFFERED.get(desk.file.sort, ())
    return [
        CodeLens(symbol.selection_range, Command(title, command, arguments=[uri, symbol.name]))
        for symbol in symbols(desk, positions)
        if symbol.kind is SymbolKind.Function
        for title, command in offered
    ]


async def run_case(file: File, name: str) -> tuple[bool, str]:
    """Return whether the case passes, and what `dealgate test` says of it."""
    return await _said(file, "test", file.subject, "--filter", name)


async def explain_case(file: File, name: str) -> tuple[bool, str]:
    """Return whether the case can be explained, and what `dealgate explain` says of it."""
    about = ("--kind", shelf_of(file.kind, file.scope), "--version", str(file.version))
    return await _said(file, "explain", "--case", name, *about)


async def _said(file: File, *command: str) -> tuple[bool, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dealgate", *command, "--rules", str(file.root)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode == 0, output.decode().strip()
