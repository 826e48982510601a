"""Workbooks: what goes out comes back, as people see it in Excel."""

import csv
import datetime as dt
import io
import tempfile
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

from dealgate.desk.exchange import NotExported, changes, csv_text, grid_of, sheets_of
from dealgate.desk.workbook import read_workbook, write_workbook
from dealgate.desk.workbook_bounds import MOST_ELEMENTS, UNPACKED_BYTES
from dealgate.desk.workbook_cells import seen_as, shown, unshown
from dealgate.model.faults import Fault
from dealgate.model.rules import AnyRuleSet, AnyTable, HitPolicy, Location, RuleSet, Table
from dealgate.rulebook.sheet import Sheet, read_sheet
from dealgate.rulebook.source import Source
from dealgate.rulebook.text_marks import marked, unmarked
from tests.approve.kind import APPROVE, ApproveParameters
from tests.shipped import RULES, catalog

HERE = Location("rules/approve/v1.yaml", 1, 1)
# Excel keeps neither control characters nor the blanks around a cell's text.
WORDS = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=12)
TEXTS = st.one_of(
    WORDS.map(str.strip).filter(lambda text: not text.startswith("=")),
    st.integers(-(10**18), 10**18).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.dates().map(str),
    st.sampled_from(
        ["true", "TRUE", "Infinity", "0.20", "1E5", "007", "-", ">= 5", "[1..5)", "2026-02-30"]
    ),
)
GRIDS = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(TEXTS, min_size=width, max_size=width), min_size=1, max_size=5)
)


def sheet(grid: list[list[str]]) -> Sheet | None:
    """Read a grid as its CSV would be."""
    faults: list[Fault] = []
    return read_sheet(Source("t.csv", csv_text(grid, b"")), faults)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|x!A0",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\uff1d1",
        "+x'",
        "'+x",
    ],
)
def test_excel_runs_no_cell_of_a_csv(text: str) -> None:
    """What would be a formula is marked as text; a number is none; both come back as they were."""
    written = csv_text([["a", "b"], [text, "-5.5"]], b"")
    assert list(csv.reader(io.StringIO(written, newline="")))[1] == [marked(text), "-5.5"]
    assert marked(text).startswith("'")
    assert unmarked(marked(text)) == text


@given(st.text(st.sampled_from("'=+-@x1\t")))
def test_a_mark_is_no_part_of_the_text(text: str) -> None:
    """Every text comes back, and no written one is a formula."""
    assert unmarked(marked(text)) == text
    assert marked(text)[:1] not in {"=", "+", "@", "\t"}


@settings(max_examples=60, deadline=None)
@given(
    header=st.lists(st.sampled_from("abcd"), min_size=4, max_size=4),
    rows=st.lists(st.lists(TEXTS, min_size=4, max_size=4), max_size=5),
)
def test_what_is_exported_is_imported(header: list[str], rows: list[list[str]]) -> None:
    """Every text comes back letter by letter: through Excel's types, and through the CSV."""
    exported = sheet([header, *rows])
    assert exported is not None
    ruleset = _with(Table("t", HitPolicy.UNIQUE, (), (), HERE))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.xlsx"
        write_workbook(path, ruleset, {"t": exported})
        found = read_workbook(path)
    assert (found.ruleset, found.digest) == ("approve@1", "abc")
    back = [list(line.texts) for line in found.tables["t"]]
    assert back == [list(row) for row in grid_of(exported)]
    again = sheet(back)
    assert again is not None
    assert grid_of(again) == grid_of(exported)


def _with(table: AnyTable) -> AnyRuleSet:
    """Return a rule set of this table."""
    message, parameters = APPROVE.facts.DESCRIPTOR, ApproveParameters()
    return RuleSet("approve", 1, "", "", "abc", message, {}, {}, (), parameters, HERE, (table,))


@settings(max_examples=80)
@given(before=GRIDS, after=GRIDS)
def test_changes_are_told_if_and_only_if_there_are_some(
    before: list[list[str]], after: list[list[str]]
) -> None:
    """An import that tells of nothing leaves everything as it was."""
    assert bool(changes(before, after)) == (before != after)
    assert changes(before, before) == []


@settings(max_examples=80)
@given(
    before=st.permutations(["a", "b", "c", ""]),
    after=st.lists(st.sampled_from(["a", "b", "c", "d", ""]), max_size=5),
    said=st.sampled_from(["1", "2"]),
)
def test_so_are_those_of_rows_with_ids(before: list[str], after: list[str], said: str) -> None:
    """Also if rows change places, or two of them have one id."""
    old = [["id", "x"], *([id_, "1"] for id_ in before)]
    new = [["id", "x"], *([id_, said] for id_ in after)]
    assert bool(changes(old, new)) == (old != new)


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """The workbook of score@3."""
    ruleset = catalog().version("score", 3)
    path = tmp_path / "score.xlsx"
    write_workbook(path, ruleset, sheets_of(RULES, ruleset))
    return path


