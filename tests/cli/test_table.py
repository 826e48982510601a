"""Decision tables go to Excel and come back: a golden transcript, and what is never written."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.cli.saying import said

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden" / "table.txt"

Run = Callable[[str], str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped rules of score, where the commands run."""
    shutil.copytree(ROOT / "rules" / "score", tmp_path / "rules" / "score")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    """Run a command there, and return all that it says, with its exit status if not 0."""
    del folder
    return said


def edit(path: Path, sheet: str, **cells: Any) -> None:
    """Do what somebody does in Excel: put values into cells, and save."""
    book = load_workbook(path)
    for cell, value in cells.items():
        book[sheet][cell] = value
    book.save(path)


def tables(folder: Path) -> dict[str, bytes]:
    """Return every CSV of score@3."""
    return {path.name: path.read_bytes() for path in (folder / "rules/score").glob("v3.*.csv")}


def test_transcript(folder: Path, run: Run) -> None:
    """What is said from export to import, in the golden file.

    `REGENERATE=1 .venv/bin/pytest tests/cli/test_table.py` writes it anew: read what changed.
    """
    said: list[str] = []

    def session(command: str) -> None:
        said.append(f"$ dealgate {command}\n{run(command)}")

    session("table export score@3 company-size -o sizes.xlsx")
    session("table import sizes.xlsx")
    edit(folder / "sizes.xlsx", "company-size", B3="50..200", C3="ten", C5=-20)
    session("table import sizes.xlsx")
    edit(folder / "sizes.xlsx", "company-size", B3="[50..250)", B4="[250..1000)", C3=12, C5=20)
    edit(folder / "sizes.xlsx", "company-size", A7="giant", B7=">= 100000", C7=1, D7="Rare.")
    edit(folder / "sizes.xlsx", "company-size", B6="[5000..100000)")
    session("table import sizes.xlsx --dry-run")
    session("table import sizes.xlsx")
    session("table import sizes.xlsx")
    session("table export score@3 sizes")
    session("table export score@2")
    session("table export score")
    session("table import none.xlsx")
    transcript = "\n".join(said)
    if os.environ.get("REGENERATE"):
        GOLDEN.write_text(transcript)
    assert transcript == GOLDEN.read_text()


def test_export_then_import_changes_nothing(folder: Path, run: Run) -> None:
    """Whatever Excel makes of cells, those that nobody touched come back as they were."""
    before = tables(folder)
    run("table export score@3 -o all.xlsx")
    edit(folder / "all.xlsx", "company-size")
    assert run("table import all.xlsx") == "score@3: nothing differs\n"
    assert tables(folder) == before


def test_nothing_is_written_with_a_fault(folder: Path, run: Run) -> None:
    """One bad cell in one sheet keeps the good ones of all sheets out."""
    before = tables(folder)
    run("table export score@3 -o all.xlsx")
    edit(folder / "all.xlsx", "company-size", C3=12)
    edit(folder / "all.xlsx", "revenue", B2="< 1000")
    said = run("table import all.xlsx")
    assert "'1000' is an amount of no currency" in said
    assert "in all.xlsx: sheet revenue, cell B2" in said
    assert "[exit status 1]" in said
    assert tables(folder) == before


def test_a_stale_workbook_is_refused_by_name(folder: Path, run: Run) -> None:
    """If the rules changed since the export, an import would take that change back."""
    run("table export score@3 -o old.xlsx")
    path = folder / "rules/score/v3.revenue.csv"
    path.write_text(path.read_text().replace(",5,Can pay for a team", ",6,Can pay for a team"))
    edit(folder / "old.xlsx", "company-size", C3=12)
    said = run("table import old.xlsx")
    assert "score@3 has changed since old.xlsx was exported: nothing is written." in said
    assert ",10," in (folder / "rules/score/v3.company-size.csv").read_text()


def test_released_rules_stay(folder: Path, run: Run) -> None:
    """A workbook cannot change what is sealed."""
    digest = run("digest score 3").strip()
    with (folder / "rules/score/releases.yaml").open("a") as releases:
        releases.write(
            f"- version: 3\n  from: 2099-01-01\n  sha256: {digest}\n  by: ann\n  because: Yes.\n"
        )
    run("table export score@3 -o sealed.xlsx")
    edit(folder / "sealed.xlsx", "company-size", C3=12)
    assert "score@3 is released, and released rules never change" in run("table import sealed.xlsx")
