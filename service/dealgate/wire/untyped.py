"""Facts of a kind with code that come as JSON, in a Struct: read, or refused by their paths."""

import re
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.struct_pb2 import Struct

from dealgate.model.errors import BadQuestion, Violation

# protobuf says what it was reading from the outermost field on, quotes what it found, and ends with
# where that stood, or with the fields that there are. Only its own words are told again.
FIELD = re.compile(r"Failed to parse (\w+) field: ")
PLACE = re.compile(r" at \w+((?:\.\w+|\[\d+\])+)\.*$")
NO_FIELD = "Message type "
THERE_ARE = "Available Fields(except extensions): "
NOT_JSON = "holds a number that is not finite; JSON has none"
UNKNOWN = "has an unknown field; its fields are: "
UNREADABLE = "cannot be read; write it as JSON of protobuf writes a field of its type"


def read_untyped(sent: Struct, facts: Any) -> None:
    """Fill typed facts with those that were sent; raises BadQuestion, which quotes no value."""
    try:
        ParseDict(MessageToDict(sent), facts)
    except ParseError as error:
        raise BadQuestion([_told(str(error))]) from None
    except (ValueError, OverflowError):  # of MessageToDict: NaN, Infinity
        raise BadQuestion([Violation("facts", NOT_JSON)]) from None
    facts.SetInParent()


def _told(text: str) -> Violation:
    path, at = "facts", 0
    while match := FIELD.match(text, at):
        path, at = f"{path}.{match[1]}", match.end()
    if text.startswith(NO_FIELD, at):
        own = re.findall(r"'(\w+)'", text.rpartition(THERE_ARE)[2])
        return Violation(path, UNKNOWN + ", ".join(own))
    place = PLACE.search(text)
    return Violation(f"facts{place[1]}" if place else path, UNREADABLE)
