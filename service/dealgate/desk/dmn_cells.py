"""S-FEEL unary tests, as cells of a table of ours say them; they differ little.

Text is in quotes, `]` and `[` are ends that a range leaves out, `null` is a missing fact, and
dates, instants and spans of time are functions.
"""

import re
from collections.abc import Callable

from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cell_values import READERS, CellFault
from dealgate.rulebook.cells import condition

DATE = re.compile(r'date\(\s*"([\d-]+)"\s*\)')
INSTANT = re.compile(r'date and time\(\s*"([^"]+)"\s*\)')
SPAN = re.compile(r'duration\(\s*"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"\s*\)')
# What is left of a cell once text, dates and numbers are out: other names and calls.
PLAIN = re.compile(
    r'"(?:[^"\\]|\\.)*"|\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?|\d+[dhms]\b|\b(?:true|false|not|unknown)\b'
)
NAME = re.compile(r"[A-Za-z_]\w*")
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|\d{4}-\d\d-\d\d', re.ASCII)
QUOTED = re.compile(r'("(?:[^"\\]|\\.)*")', re.DOTALL)
ESCAPED = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
SIGNS = {"n": "\n", "r": "\r", "t": "\t"}
AT = re.compile(r'@"(?P<date>\d{4}-\d\d-\d\d)?(?P<clock>T[^"]*)?(?P<span>-?P[^"]*)?"')


def cell_of(test: str) -> str:
    """Return an S-FEEL unary test as a cell says it."""
    cell = _outside(plain(test.strip()), _spelt).removeprefix("=").strip()
    if cell == "null":
        return "unknown"
    if cell == "not(null)":
        return "known"
    if ".." in cell and cell.startswith("]"):
        cell = f"({cell[1:]}"
    return f"{cell[:-1]})" if ".." in cell and cell.endswith("[") else cell


def is_test(cell: str) -> bool:
    """Tell whether a cell tests its own column alone: it names no other fact, and calls nothing.

    And a table of ours reads it, below a fact of some type.
    """
    rest = PLAIN.sub("", cell)
    return NAME.search(rest) is None and "?" not in rest and any(_reads(cell, t) for t in READERS)


def _reads(cell: str, type_: str) -> bool:
    try:
        condition(cell, Column("fact.value", type_))
    except CellFault:
        return False
    return True


def claim_of(written: str) -> str | None:
    """Return what an output entry claims; empty: nothing. None: it is an expression."""
    cell = cell_of(written)
    if cell in {"", "-", "unknown"}:
        return ""
    if LITERAL.fullmatch(cell) is None:
        return None
    return _unescaped(cell[1:-1]) if cell.startswith('"') else cell


def plain(text: str) -> str:
    """Return the text with dates, instants and spans of time as cells have them."""
    text = AT.sub(_called, text)
    text = DATE.sub(r"\1", text)
    text = INSTANT.sub(lambda match: f"{match[1].removesuffix('Z')}Z", text)
    return SPAN.sub(_span, text)


def _span(match: re.Match[str]) -> str:
    units = zip(match.groups(), "dhms", strict=True)
    return "".join(f"{number}{unit}" for number, unit in units if number) or "0s"


def _called(match: re.Match[str]) -> str:
    """Return `@"P1D"` as the function that it is short for."""
    text = match[0][1:]
    if match["span"]:
        return f"duration({text})"
    if match["date"]:
        return f"date and time({text})" if match["clock"] else f"date({text})"
    return match[0]


def _outside(text: str, spelt: Callable[[str], str]) -> str:
    """Return a cell with its texts escaped as ours are, and the rest spelt as cells are."""
    parts = QUOTED.split(text)
    parts[::2] = map(spelt, parts[::2])
    parts[1::2] = map(_escaped, parts[1::2])
    return "".join(parts)


def _spelt(rest: str) -> str:
    """Numbers begin with a digit, and no comma between them reads as one within."""
    return re.sub(r",(?=\S)", ", ", re.sub(r"(?<![\w.])\.(?=\d)", "0.", rest))


def _escaped(quoted: str) -> str:
    """A text of ours escapes quotes and backslashes, and nothing else."""
    text = _unescaped(quoted[1:-1])
    return '"' + re.sub(r'["\\]', r"\\\g<0>", text) + '"'


def _unescaped(text: str) -> str:
    return ESCAPED.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1 and (point := int(code[1:], 16)) < 0x110000:
        return chr(point)
    return SIGNS.get(code, code)
