"""Cells that look like something else are told, and what is no fault is read."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cell_values import READERS, CellFault
from dealgate.rulebook.cells import condition, named_in

MONEY, DECIMAL, DATE = "google.type.Money", "google.type.Decimal", "google.type.Date"
EVERY = "one of these tests holds for every value: a comma joins them by `or`"
BACKSLASH = "a backslash stands only before a quote or another backslash"
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
        ("UNKNOWN, DE", "string", 0, "'UNKNOWN' must be the whole cell, or quoted text"),
        ("\uff24E", "string", 0, "this is U+FF24 fullwidth latin capital letter d"),
        ("> 50, < 100", "int", 0, EVERY),
        (">= 50, <= 60, 7", "double", 0, EVERY),
        ("> EUR 5, <= EUR 9", MONEY, 0, EVERY),
        (">= 2026-01-31, < 2026-02-01", DATE, 0, EVERY),
        ("not(> 50, < 100)", "int", 0, EVERY),
        ("5k", "int", 0, "'5k' is a shortened number"),
        ("9223372036854775808", "int", 0, "'9223372036854775808' does not fit into 64 bits"),
        ("5 EUR", MONEY, 0, "'5 EUR' is not how an amount is written here"),
        ("\u20ac5", MONEY, 0, "'\u20ac5' is not how an amount is written here"),
        (r'"C:\new"', "string", 3, BACKSLASH),
        (r'DE, "a\\\n"', "string", 8, BACKSLASH),
        ("5.", MONEY, 0, "'5.' is not an amount of money"),
        ("eur 5", MONEY, 0, "'eur 5' is not how an amount is written here"),
        ("2026-1-31", DATE, 0, "'2026-1-31' is not how a date is written here"),
        ("today", DATE, 0, "'today' is another day tomorrow, and a cell stays as it is"),
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
        (r'"C:\\new \"x\""', "string", r'lead.x == "C:\\new \"x\""'),
        ("O'Brien", "string", 'lead.x == "O\'Brien"'),
        ("EUR 0.001", MONEY, 'lead.x == money("EUR", "0.001")'),
        ("1.125", "double", "lead.x == 1.125"),
        ("< 50, > 100", "int", "(lead.x < 50 || lead.x > 100)"),
        ("> 50, < 50", "int", "(lead.x > 50 || lead.x < 50)"),
        ("> EUR 5, < USD 9", MONEY, '(lead.x > money("EUR", "5") || lead.x < money("USD", "9"))'),
    ],
)
def test_a_cell_is_read(cell: str, type_: str, says: str) -> None:
    """Quotes of either kind work anywhere, and three digits after a point are digits."""
    assert condition(cell, _column(type_)) == says


BITS = [
    *(
        "5",
        ".",
        "5.",
        ".5",
        "-",
        "+",
        "EUR",
        "\u20ac",
        "USD$",
        "jpy",
        " ",
        ",",
        ";",
        "|",
        "/",
        "\0",
    ),
    *("(", ")", "[", "]", "..", "not(", "in ", "known", '"', "'", '"A"', "'A'", "DE", " or ", "&&"),
    *("=", "!=", "<", ">=", "2026-01-31", "31.01.2026", "1/2/26", "T", "Z", "30d", "%", "e5", "\\"),
    *("1.000", "00", "9" * 20, "\u200b", "e\u0301", "*", "#REF!", "today", "true", "null", "k"),
]


@given(st.lists(st.sampled_from(BITS), min_size=1, max_size=6), st.sampled_from(sorted(READERS)))
def test_every_cell_is_read_or_told(bits: list[str], type_: str) -> None:
    """Whatever stands there: a condition, or a fault at a place of the cell, with its cure."""
    cell = "".join(bits).strip()
    for read in (condition, named_in):
        told = _told(read, cell, type_)
        if told is not None:
            assert 0 <= told.offset <= len(cell)
            assert told.message
            assert told.hint


def _told(read: Callable[[str, Column], object], cell: str, type_: str) -> CellFault | None:
    try:
        read(cell, _column(type_))
    except CellFault as fault:
        return fault
    return None