def test_a_sheet_is_ready_to_be_edited(exported: Path) -> None:
    """The header stays in sight, numbers are numbers, and constants are offered."""
    page = load_workbook(exported)["seniority"]
    assert page.freeze_panes == "A2"
    assert (page["B2"].value, page["C2"].value) == ("C_LEVEL", 25)
    assert page["B2"].number_format == "@"
    (offer,) = page.data_validations.dataValidation
    assert str(offer.sqref).startswith("B2:B")
    assert not offer.showErrorMessage
    lists = load_workbook(exported)["dealgate"]
    assert lists.protection.sheet
    offered = [
        lists[cell.coordinate].value
        for row in lists[offer.formula1[11:].replace("$", "")]
        for cell in row
    ]
    assert {"-", "VP", "INTERN"} <= set(offered)


def test_allowed_values_are_offered(tmp_path: Path) -> None:
    """Below what asks and below what claims."""
    csv_ = Source("t.csv", "deal.country,then.points\nDE,1\n")
    rows = read_sheet(csv_, [])
    assert rows is not None
    allowed = {"deal.country": ["DE", "AT"], "then.points": ["1", "2"]}
    table: AnyTable = Table("t", HitPolicy.UNIQUE, (), (), HERE, allowed=allowed)
    write_workbook(tmp_path / "t.xlsx", _with(table), {"t": rows})
    book = load_workbook(tmp_path / "t.xlsx")
    offers = book["t"].data_validations.dataValidation
    assert [str(offer.sqref)[:3] for offer in offers] == ["A2:", "B2:"]
    listed = [[cell.value for cell in column if cell.value] for column in book["dealgate"].columns]
    assert ["-", "DE", "AT"] in listed
    assert ["-", 1, 2] in listed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (250, "250"),
        (250.0, "250"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e21, "1000000000000000000000"),
        (dt.datetime(2026, 1, 31), "2026-01-31"),  # noqa: DTZ001  # Excel has no time zones
        (dt.datetime(2026, 1, 31, 12), "2026-01-31T12:00:00Z"),  # noqa: DTZ001
        (dt.date(2026, 1, 31), "2026-01-31"),
        (" DE ", "DE"),
    ],
)
def test_values_are_written_as_cells_are(value: object, text: str) -> None:
    """What Excel took for a date or a long number comes back as the CSV has it."""
    assert shown(value) == text


def test_any_other_file_is_refused(tmp_path: Path, exported: Path) -> None:
    """A workbook of another's, one that lost a sheet, and no workbook at all."""
    path = tmp_path / "other.xlsx"
    with pytest.raises(NotExported, match="does not exist"):
        read_workbook(path)
    path.write_text("id,then.points\n")
    with pytest.raises(NotExported, match="not an Excel workbook"):
        read_workbook(path)
    Workbook().save(path)
    with pytest.raises(NotExported, match="no sheet 'dealgate'"):
        read_workbook(path)
    book = load_workbook(exported)
    del book["revenue"]
    book.save(path)
    with pytest.raises(NotExported, match="it has lost its sheet revenue; bring it back"):
        read_workbook(path)


def _merged(page: Worksheet) -> None:
    page.merge_cells("B2:B4")


def _hidden_row(page: Worksheet) -> None:
    page.row_dimensions[3].hidden = True


def _struck_out(page: Worksheet) -> None:
    page["B3"].font = Font(strike=True)


def _hidden_sheet(page: Worksheet) -> None:
    page.sheet_state = "hidden"


def _hidden_column(page: Worksheet) -> None:
    page.column_dimensions["B"].hidden = True


def _rounded(page: Worksheet) -> None:
    page["B3"].value, page["B3"].number_format = 49.96, "0.0"


def _unseen(page: Worksheet) -> None:
    page["B3"].value, page["B3"].number_format = 50, ";;;"


def _note(page: Worksheet) -> None:
    page.cell(3, page.max_column + 2).value = "ask Ann"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_note, r"cell [A-Z]+3 \('ask Ann'\) stands in a column without a header"),
        (_merged, "cells B2:B4 are merged"),
        (_struck_out, "cells of rows 3 are struck through"),
        (_hidden_sheet, "the whole sheet is hidden"),
        (_hidden_row, "rows 3 are hidden or filtered out"),
        (_hidden_column, "columns B are hidden"),
        (_rounded, "cell B3 shows 50.0 and holds 49.96"),
        (_unseen, "cell B3 does not show its number and holds 50"),
    ],
)
def test_what_cells_do_not_hold_is_named(
    exported: Path, spoil: Callable[[Worksheet], None], told: str
) -> None:
    """Merged or hidden cells would widen rows without a word."""
    book = load_workbook(exported)
    spoil(book["seniority"])
    book.save(exported)
    with pytest.raises(NotExported, match=told):
        read_workbook(exported)


