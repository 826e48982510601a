"""To which segments a question belongs: the words and truths among its facts, and its month."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from dealgate.model.fields import descriptor_of, enum_of, message_of
from dealgate.model.instants import SECOND

# A fact's path, or "month", and its value.
Segment: TypeAlias = tuple[str, str]
# A value → its word; None: it tells nothing of what sort somebody is.
Tell: TypeAlias = Callable[[Any], str | None]
# By the number of a field: its path, its word, or the fields of the message that it is.
Tellers: TypeAlias = dict[int, tuple[str, Tell, "Tellers | None"]]

EPOCH = dt.date(1970, 1, 1)
DAY_SECONDS = 86_400
DEPTH = 3
LONGEST = 40
# Texts of these names say who it is, and not of what sort.
NAMING = ("id", "name", "email", "phone", "url", "website", "text", "reason", "domain", "title")


def segments_of(facts: Message, as_of: int) -> Sequence[Segment]:
    """Return them; texts that name somebody, or are long, belong to no segment."""
    segments = [("month", _month(as_of // SECOND // DAY_SECONDS))]
    _add(segments, facts, _tellers(descriptor_of(facts), "", DEPTH))
    return segments


@lru_cache(maxsize=4096)
def _month(day: int) -> str:
    """Return the month of a day since 1970."""
    return f"{EPOCH + dt.timedelta(days=day):%Y-%m}"


def _add(segments: list[Segment], message: Message, tellers: Tellers) -> None:
    for field, value in message.ListFields():
        teller = tellers.get(field.number)
        if teller is None:
            continue
        path, tell, below = teller
        if below is not None:
            _add(segments, value, below)
        elif (word := tell(value)) is not None:
            segments.append((path, word))


@cache
def _tellers(message: Descriptor, above: str, depth: int) -> Tellers:
    """Return, by number, the path of each field that tells something, and its word for a value.

    Of a message it is what is below that tells.
    """
    tellers: Tellers = {}
    for field in message.fields:
        inner, path = field.message_type, f"{above}{field.name}"
        if field.is_repeated:
            continue
        if inner is None:
            tell = _teller(field)
            if tell is not None:
                tellers[field.number] = path, tell, None
        elif depth > 1 and inner.full_name.startswith("dealgate."):
            tellers[field.number] = path, str, _tellers(message_of(field), f"{path}.", depth - 1)
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
