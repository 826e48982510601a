"""What a whole workspace declares: rules, constants, named facts and cases, by name."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path

from lsprotocol.types import Location, WorkspaceSymbol

from dealgate.desk.layout.folder import files_in
from dealgate.lsp.files import Texts, file_of, uri_of
from dealgate.lsp.names import Types
from dealgate.lsp.positions import Positions
from dealgate.lsp.symbols import symbols
from dealgate.lsp.workspace import Desk

MOST = 500  # an editor asks again with every letter


async def workspace_symbols(
    query: str, roots: Iterable[Path], texts: Texts, types: Types, encoding: str
) -> list[WorkspaceSymbol]:
    """Return the symbols whose name contains `query`, of the newest versions first.

    Other questions are answered between two files.
    """
    symbols_: list[WorkspaceSymbol] = []
    for root in sorted(set(roots)):
        for path in reversed(list(files_in(root, None, None))):
            text = texts.read(path)
            if query.lower() in text.lower():
                symbols_ += _matching(query, path, text, texts, types, encoding)
            if len(symbols_) >= MOST:
                return symbols_[:MOST]
            await asyncio.sleep(0)
    return symbols_


def roots_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the rules folders of open files, and those in the folders of a workspace."""
    for path in paths:
        file = file_of(uri_of(path))
        if file is not None:
            yield file.root
        yield from (root for root in (path, path / "rules") if (root / "schema.json").is_file())


def _matching(
    query: str, path: Path, text: str, texts: Texts, types: Types, encoding: str
) -> Iterator[WorkspaceSymbol]:
    file = file_of(uri_of(path))
    desk = None if file is None else Desk(file, text, texts, types)
    if file is None or desk is None or not desk.is_known:
        return
    for symbol in symbols(desk, Positions(text, encoding)):
        if query.lower() in symbol.name.lower():
            yield WorkspaceSymbol(
                name=symbol.name,
                kind=symbol.kind,
                location=Location(uri_of(path), symbol.selection_range),
                container_name=file.subject,
            )
