"""What in a cell could mean two things, so that it must be written otherwise."""

import re

from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cell_lexemes import Lexeme
from dealgate.rulebook.cell_values import CellFault
from dealgate.rulebook.habits import in_quotes

FACT = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
NEGATED = re.compile(r"(?:not|!)\s+(?:in\s+)?", re.IGNORECASE)
NULLS = {"null", "nil"}
COMMA = "some countries write decimals or thousands with this comma"


def check_plain(lexeme: Lexeme, column: Column) -> None:
    """Raise CellFault on text that reads as a test, of cells or of another tool."""
    text = lexeme.text
    if FACT.fullmatch(text) and text.partition(".")[0] in column.facts and not column.enum:
        hint = "compare facts in the header: a == b"
        if column.type == "string":
            hint = f"{hint}; or if it is text, {in_quotes(text)}"
        raise CellFault(lexeme.at, f"'{text}' names a fact", hint)
    if column.type != "string" or column.enum:
        return
    if text.lower() in {"known", "unknown"}:
        message, test = f"'{text}' must be the whole cell, or quoted text", ""
    elif NEGATED.match(text):
        message, test = f"'{text}' reads as a test", f"write not({NEGATED.sub('', text)}); or "
    elif text.lower() in NULLS:
        message, test = f"'{text}' is not a value", "write `unknown` for a missing fact; or "
    elif "*" in (text[0], text[-1]):
        message, test = "a cell has no wildcards", "give matches(…) a column; or "
    else:
        return
    raise CellFault(lexeme.at, message, f"{test}if it is text, {in_quotes(text)}")


def check_commas(text: str, column: Column) -> None:
    """Raise CellFault on a comma in a number: some countries write decimals with it."""
    if column.type in {"string", "bool"} or column.enum:
        return
    match = re.search(r"\d,\d", text)
    if match:
        left, right = text[: match.start() + 1], text[match.end() - 1 :]
        hint = f"write one number without a comma; two are written {left}, {right}"
        raise CellFault(match.start() + 1, COMMA, hint)
