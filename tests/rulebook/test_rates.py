"""rates.yaml beside the rules: read strictly, as everything in the folder is."""

import datetime as dt
from pathlib import Path

import pytest

from dealgate.model.faults import Fault
from dealgate.model.rates import RateBook
from dealgate.rulebook.rates import RATES, read_rates
from dealgate.rulebook.read_files import read_document

GOOD = """base: EUR
source: ECB euro foreign exchange reference rates
days:
  2026-11-25: {USD: "1.0832", JPY: "167.45"}
"""


def read(folder: Path, text: str) -> tuple[RateBook | None, list[Fault]]:
    """Return what the file is read as, and its faults."""
    (folder / RATES).write_text(text)
    faults: list[Fault] = []
    document = read_document(folder, folder / RATES, faults)
    assert document is not None
    return read_rates(document, faults), faults


def test_rates_are_read_as_they_are_written(tmp_path: Path) -> None:
    """By day and currency, exact: no number becomes a float."""
    book, faults = read(tmp_path, GOOD)

    day = dt.date(2026, 11, 25).toordinal()
    assert faults == []
    assert book is not None
    assert book.days == {day: {"USD": "1.0832", "JPY": "167.45"}}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("EUR", "EURO", "base"),
        ("USD", "USX", "ISO 4217"),
        ('"1.0832"', '"0"', "more than 0"),
        ('"1.0832"', '"1,0832"', "USD"),
        ("2026-11-25", "2026-02-30", "2026-02-30"),
    ],
)
def test_rates_that_cannot_be_right_are_faults(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    """With where they stand and what is wrong."""
    book, faults = read(tmp_path, GOOD.replace(old, new, 1))

    assert book is None
    (fault,) = faults
    assert says in str(fault)
