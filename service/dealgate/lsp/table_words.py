"""The columns of a table and what its cells say, where its entry lists allowed values."""

from collections.abc import Iterator

from dealgate.lsp.cursor import Spot
from dealgate.lsp.workspace import Desk, children
from dealgate.rulebook.cells import ANY
from dealgate.rulebook.columns import BECAUSE, ID, WHEN
from dealgate.rulebook.defaults import is_default
from dealgate.rulebook.sheet import Sheet, read_sheet
from dealgate.rulebook.source import read_source

KEY = "allowed"
NAME = slice(0, 80)


def columns_of(desk: Desk, where: Spot) -> tuple[str, ...]:
    """Return the headers of which a table may list values, if the cursor is where it does."""
    match where.path:
        case ("tables", int(), "allowed"):
            sheet = _sheet(desk, where)
            headers = () if sheet is None else sheet.header
            return tuple(h.value for h in headers if h.value not in {ID, BECAUSE, WHEN})
    return ()


def values_of(desk: Desk, where: Spot) -> tuple[str, ...]:
    """Return what cells of a column say, if the cursor is where a table lists their values."""
    match where.path:
        case ("tables", int(), "allowed", str(header), *_):
            return tuple(dict.fromkeys(_cells(_sheet(desk, where), header)))
    return ()


def _cells(sheet: Sheet | None, header: str) -> Iterator[str]:
    for row in () if sheet is None else sheet.rows:
        for name, cell in zip(sheet.header if sheet else (), row, strict=False):
            if name.value == header and cell.value not in ANY and not is_default(cell):
                yield cell.value


def _sheet(desk: Desk, where: Spot) -> Sheet | None:
    entry = children(desk.entries, *where.path[:2]).get("id")
    if entry is None:
        return None
    written = desk.text[entry.value :].partition("\n")[0][NAME]
    id_ = written.split(",")[0].partition(" #")[0].strip("\"' {}")
    path = desk.file.path.with_name(f"{desk.file.path.stem}.{id_}.csv")
    source = read_source(path, path.name, [], bom=True) if path.is_file() else None
    return None if source is None else read_sheet(source, [])
