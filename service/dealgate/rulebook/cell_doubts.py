"""What in a cell could mean two things, so that it must be written otherwise."""

import re

from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cell_lexemes import Lexeme
from dealgate.rulebook.cell_values import CellFault
from dealgate.rulebook.habits import in_quotes
from dealgate.rulebook.text_doubts import LIST_CURE, bare_test

FACT = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
COMMA = "some countries write decimals or thousands with this comma"


def check_plain(lexeme: Lexeme, column: Column) -> None:
    """Raise CellFault on text that reads as a test, of cells or of another tool."""
    text = lexeme.text
    if FACT.fullmatch(text) and text.partition(".")[0] in column.facts and not column.enum:
        hint = "compare facts in the header: a == b"
        if column.type == "string":
            hint = f"{hint}; or if it is text, {in_quotes(text)}"
        raise CellFault(lexeme.at, f"'{text}' names a fact", hint)
    if column.type != "string" or column.enum or _is_declared(text, column):
        return
    if told := bare_test(text):
        raise CellFault(lexeme.at, *told)


def check_ordered(lexeme: Lexeme, column: Column) -> None:
    """Raise CellFault on a bare text that is compared: `>= Gold` reads as a rank."""
    if column.type != "string" or column.enum or lexeme.kind != "word":
        return
    message = f"text is compared by its letters: '{lexeme.text}' has no rank here"
    hint = f"{LIST_CURE}; or if letters are meant, {in_quotes(lexeme.text)}"
    raise CellFault(lexeme.at, message, hint)


def _is_declared(text: str, column: Column) -> bool:
    """Tell whether the column lists this text among its values."""
    return column.allowed is not None and any(span.text == text for span in column.allowed.spans)


def check_commas(text: str, column: Column) -> None:
    """Raise CellFault on a comma in a number: some countries write decimals with it."""
    if column.type in {"string", "bool"} or column.enum:
        return
    match = re.search(r"\d,\d", text)
    if match:
        left, right = text[: match.start() + 1], text[match.end() - 1 :]
        hint = f"write one number without a comma; two are written {left}, {right}"
        raise CellFault(match.start() + 1, COMMA, hint)