def test_a_format_dragged_to_the_last_row_costs_nothing(exported: Path) -> None:
    """Work grows with what a sheet holds, not with how far it reaches."""
    book = load_workbook(exported)
    book["seniority"].cell(1_048_576, 1).font = Font(bold=True)
    book.save(exported)

    assert len(read_workbook(exported).tables["seniority"]) < 20


def test_a_value_far_away_is_named(exported: Path) -> None:
    """One value in the last cell of a sheet costs nothing, and is said to stand there."""
    book = load_workbook(exported)
    book.worksheets[0]["XFD1048576"] = 1
    book.save(exported)
    with pytest.raises(NotExported, match="a value stands in cell XFD1048576, far from the table"):
        read_workbook(exported)


def test_a_bomb_is_not_unpacked(exported: Path) -> None:
    """A small file of a large text is refused before it is read."""
    with zipfile.ZipFile(exported, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/more.xml", b" " * (UNPACKED_BYTES + 1))
    with pytest.raises(NotExported, match="it unpacks to"):
        read_workbook(exported)


@pytest.mark.parametrize(
    ("held", "written", "seen"),
    [
        ("50", "General", "50"),
        ("1234.5", "#,##0.00", "1234.50"),
        ("0.255", "0%", "0.26"),
        ("0.25", "0.0%", "0.25"),
        ("-5.4", "0;[Red]-0", "-5"),
        ("50000", "0,", "50"),
        ("51234", '0,"k"', "51"),
        ("1.5", '[$EUR] #,##0.0_-"x"', "1.5"),
        ("1234", "0.00E+00", None),
        ("5", '"yes"', "NaN"),
    ],
)
def test_a_format_shows_a_number(held: str, written: str, seen: str | None) -> None:
    """Thousands, percents and digits as Excel shows them; what cannot be told is left alone."""
    told = seen_as(Decimal(held), written)
    assert (told is None) == (seen is None)
    assert told is None or seen is None or str(told.normalize()) == str(Decimal(seen).normalize())


def test_what_is_too_narrow_to_be_seen_is_hidden(exported: Path) -> None:
    """A height or width of nothing hides as well as the menu does."""
    page = load_workbook(exported)["seniority"]
    page.column_dimensions["B"].width = 0
    assert unshown(page).startswith("columns B are hidden")
    page.row_dimensions[3].height = 0
    assert unshown(page).startswith("rows 3 are hidden")


def test_columns_hidden_beside_the_table_are_nothing(exported: Path) -> None:
    """Many hide what is right of their table: it holds nothing."""
    book = load_workbook(exported)
    book["seniority"].column_dimensions["Z"].hidden = True
    book.save(exported)

    assert read_workbook(exported).tables["seniority"]


@pytest.mark.parametrize("formula", [ArrayFormula("B2:B2", "=SUM(1)"), DataTableFormula("B2:B2")])
def test_every_sort_of_formula_is_a_formula(formula: object) -> None:
    """It is refused as one, and is no text with the name of a Python object."""
    assert shown(formula).startswith("=")
    assert "openpyxl" not in shown(formula)


@pytest.mark.parametrize(
    "costly",
    [
        '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        "<hyperlinks><hyperlink location='x' ref='A1:XFD1048576'/></hyperlinks>",
        "<cellXfs>" + '<xf numFmtId="0"/>' * (MOST_ELEMENTS + 1) + "</cellXfs>",
    ],
)
def test_what_would_take_minutes_is_not_read(exported: Path, costly: str) -> None:
    """A merged sheet is seventeen billion cells to the reader of workbooks: a process hung."""
    with zipfile.ZipFile(exported) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</sheetData>", b"</sheetData>" + costly.encode())
    with zipfile.ZipFile(exported, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    with pytest.raises(NotExported, match=r"A1:XFD1048576 are merged|more than 200,000"):
        read_workbook(exported)


def test_an_encrypted_workbook_is_refused(exported: Path) -> None:
    """A part with a password is an error of its own to Python."""
    data = exported.read_bytes()
    flags = data.index(b"PK\x01\x02") + 8  # of the first entry of the directory
    exported.write_bytes(data[:flags] + b"\x01" + data[flags + 1 :])
    with pytest.raises(NotExported, match="not an Excel workbook"):
        read_workbook(exported)
