"""Tables as an Excel workbook, for those who keep their numbers there; the CSV stays the source.

A sheet a table, with typed cells, and one more sheet that says what was exported: from it an import
knows where the rows belong, and that nothing has changed in the meantime.
"""

import datetime as dt
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from dealgate.desk.exchange import Exported, Line, NotExported
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
# A truncated sheet is a SyntaxError of its XML.
BROKEN = (
    *(InvalidFileException, zipfile.BadZipFile, zlib.error, SyntaxError),
    *(LookupError, ValueError, TypeError, AttributeError, OSError, EOFError),
)
DIGITS = 15
UNPACKED_BYTES = 24 * 2**20  # tables of a megabyte each fit
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
        _refuse_swollen(path)
        book = load_workbook(path)
    except FileNotFoundError:
        raise NotExported("this file does not exist") from None
    except BROKEN:
        raise NotExported("this is not an Excel workbook (.xlsx)") from None
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


def _refuse_swollen(path: Path) -> None:
    """Raise NotExported if what is packed in the file would take minutes and gigabytes to read."""
    with zipfile.ZipFile(path) as packed:
        size = sum(member.file_size for member in packed.infolist())
    if size > UNPACKED_BYTES:
        raise NotExported(
            f"it unpacks to {size:,} bytes, more than {UNPACKED_BYTES:,}: delete all but the tables"
        )


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


def shown(value: Any) -> str:
    """Return the CSV text for a cell's value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else f"{value.isoformat()}Z"
    return value.isoformat() if isinstance(value, dt.date) else str(value).strip()


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


def unshown(page: Any) -> str:
    """Return what a sheet shows that its cells do not hold, or holds and does not show."""
    merged = sorted(str(area) for area in page.merged_cells.ranges)
    if merged:
        return f"cells {', '.join(merged)} are merged, of which one holds a value: split them"
    held = {cell.row for cell in page._cells.values() if shown(cell.value)}  # noqa: SLF001
    if page.sheet_state != page.SHEETSTATE_VISIBLE:
        return "the whole sheet is hidden: unhide it and review it"
    rows = [str(row) for row in sorted(held) if page.row_dimensions[row].hidden]
    if rows:
        return f"rows {', '.join(rows[:5])} are hidden or filtered out: show or delete them"
    cells = page._cells.values()  # noqa: SLF001  # however far down somebody has formatted
    struck = sorted({cell.row for cell in cells if _is_struck(cell)})
    if struck:
        listed = ", ".join(map(str, struck[:5]))
        return f"cells of rows {listed} are struck through: delete them, or undo that"
    columns = sorted(key for key, column in page.column_dimensions.items() if column.hidden)
    return f"columns {', '.join(columns)} are hidden: show or delete them" if columns else ""


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


def _is_struck(cell: Any) -> bool:
    """Whether somebody drew a line through what it says."""
    return cell.value is not None and bool(cell.font and cell.font.strike)
