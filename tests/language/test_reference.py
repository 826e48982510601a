"""Every function that rules may call is told of."""

from dealgate.language.extensions import ROWS
from dealgate.language.operations import DECLARATIONS
from dealgate.language.reference import functions


def test_every_function_has_signatures_and_words() -> None:
    """Those declared here and those of CEL: none is offered without saying what it does."""
    found = functions()
    declared = {each.function for each in DECLARATIONS if each.function[0].isalpha()}
    assert declared | {row.function for row in ROWS if row.function[0].isalpha()} <= set(found)
    assert [name for name, each in found.items() if not each.text or not each.signatures] == []


def test_overloads_are_listed_one_by_one() -> None:
    """In types that authors know."""
    assert functions()["date"].signatures == (
        "date(string) -> Date",
        "date(timestamp) -> Date",
        "date(timestamp, string) -> Date",
    )
