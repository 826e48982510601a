"""The outline of a file: its constants, named facts and rules, or its fixtures and cases."""

from lsprotocol.types import DocumentSymbol, SymbolKind

from dealgate.lsp.outline import Entry
from dealgate.lsp.positions import Positions
from dealgate.lsp.workspace import Desk

SECTIONS = {
    "constants": SymbolKind.Constant,
    "facts": SymbolKind.Variable,
    "base": SymbolKind.Object,
}
TITLES = {"rules": "id", "cases": "case"}


def symbols(desk: Desk, positions: Positions) -> list[DocumentSymbol]:
    """Return what an editor lists as the parts of the file."""
    document_symbols = []
    below = {entry.path: entry for entry in reversed(desk.entries)}
    for entry in desk.entries:
        section = entry.path[0]
        if len(entry.path) != 2:
            continue
        if section in SECTIONS:
            name = str(entry.path[1])
            document_symbols.append(_symbol(entry, name, SECTIONS[str(section)], entry, positions))
        elif section in TITLES and isinstance(entry.path[1], int):
            title = below.get((*entry.path, TITLES[str(section)]))
            name = _value(desk, title) or f"number {int(entry.path[1]) + 1}"
            symbol = _symbol(entry, name, SymbolKind.Function, title or entry, positions)
            symbol.detail = _value(desk, below.get((*entry.path, "because"))) or None
            document_symbols.append(symbol)
    return document_symbols


def _value(desk: Desk, entry: Entry | None) -> str:
    if entry is None:
        return ""
    text = desk.text[entry.value : entry.close].split("\n", 1)[0].strip()
    return "" if text[:1] in {"|", ">"} else text.strip("\"'")


def _symbol(
    entry: Entry, name: str, kind: SymbolKind, title: Entry, positions: Positions
) -> DocumentSymbol:
    whole = positions.text[entry.start : entry.close].rstrip()
    return DocumentSymbol(
        name=name,
        kind=kind,
        range=positions.range(entry.start, entry.start + len(whole)),
        selection_range=positions.range(title.start, title.end),
    )
