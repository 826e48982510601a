"""A line that is indented less than the text it continues, and so ends it for YAML."""

import re

from dealgate.model.faults import Fault
from dealgate.rulebook.source import Source

HEADER = re.compile(r"^( *(?:- +)*)([\w.-]+):[ \t]+[>|][-+\d]*[ \t]*(?:#.*)?$")
# What may rightly follow a text: a key, or an item that begins with one.
KEY = re.compile(r"^ *(?:- +)*[\w.-]+:(?:\s|$)")


def outdented(source: Source, *indices: int) -> Fault | None:
    """Return the fault of a line at one of `indices` that was meant for the text above it."""
    for index in indices:
        start = source.text.rfind("\n", 0, index) + 1
        line = source.line(index)
        column = len(line) - len(line.lstrip(" "))
        above = source.text[:start].split("\n")[:-1]
        parent = None if not line.strip() or KEY.match(line) else _text_above(above, column)
        if parent is not None:
            key, indent = parent
            message = f"this line is indented less than the text of `{key}:` above it"
            return source.fault(start + column, message, _hint(indent))
    return None


def _hint(indent: int) -> str:
    return f"begin it in column {indent + 1}, as the lines above, if it belongs to them"


def _text_above(above: list[str], column: int) -> tuple[str, int] | None:
    """Return the key of the block that the lines `above` end with, and how far it is indented."""
    indent = None
    for line in reversed(above):
        if not line.strip():
            continue
        here = len(line) - len(line.lstrip(" "))
        if indent is not None and (header := HEADER.match(line)) and len(header[1]) < indent:
            return header[2], indent
        if here <= column or (indent is not None and KEY.match(line)):
            return None
        indent = here if indent is None else min(indent, here)
    return None
