"""Tests as other tools write them are told with ours, and never cured into a row that is dead."""

import pytest

from dealgate.rulebook.foreign import foreign


@pytest.mark.parametrize(
    ("cell", "cure"),
    [
        ("*", "leave the cell empty, or write -, for any value"),
        ("any", "leave the cell empty, or write -, for any value"),
        ("NULL", "write `unknown` for a missing fact"),
        ("n/a", "write `unknown` for a missing fact"),
        ("50+", "write >= 50"),
        ("+5", "write 5"),
        ("007", "write 7"),
        ("between 50 and 100", "write [50..100]"),
        ("50 to 100", "write [50..100]"),
        ("> 50 and <= 100", "write (50..100]"),
        (">=50 && <100", "write [50..100)"),
        ("50 or 60", "write 50, 60"),
        ("50; 60", "write 50, 60"),
        ("VP | DIRECTOR", "write VP, DIRECTOR"),
        ("[50, 60]", "write 50, 60"),
        ("in (50,60)", "write 50, 60"),
        ("not in [50, 60]", "write not(50, 60)"),
        ("is null", "write `unknown`"),
        ("not known", "write `unknown`"),
        ("IS NOT NULL", "write `known`"),
        ("!= null", "write `known`"),
        ("Unknown", "write `unknown`"),
        ("(blank)", "write `unknown`"),
        ("NOT(50, 60)", "write not(50, 60)"),
        ("{true}", ""),
        ("[50.250)", ""),
        ("[50..60)", ""),
        ("not(50, 60)", ""),
        ("in core_markets", ""),
        (">= 5", ""),
        ("2026-01-31", ""),
        ("EUR 5", ""),
    ],
)
def test_what_others_write_is_said_in_our_way(cell: str, cure: str) -> None:
    """In a column of numbers, dates, amounts or constants; what is ours already is left alone."""
    told = foreign(cell)
    assert (told[1] if told else "") == cure
