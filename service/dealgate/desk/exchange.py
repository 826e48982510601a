"""Rows that come back from a spreadsheet: what differs, whether it holds, and then the CSV."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

from dealgate.desk.appending import replace_durably
from dealgate.model.errors import OperatorError
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, Location
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.columns import ID
from dealgate.rulebook.loading import load_catalog
from dealgate.rulebook.read_files import read_table
from dealgate.rulebook.sheet import Sheet, read_sheet
from dealgate.rulebook.source import BOM, Source
from dealgate.rulebook.text_marks import marked

Texts = Sequence[str]
QUOTED = frozenset(',"\r\n')


class Line(NamedTuple):
    """A row of a sheet: its number in Excel, and the text of its cells."""

    number: int
    texts: Sequence[str]


class NotExported(OperatorError):
    """A workbook that no export has written, or that has lost what it said; tells why."""

    reason = "NOT_EXPORTED"


@dataclass(frozen=True, slots=True)
class Exported:
    """What a workbook holds: its rows and titles by table, and what they were exported from."""

    ruleset: str
    digest: str
    tables: Mapping[str, Sequence[Line]]
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: a row or column that is new or gone, or what one says otherwise now."""

    sign: str
    text: str

    def __str__(self) -> str:
        """`~ row large: then.points: 10 → 15`."""
        return f"{self.sign} {self.text}"


def table_path(folder: Path, ruleset: AnyRuleSet, table: str) -> Path:
    """Return where the rows of a table stand."""
    return folder / ruleset.shelf / f"v{ruleset.version}.{table}.csv"


def sheets_of(folder: Path, ruleset: AnyRuleSet) -> Mapping[str, Sheet]:
    """Return the rows of a rule set's tables, which were read without a fault before."""
    sheets = {
        t.id: read_table(folder, table_path(folder, ruleset, t.id), []) for t in ruleset.tables
    }
    return {id_: sheet for id_, sheet in sheets.items() if sheet is not None}


def grid_of(sheet: Sheet) -> Sequence[Texts]:
    """Return the text of all cells, the header first."""
    return [[cell.value for cell in row] for row in (sheet.header, *sheet.rows)]


def changes(before: Sequence[Texts], after: Sequence[Texts]) -> Sequence[Change]:
    """Return what differs between two grids, each with its header; rows are known by their id."""
    old, new = before[0], after[0] if after else []
    if list(old) != list(new):
        gone, come = [c for c in old if c not in new], [c for c in new if c not in old]
        lines = [Change("-", f"column {c}") for c in gone] + [
            Change("+", f"column {c}") for c in come
        ]
        return lines or [Change("~", f"columns: {', '.join(old)} → {', '.join(new)}")]
    return list(_by_id(before, after) if ID in old else _in_order(before, after))


def _by_id(before: Sequence[Texts], after: Sequence[Texts]) -> Iterator[Change]:
    header = before[0]
    at = list(header).index(ID)
    old, new = (
        {row[at] or str(n): row for n, row in enumerate(rows[1:], 1)} for rows in (before, after)
    )
    for id_, row in old.items():
        if id_ not in new:
            yield Change("-", f"row {id_}: {_whole(header, row)}")
        else:
            yield from _changed(f"row {id_}", header, row, new[id_])
    for id_, row in new.items():
        if id_ not in old:
            yield Change("+", f"row {id_}: {_whole(header, row)}")
    kept = [id_ for id_ in old if id_ in new]
    order = [id_ for id_ in new if id_ in old]
    if kept != order:
        yield Change("~", f"order of rows: {', '.join(new)}")
    elif len(new) < len(after) - 1:
        yield Change("+", "rows whose id another row has")


def _in_order(before: Sequence[Texts], after: Sequence[Texts]) -> Iterator[Change]:
    header = before[0]
    old, new = [tuple(row) for row in before[1:]], [tuple(row) for row in after[1:]]
    for _, a, a_end, b, b_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[a:a_end] == new[b:b_end]:
            continue
        paired = min(a_end - a, b_end - b)
        for step in range(paired):
            yield from _changed(f"row {a + step + 1}", header, old[a + step], new[b + step])
        for number in range(a + paired, a_end):
            yield Change("-", f"row {number + 1}: {_whole(header, old[number])}")
        for number in range(b + paired, b_end):
            yield Change("+", f"row {number + 1}: {_whole(header, new[number])}")


def _changed(subject: str, header: Texts, old: Texts, new: Texts) -> Iterator[Change]:
    for column, was, now in zip(header, old, new, strict=True):
        if was != now:
            yield Change("~", f"{subject}: {column}: {was or '(empty)'} → {now or '(empty)'}")


def _whole(header: Texts, row: Texts) -> str:
    said = [f"{column} {text}" for column, text in zip(header, row, strict=True) if text]
    return ", ".join(said)


def csv_text(grid: Sequence[Texts], before: bytes) -> str:
    """Return the grid as CSV, with the byte order mark and line ends that the file had.

    What Excel would take for a formula is marked as text.
    """
    ends = "\r\n" if b"\r\n" in before else "\n"
    lines = [",".join(_quoted(marked(cell)) for cell in row) or '""' for row in grid]
    return (BOM if before.startswith(BOM.encode()) else "") + "".join(
        f"{line}{ends}" for line in lines
    )


def _quoted(cell: str) -> str:
    """Return a cell so that it is one; Python's own writer leaves a carriage return bare."""
    if not QUOTED.intersection(cell):
        return cell
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


def check_texts(
    folder: Path,
    texts: Mapping[Path, str],
    kinds: Mapping[str, AnyKind],
    checker: ExpressionChecker,
) -> None:
    """Raise RulebookFaults if the rules would have faults with these files in place."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / folder.name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".*"))
        for path, text in texts.items():
            (copy / path.relative_to(folder)).write_bytes(text.encode())
        load_catalog(copy, kinds, checker)


def cell_at(text: str, location: Location) -> tuple[int, int] | None:
    """Return the row and column, from 0, of the cell of a fault in this CSV."""
    sheet = read_sheet(Source(location.file, text.removeprefix(BOM)), [])
    for number, row in enumerate((sheet.header, *sheet.rows) if sheet else ()):
        before = [column for column, cell in enumerate(row) if cell.location <= location]
        after = [cell for cell in row if cell.location > location]
        if before and (after or row[-1].location.line == location.line):
            return number, before[-1]
    return None


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write the files, each whole or not at all."""
    for path, text in texts.items():
        replace_durably(path, text.encode())
