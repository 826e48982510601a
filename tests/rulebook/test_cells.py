"""Cells that look like something else are told, and what is no fault is read."""

import pytest

from dealgate.rulebook.cell_values import CellFault
from dealgate.rulebook.cells import Column, condition

MONEY, DECIMAL = "google.type.Money", "google.type.Decimal"
FACTS = frozenset({"lead", "opportunity"})


def _column(type_: str) -> Column:
    return Column("lead.x", type_, {}, {}, FACTS)


@pytest.mark.parametrize(
    ("cell", "type_", "offset", "message"),
    [
        ("DE, unknown", "string", 4, "'unknown' must be the whole cell, or quoted text"),
        ("not(unknown)", "string", 4, "'unknown' must be the whole cell, or quoted text"),
        ("known, DE", "string", 0, "'known' must be the whole cell, or quoted text"),
        ("not in eu", "string", 0, "'not in eu' reads as a test"),
        ("not DE", "string", 0, "'not DE' reads as a test"),
        ("null", "string", 0, "'null' is not a value"),
        ("opportunity.owner_id", "string", 0, "'opportunity.owner_id' names a fact"),
        ("DE*", "string", 0, "a cell has no wildcards"),
        ("A\u200bB", "string", 1, "this is U+200B zero width space"),
        ('"A\u00a0B"', "string", 2, "this is U+00A0 no-break space"),
        ('"e\u0301"', "string", 1, "'\u00e9' is written as two signs"),
        ("1.000", "double", 0, "'1.000' has separators between thousands"),
        ("1.000", DECIMAL, 0, "'1.000' has separators between thousands"),
        ("00123", "double", 0, "'00123' is not how a number is written here"),
        ("<> 5", "int", 0, "the sign <> is not used here"),
        ("[5..]", "int", 4, "a range has two ends"),
        ("20%", DECIMAL, 0, "'20%' is a percentage"),
    ],
)
def test_a_cell_that_reads_as_something_else_is_told(
    cell: str, type_: str, offset: int, message: str
) -> None:
    """Where it stands, with what to write: nothing is silently text, or another number."""
    with pytest.raises(CellFault) as caught:
        condition(cell, _column(type_))

    assert (caught.value.offset, caught.value.message) == (offset, message)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("cell", "type_", "says"),
    [
        ("'Alpha', 'Beta'", "string", 'lead.x in ["Alpha", "Beta"]'),
        ("!= 'Alpha'", "string", 'lead.x != "Alpha"'),
        ('DE, "unknown"', "string", 'lead.x in ["DE", "unknown"]'),
        ("example.com", "string", 'lead.x == "example.com"'),
        ("O'Brien", "string", 'lead.x == "O\'Brien"'),
        ("EUR 0.001", MONEY, 'lead.x == money("EUR", "0.001")'),
        ("1.125", "double", "lead.x == 1.125"),
    ],
)
def test_a_cell_is_read(cell: str, type_: str, says: str) -> None:
    """Quotes of either kind work anywhere, and three digits after a point are digits."""
    assert condition(cell, _column(type_)) == says
