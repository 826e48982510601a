"""To which segments a question belongs: the words and truths among its facts, and its month."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.model.instants import SECOND

# A fact's path, or "month", and its value.
Segment: TypeAlias = tuple[str, str]

DEPTH = 3
LONGEST = 40
# Texts of these names say who it is, and not of what sort.
NAMING = ("id", "name", "email", "phone", "url", "website", "text", "reason", "domain", "title")


def segments_of(facts: Message, as_of: int) -> Iterator[Segment]:
    """Yield them; texts that name somebody, or are long, belong to no segment."""
    yield "month", f"{dt.datetime.fromtimestamp(as_of // SECOND, dt.UTC):%Y-%m}"
    yield from _inside(facts, "", DEPTH)


def _inside(message: Message, above: str, depth: int) -> Iterator[Segment]:
    for field, value in message.ListFields():
        if field.is_repeated:
            continue
        if field.message_type is not None:
            ours = depth > 1 and field.message_type.full_name.startswith("dealgate.")
            yield from _inside(value, f"{above}{field.name}.", depth - 1) if ours else ()
        elif (word := _word(field, value)) is not None:
            yield f"{above}{field.name}", word


def _word(field: FieldDescriptor, value: Any) -> str | None:
    if field.enum_type is not None:
        names: Mapping[int, Any] = field.enum_type.values_by_number
        return str(names[value].name) if value in names else str(value)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return "true" if value else "false"
    is_text = field.cpp_type == FieldDescriptor.CPPTYPE_STRING
    names_somebody = any(part in NAMING for part in field.name.split("_"))
    return value if is_text and not names_somebody and len(value) <= LONGEST else None
