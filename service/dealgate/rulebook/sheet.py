"""A table's CSV as cells with positions: commas, quotes as in RFC 4180, a header."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from dealgate.model.faults import Fault
from dealgate.rulebook.document import Scalar
from dealgate.rulebook.positions import CELL
from dealgate.rulebook.source import Source
from dealgate.rulebook.text_marks import unmarked

QUOTED = re.compile(r'"(?:[^"]|"")*"')
PLAIN = re.compile(r"[^,\r\n]*")
GAP = re.compile(r"[ \t]*")
END = re.compile(r",|\r?\n|\Z")
LINE_END = re.compile(r"\r?\n")
QUOTING = "a cell that contains a comma is quoted, and quotes inside it are doubled"
SEPARATORS = {";": "semicolons", "\t": "tabs"}
SAVE = (
    "write commas; Excel follows the country it is set to, so let it save XLSX instead,\n"
    "which `dealgate table import` reads"
)

Row = Sequence[Scalar]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A header and rows of as many cells. Blank lines and empty columns at the end are gone."""

    source: Source
    header: Row
    rows: Sequence[Row]


def read_sheet(source: Source, faults: list[Fault]) -> Sheet | None:
    """Return the cells in `source`; None if it has faults, which are added."""
    before = len(faults)
    separator = _other_separator(source)
    if separator:
        message = f"{SEPARATORS[separator]} separate the cells of this file"
        faults.append(source.fault(source.text.index(separator), message, SAVE))
        return None
    lines = [line for line in _lines(source, faults) if any(cell.value for cell in line)]
    if not lines and len(faults) == before:
        hint = "write a header: a fact in each column, then what a row claims, such as then.points"
        faults.append(source.fault(0, "this table is empty", hint))
    if len(faults) > before:
        return None
    header, *rows = _trimmed(lines)
    faults += [fault for row in rows for fault in _misfit(header, row)]
    faults += [_nameless(cell) for cell in header if not cell.value]
    return None if len(faults) > before else Sheet(source, header, rows)


def _other_separator(source: Source) -> str:
    head = source.line(0)
    unquoted = QUOTED.sub("", head)
    return "" if "," in unquoted else next((mark for mark in SEPARATORS if mark in unquoted), "")


def _lines(source: Source, faults: list[Fault]) -> Iterator[list[Scalar]]:
    line: list[Scalar] = []
    at, text = 0, source.text
    while True:
        cell, at = _cell(source, at, faults)
        line.append(cell)
        end = END.match(text, at)
        if end is None:
            opened = cell.location
            here = (
                "this cell" if opened.line == source.location(at).line else f"on line {opened.line}"
            )
            message = f"the quote that opens {here} closes here, but more follows"
            faults.append(source.fault(at, message, QUOTING))
            following = LINE_END.search(text, at)
            if following is None:
                return
            line, at = [], following.end()
            continue
        at = end.end()
        if end[0] != ",":
            yield line
            line = []
        if not end[0] or (at == len(text) and end[0] != ","):
            return


def _cell(source: Source, at: int, faults: list[Fault]) -> tuple[Scalar, int]:
    """Return the cell that begins at `at`, without the blanks around it, and where it ends."""
    text = source.text
    start = _past_gap(text, at)
    quoted = QUOTED.match(text, start)
    if quoted:
        value = unmarked(quoted[0][1:-1].replace('""', '"').strip())
        return Scalar(source, start, quoted.end(), value, CELL), _past_gap(text, quoted.end())
    if text.startswith('"', start):
        faults.append(source.fault(start, "the quote that opens here is never closed", QUOTING))
        return Scalar(source, start, start, "", CELL), len(text)
    plain = PLAIN.match(text, start)
    end = plain.end() if plain else start
    raw = text[start:end].rstrip()
    value = unmarked(raw)
    mark = len(raw) - len(value)
    return Scalar(source, start + mark, start + len(raw), value, CELL), end


def _past_gap(text: str, at: int) -> int:
    gap = GAP.match(text, at)
    return gap.end() if gap else at


def _trimmed(lines: Sequence[Row]) -> Sequence[Row]:
    """Cut columns off the end that are empty in every line."""
    width = max(_filled(line) for line in lines)
    return [line[:width] for line in lines]


def _filled(line: Iterable[Scalar]) -> int:
    return max((number for number, cell in enumerate(line, 1) if cell.value), default=0)


def _misfit(header: Row, row: Row) -> Iterator[Fault]:
    if len(row) < len(header):
        message = f"this row has {len(row)} cells, the header has {len(header)}"
        yield row[-1].fault(message, "end the row with a comma for every cell that is empty")
    extra = [cell for column, cell in zip_longest(header, row) if column is None and cell.value]
    if extra:
        yield extra[0].fault("this cell has no column above it", QUOTING)


def _nameless(cell: Scalar) -> Fault:
    return cell.fault("this column has no header", "name what its cells are about, or delete it")
