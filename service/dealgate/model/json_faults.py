"""What protobuf refuses of JSON, reported by its path: protobuf's own words quote what it found.

It says what it was reading from the outermost field on, quotes what it found, and ends with where
that stood, or with the fields that there are. Only its own words are passed on.
"""

import re

from dealgate.model.errors import Violation

FIELD = re.compile(r"Failed to parse (\w+) field: ")
PLACE = re.compile(r" at \w+((?:\.\w+|\[\d+\])+)\.*$")
WITHIN = re.compile(r' at "\w+((?:\.\w+|\[\d+\])*)"\.\s*$')
NO_FIELD = "Message type "
THERE_ARE = "Available Fields(except extensions): "
UNKNOWN = "has an unknown field; its fields are: "
UNREADABLE = "cannot be read; write it as JSON of protobuf writes a field of its type"


def json_fault(text: str, root: str) -> Violation:
    """Return what is wrong, and where, from the text of a ParseError about `root`."""
    path, at = root, 0
    while match := FIELD.match(text, at):
        path, at = f"{path}.{match[1]}", match.end()
    if text.startswith(NO_FIELD, at):
        before, _, listed = text.rpartition(THERE_ARE)
        within = WITHIN.search(before)
        own = re.findall(r"'(\w+)'", listed)
        return Violation(f"{root}{within[1]}" if within else path, UNKNOWN + ", ".join(own))
    place = PLACE.search(text)
    return Violation(f"{root}{place[1]}" if place else path, UNREADABLE)
