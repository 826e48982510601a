"""What the cells of a workbook say, and what a sheet shows that they do not hold."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

# Of a format: texts, colours, blanks as wide as a letter, and fillers.
BESIDE = re.compile(r'"[^"]*"|\\.|\[[^]]*\]|[_*].')
DIGITS = re.compile(r"[#0?,]*?[#0?](?P<digits>\.[#0?]*)?(?P<thousands>,*)\s*(?P<percent>%?)")
PLAIN = {"", "General", "@"}


def shown(value: Any) -> str:
    """Return the CSV text for a cell's value."""
    if value is None:
        return ""
    if isinstance(value, ArrayFormula | DataTableFormula):
        return f"={str(getattr(value, 'text', None) or '').removeprefix('=')}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else f"{value.isoformat()}Z"
    return value.isoformat() if isinstance(value, dt.date) else str(value).strip()


def unshown(page: Any) -> str:
    """Return what a sheet shows that its cells do not hold, or holds and does not show."""
    merged = sorted(str(area) for area in page.merged_cells.ranges)
    if merged:
        return f"cells {', '.join(merged)} are merged, of which one holds a value: split them"
    held = {cell.row for cell in page._cells.values() if shown(cell.value)}  # noqa: SLF001
    if page.sheet_state != page.SHEETSTATE_VISIBLE:
        return "the whole sheet is hidden: unhide it and review it"
    rows = [str(row) for row in sorted(held) if _is_hidden(page, row)]
    if rows:
        return f"rows {', '.join(rows[:5])} are hidden or filtered out: show or delete them"
    cells = page._cells.values()  # noqa: SLF001  # however far down somebody has formatted
    struck = sorted({cell.row for cell in cells if _is_struck(cell)})
    if struck:
        listed = ", ".join(map(str, struck[:5]))
        return f"cells of rows {listed} are struck through: delete them, or undo that"
    columns = [key for key, column in page.column_dimensions.items() if _hides(page, column)]
    if columns:
        return f"columns {', '.join(sorted(columns))} are hidden: show or delete them"
    return next(filter(None, map(_rounded, cells)), "")


def _is_struck(cell: Any) -> bool:
    """Whether somebody drew a line through what it says."""
    return cell.value is not None and bool(cell.font and cell.font.strike)


def _is_hidden(page: Any, row: int) -> bool:
    """Whether a row is not shown, or is too low to be seen."""
    if row not in page.row_dimensions:
        return bool(page.sheet_format.zeroHeight)
    dimension = page.row_dimensions[row]
    return bool(dimension.hidden) or dimension.height == 0


def _hides(page: Any, column: Any) -> bool:
    """Whether one or more columns that hold something are not shown."""
    if not column.hidden and column.width != 0:
        return False
    first = column.min or column_index_from_string(column.index)
    held = {cell.column for cell in page._cells.values() if shown(cell.value)}  # noqa: SLF001
    return any(first <= number <= (column.max or first) for number in held)


def _rounded(cell: Any) -> str:
    """Return which other number the format of a cell shows than it holds."""
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
        return ""
    held = Decimal(f"{cell.value:.15g}")
    seen = seen_as(held, cell.number_format or "")
    if seen is None or seen == held:
        return ""
    what = f"shows {seen:f}" if seen.is_finite() else "does not show its number"
    return f"cell {cell.coordinate} {what} and holds {held:f}: format it as Standard and review it"


def seen_as(held: Decimal, written: str) -> Decimal | None:
    """Return the number that a format shows; NaN: none, None: that cannot be told."""
    sections = written.split(";")
    section = sections[1] if held < 0 and len(sections) > 1 else sections[0]
    if written in PLAIN:
        return held
    match = DIGITS.fullmatch(BESIDE.sub("", section).strip(" -+()€$£¥"))
    if match is None:
        return None if BESIDE.sub("", section).strip() else Decimal("NaN")
    scale = (2 if match["percent"] else 0) - 3 * len(match["thousands"])
    places = max(len(match["digits"] or ".") - 1, 0)
    rounded = held.scaleb(scale).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return rounded.scaleb(-scale if match["percent"] else 0)
