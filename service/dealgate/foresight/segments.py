"""To which segments a question belongs: the words and truths among its facts, and its month."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from dealgate.model.fields import descriptor_of, enum_of
from dealgate.model.instants import SECOND

# A fact's path, or "month", and its value.
Segment: TypeAlias = tuple[str, str]
# A value → its word; None: it tells nothing of what sort somebody is.
Tell: TypeAlias = Callable[[Any], str | None]

EPOCH = dt.date(1970, 1, 1)
DAY_SECONDS = 86_400
DEPTH = 3
LONGEST = 40
# Texts of these names say who it is, and not of what sort.
NAMING = ("id", "name", "email", "phone", "url", "website", "text", "reason", "domain", "title")


def segments_of(facts: Message, as_of: int) -> Iterator[Segment]:
    """Yield them; texts that name somebody, or are long, belong to no segment."""
    yield "month", _month(as_of // SECOND // DAY_SECONDS)
    yield from _inside(facts, "", DEPTH)


@lru_cache(maxsize=4096)
def _month(day: int) -> str:
    """Return the month of a day since 1970."""
    return f"{EPOCH + dt.timedelta(days=day):%Y-%m}"


def _inside(message: Message, above: str, depth: int) -> Iterator[Segment]:
    tellers = _tellers(descriptor_of(message), above, depth)
    for field, value in message.ListFields():
        teller = tellers.get(field.number)
        if teller is None:
            continue
        path, tell = teller
        if tell is None:
            yield from _inside(value, f"{path}.", depth - 1)
        elif (word := tell(value)) is not None:
            yield path, word


@cache
def _tellers(message: Descriptor, above: str, depth: int) -> Mapping[int, tuple[str, Tell | None]]:
    """Return, by number, the path of each field that tells something, and its word for a value.

    None instead of a word: it is what is below that tells.
    """
    tellers: dict[int, tuple[str, Tell | None]] = {}
    for field in message.fields:
        below = field.message_type
        if field.is_repeated:
            continue
        if below is None:
            tell = _teller(field)
            if tell is not None:
                tellers[field.number] = f"{above}{field.name}", tell
        elif depth > 1 and below.full_name.startswith("dealgate."):
            tellers[field.number] = f"{above}{field.name}", None
    return tellers


def _teller(field: FieldDescriptor) -> Tell | None:
    if field.enum_type is not None:
        names = {
            number: str(value.name) for number, value in enum_of(field).values_by_number.items()
        }
        return lambda value: names.get(value) or str(value)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return lambda value: "true" if value else "false"
    names_somebody = any(part in NAMING for part in field.name.split("_"))
    if field.cpp_type != FieldDescriptor.CPPTYPE_STRING or names_somebody:
        return None
    return lambda value: value if len(value) <= LONGEST else None
