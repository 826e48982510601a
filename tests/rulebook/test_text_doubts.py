"""Bare text that a reader would take for a test is told, and what is a name stays text."""

import pytest

from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cell_values import CellFault
from dealgate.rulebook.cells import condition
from dealgate.rulebook.spans import Allowed, Span


def _column(*allowed: str) -> Column:
    constants = {"near": "list(string)"}
    spans = [Span(0, text, f'"{text}"', text, text) for text in allowed]
    return Column("lead.x", "string", {}, constants, allowed=Allowed(spans) if spans else None)


def _cure(cell: str, *allowed: str) -> str:
    """Return what the author is told to write; empty if the cell is read."""
    try:
        condition(cell, _column(*allowed))
    except CellFault as fault:
        return fault.hint
    return ""


@pytest.mark.parametrize(
    ("cell", "cure"),
    [
        ("VP or CTO", "write VP, CTO; or"),
        ("VP and CTO", "write VP, CTO; or"),
        ("VP oder CTO", "write VP, CTO; or"),
        ("yes/no", "write yes, no; or"),
        ("DE & AT", "write DE, AT; or"),
        ("DE && AT", "write DE, AT; or"),
        ("DE|FR", "write DE, FR; or"),
        ("DE; FR", "write DE, FR; or"),
        ("DE, AT or CH", "write AT, CH; or"),
        ("DE, or AT", "write AT; or"),
        ("either A or B", "write A, B; or"),
        ("not(DE or AT)", "write DE, AT; or"),
        ('"DE" or "FR"', 'write "DE", "FR"'),
        ("'A' and 'B'", "write 'A', 'B'"),
        ("not CEO", "write not(CEO); or"),
        ("!CEO", "write not(CEO); or"),
        ("!(CEO)", "write not(CEO)"),
        ("except DE", "write not(DE); or"),
        ("anything but DE or AT", "write not(DE, AT); or"),
        ("neither A nor B", "write not(A, B); or"),
        ("is not DE", "write not(DE); or"),
        ("IN near", "write near; or"),
        ("one of A", "write A; or"),
        ("one of (A, B)", "write A, B"),
        ("equals A", "write A; or"),
        ("[DE, FR]", "write DE, FR"),
        ("{DE,FR}", "write DE, FR"),
        ("not in (DE, FR)", "write not(DE, FR)"),
        ("between 5 and 9", "list the values you mean, with commas; or"),
        ("A - C", "list the values you mean, with commas; or"),
        ("A to C", "list the values you mean, with commas; or"),
        ("at least Gold", "list the values you mean, with commas; or"),
        ("Gold or better", "list the values you mean, with commas; or"),
        ("Gold+", "list the values you mean, with commas; or"),
        (">= Gold", "list the values you mean, with commas; or"),
        ("[A..M]", "list the values you mean, with commas; or"),
        ('["A"..M]', "list the values you mean, with commas; or"),
        ("under Gold", "list the values you mean, with commas; or"),
        ("DE if large", "write the condition in a column `when`; or"),
        ("any", "leave the cell empty, or write -, for any value; or"),
        ("Everything", "leave the cell empty, or write -, for any value; or"),
        ("n/a", "write `unknown` for a missing fact; or"),
        ("DE, n/a", "write `unknown` for a missing fact; or"),
        ("UNKNOWN", "write `unknown`; or"),
        ("missing", "write `unknown`; or"),
        ("DE, is empty", "write `unknown`; or"),
        ("Is not empty", "write `known`; or"),
        ("known or DE", "give each of these tests a row; or"),
        ("Not (DE)", "write not(DE)"),
        ("starts with D", "give the test a column of its own"),
        ("/^D.*/", "give the test a column of its own"),
        ("^D", "give the test a column of its own"),
        ("D%", "give the test a column of its own"),
    ],
)
def test_text_that_reads_as_a_test_is_told(cell: str, cure: str) -> None:
    """With how the test is said here; all but what no text is may stand in quotes."""
    told = _cure(cell)

    assert told.startswith(cure)
    assert not cure.endswith("; or") or "in quotes: " in told


@pytest.mark.parametrize(
    "cell",
    [
        *("R&D", "AT&T", "C++", "Under Review", "In Progress", "Between Jobs", "none", "None"),
        *("contains", "or", "Organic", "Andorra", "Notary", "Iris", "In-N-Out", "Best Buy", "NA"),
        *("DE, AT", "not(DE, FR)", "in near", "!= DE", '>= "Gold"', '["A".."M"]', "known", "-"),
        *('"VP or CTO"', "'yes/no'", '"not CEO", "n/a"', 'not("A or B")', "no interest"),
    ],
)
def test_names_and_quoted_texts_are_read(cell: str) -> None:
    """What is a name as often as not is text, and in quotes everything is."""
    assert _cure(cell) == ""


def test_what_the_column_lists_is_text() -> None:
    """`allowed:` says that it is a value, and so it needs no quotes."""
    listed = ("VP or CTO", "Trinidad and Tobago")

    assert [_cure(text, *listed) for text in listed] == ["", ""]
    assert _cure("VP and CTO", *listed).startswith("write VP, CTO; or")


def test_a_long_text_is_read_in_time_for_its_length() -> None:
    """A sentence is no test, and what its words are is not looked for at every length."""
    assert _cure("a or " * 20_000 + "b") == ""
