"""Tables as an Excel workbook, for those who keep their numbers there; the CSV stays the source.

A sheet a table, with typed cells, and one more sheet that says what was exported: from it an import
knows where the rows belong, and that nothing has changed in the meantime.
"""

import datetime as dt
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from dealgate.desk.exchange import Exported, Line, NotExported
from dealgate.desk.workbook_bounds import check_bounds
from dealgate.desk.workbook_cells import shown, unshown
from dealgate.model.rules import AnyRuleSet, AnyTable
from dealgate.rulebook.cell_columns import short_names
from dealgate.rulebook.sheet import Sheet

ABOUT = "dealgate"
AGAIN = "bring it back, or export again and make the changes there"
RULE_SET, DIGEST, TABLE = "rule set", "digest", "table"
LONGEST_TITLE = 31
WIDTHS = (8, 60)
HEADER = PatternFill("solid", fgColor="DDE6F0")
TEXT, DAY = "@", "yyyy-mm-dd"
# A truncated sheet is a SyntaxError of its XML, an encrypted part a RuntimeError.
BROKEN = (
    *(InvalidFileException, zipfile.BadZipFile, zlib.error, SyntaxError),
    *(LookupError, ValueError, TypeError, AttributeError, OSError, EOFError, RuntimeError),
)
NO_WORKBOOK = (
    "this is not an Excel workbook (.xlsx), or it is damaged: open it in Excel and save it again"
)
DIGITS = 15
WIDEST, MOST_CELLS = 500, 1_000_000
TRUTHS = ("-", "true", "false")
TOLD = "Exported by Dealgate. Change only the other sheets."


def write_workbook(path: Path, ruleset: AnyRuleSet, sheets: Mapping[str, Sheet]) -> None:
    """Write tables to `path`; `sheets` has the rows of those that are wanted, by table id."""
    book = Workbook()
    for page in book.worksheets:
        book.remove(page)
    about = [(TOLD, ""), (RULE_SET, ruleset.name), (DIGEST, ruleset.digest)]
    lists = book.create_sheet(ABOUT)
    tables = {table.id: table for table in ruleset.tables}
    for number, (id_, sheet) in enumerate(sheets.items(), 1):
        title = id_ if len(id_) <= LONGEST_TITLE else f"table {number}"
        about.append((f"{TABLE} {title}", id_))
        _fill(book.create_sheet(title, number - 1), lists, tables[id_], sheet)
    for row, pair in enumerate(about, 1):
        for column, text in enumerate(pair, 1):
            _put(lists.cell(row, column), text)
    lists.column_dimensions["A"].width = lists.column_dimensions["B"].width = WIDTHS[1]
    lists.protection.sheet = True
    book.active = 0
    book.save(path)


def read_workbook(path: Path) -> Exported:
    """Return what the workbook at `path` holds; raises NotExported."""
    try:
        check_bounds(path)
        book = load_workbook(path)
    except FileNotFoundError:
        raise NotExported("this file does not exist") from None
    except BROKEN:
        raise NotExported(NO_WORKBOOK) from None
    if ABOUT not in book.sheetnames:
        raise NotExported(f"it has no sheet '{ABOUT}', which every export has; {AGAIN}")
    pairs = book[ABOUT].iter_rows(min_row=2, max_col=2, values_only=True)
    said = {str(key): str(value) for key, value in pairs if key}
    titles = {
        id_: key.removeprefix(f"{TABLE} ") for key, id_ in said.items() if key.startswith(TABLE)
    }
    lost = [title for title in titles.values() if title not in book.sheetnames]
    if lost or not titles or not said.keys() >= {RULE_SET, DIGEST}:
        gone = ", ".join(f"its sheet {title}" for title in lost) or f"lines of its sheet {ABOUT}"
        raise NotExported(f"it has lost {gone}; {AGAIN}")
    for title in titles.values():
        if told := unshown(book[title]):
            raise NotExported(f"sheet {title}: {told}")
    tables = {id_: _lines(book[title]) for id_, title in titles.items()}
    for id_, lines in tables.items():
        if told := _beside(lines):
            raise NotExported(f"sheet {titles[id_]}: {told}")
    return Exported(said[RULE_SET], said[DIGEST], tables, titles)


