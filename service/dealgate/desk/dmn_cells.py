"""S-FEEL unary tests, as cells of a table of ours say them; they differ little.

Text is in quotes, `]` and `[` are ends that a range leaves out, `null` is a missing fact, and
dates, instants and spans of time are functions.
"""

import re

DATE = re.compile(r'date\(\s*"([\d-]+)"\s*\)')
INSTANT = re.compile(r'date and time\(\s*"([^"]+)"\s*\)')
SPAN = re.compile(r'duration\(\s*"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"\s*\)')
# What is left of a cell once text, dates and numbers are out: other names and calls.
PLAIN = re.compile(
    r'"[^"]*"|\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?|\d+[dhms]\b|\b(?:true|false|not|unknown)\b'
)
NAME = re.compile(r"[A-Za-z_]\w*")
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|\d{4}-\d\d-\d\d', re.ASCII)
ESCAPED = re.compile(r'\\(["\\])')


def cell_of(test: str) -> str:
    """Return an S-FEEL unary test as a cell says it."""
    cell = plain(test.strip())
    if cell == "null":
        return "unknown"
    if cell == "not(null)":
        return "known"
    if ".." in cell and cell.startswith("]"):
        cell = f"({cell[1:]}"
    return f"{cell[:-1]})" if ".." in cell and cell.endswith("[") else cell


def is_test(cell: str) -> bool:
    """Tell whether a cell tests its own column alone: it names no other fact, and calls nothing."""
    rest = PLAIN.sub("", cell)
    return NAME.search(rest) is None and "?" not in rest


def claim_of(written: str) -> str | None:
    """Return what an output entry claims; empty: nothing. None: it is an expression."""
    cell = cell_of(written)
    if cell in {"", "-", "unknown"}:
        return ""
    if LITERAL.fullmatch(cell) is None:
        return None
    return ESCAPED.sub(r"\1", cell[1:-1]) if cell.startswith('"') else cell


def plain(text: str) -> str:
    """Return the text with dates, instants and spans of time as cells have them."""
    text = DATE.sub(r"\1", text)
    text = INSTANT.sub(lambda match: f"{match[1].removesuffix('Z')}Z", text)
    return SPAN.sub(_span, text)


def _span(match: re.Match[str]) -> str:
    units = zip(match.groups(), "dhms", strict=True)
    return "".join(f"{number}{unit}" for number, unit in units if number) or "0s"
