"""Cells that Excel would run: a mark makes them text in the CSV, and is not part of what they say.

Excel takes a cell that begins with one of these characters for a formula, and formulas start
programs and send what stands beside them to strangers. Excel's own mark for text is an apostrophe.
"""

import re

MARK = "'"
FORMULA = re.compile(r"('*)[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"-(?:\d+(?:\.\d+)?)?", re.ASCII)
# Text in the quotes of a condition, which begins with no formula.
LITERAL = re.compile(r"'[^']*'")


def marked(cell: str) -> str:
    """Return the cell as it may stand in a CSV; `unmarked` gives it back."""
    formula = FORMULA.match(cell)
    if formula is None or NUMBER.fullmatch(cell) or LITERAL.fullmatch(cell):
        return cell
    # With one more mark it would read as marked once, or as a text in quotes.
    is_plain = not formula[1] and not LITERAL.fullmatch(MARK + cell)
    return (MARK if is_plain else 2 * MARK) + cell


def unmarked(cell: str) -> str:
    """Return what a cell of a CSV says."""
    formula = FORMULA.match(cell)
    if formula is None or LITERAL.fullmatch(cell):
        return cell
    return cell[min(len(formula[1]), 2) :]