def _fill(page: Any, lists: Any, table: AnyTable, sheet: Sheet) -> None:
    columns = {column.source: column for column in table.columns}
    for number, header in enumerate(sheet.header, 1):
        cell = page.cell(1, number, header.value)
        cell.font, cell.fill = Font(bold=True), HEADER
        texts = [row[number - 1].value for row in sheet.rows]
        for line, text in enumerate(texts, 2):
            _put(page.cell(line, number), text)
        longest = max(map(len, [header.value, *texts]))
        width = min(max(longest + 2, WIDTHS[0]), WIDTHS[1])
        page.column_dimensions[get_column_letter(number)].width = width
        column = columns.get(header.value)
        if header.value in table.allowed:
            _offer(page, lists, number, ["-", *table.allowed[header.value]])
        elif column is not None and column.enum:
            _offer(page, lists, number, ["-", *list(short_names(column.enum))[: len(column.enum)]])
        elif column is not None and column.type == "bool":
            _offer(page, lists, number, TRUTHS)
    page.freeze_panes = "A2"


def _put(cell: Any, text: str) -> None:
    """Put a number, truth or day in as such, if it comes back as the same text."""
    value = _typed(text)
    cell.value = value
    if isinstance(value, str):
        cell.data_type, cell.number_format = "s", TEXT
    elif isinstance(value, dt.date):
        cell.number_format = DAY


def _typed(text: str) -> Any:
    readers: list[Any] = [int, float, dt.date.fromisoformat, {"true": True, "false": False}.get]
    for read in readers:
        try:
            value = read(text)
        except ValueError:
            continue
        if value is not None and shown(value) == text and _exact(value):
            return value
    return text


def _exact(value: Any) -> bool:
    """Tell whether Excel keeps all its digits; it knows no infinity."""
    if isinstance(value, float) and not isfinite(value):
        return False
    return sum(letter.isdigit() for letter in str(value)) <= DIGITS


def _lines(page: Any) -> Sequence[Line]:
    """Return the rows, without empty ones and without empty columns at the end."""
    # A format that was dragged down to the last row leaves cells without content there.
    cells = ((cell.row, cell.column, shown(cell.value)) for cell in page._cells.values())  # noqa: SLF001  # iter_rows makes a million
    held = {(row, column): text for row, column, text in cells if text}
    width = max((column for _, column in held), default=0)
    rows = {row for row, _ in held}
    if width > WIDEST or width * len(rows) > MOST_CELLS:
        far = f"{get_column_letter(width)}{max(row for row, column in held if column == width)}"
        raise NotExported(f"a value stands in cell {far}, far from the table: delete it")
    return [
        Line(row, [held.get((row, column), "") for column in range(1, width + 1)])
        for row in sorted(rows)
    ]


def _beside(lines: Sequence[Line]) -> str:
    """Return what is in a column without a header, such as a note right of the table."""
    header = lines[0].texts if lines else ()
    for line in lines[1:]:
        for column, text in enumerate(line.texts):
            if text and not header[column]:
                cell = f"{get_column_letter(column + 1)}{line.number}"
                return (
                    f"cell {cell} ('{text[:40]}') stands in a column without a header: "
                    "delete it, or write a header above it"
                )
    return ""


def _offer(page: Any, lists: Any, number: int, choices: Sequence[str]) -> None:
    """Offer what a cell most often says; it may say more, such as two of them."""
    column = lists.max_column + 2
    for row, choice in enumerate(choices, 1):
        _put(lists.cell(row, column), choice)
    letter = get_column_letter(column)
    source = f"'{ABOUT}'!${letter}$1:${letter}${len(choices)}"
    offer = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=False)
    page.add_data_validation(offer)
    below = get_column_letter(number)
    offer.add(f"{below}2:{below}{page.max_row + 500}")
