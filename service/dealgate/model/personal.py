"""What of a message is personal, and whose it is: read from its bytes, by the contracts' marks.

`personal.proto` says what marks mean. What becomes of each field is worked out once for a type of
message, from its descriptor; no list of fields is kept anywhere. Fields that the contract does not
know, which a newer caller may have sent, are personal.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.model.decision import Entity
from dealgate.model.fields import message_of
from dealgate.v1.personal_pb2 import PersonalMark, personal

VARINT, FIXED64, SIZED, FIXED32 = 0, 1, 2, 5
FIXED = {FIXED64: 8, FIXED32: 4}
MESSAGE = FieldDescriptor.TYPE_MESSAGE


class Span(NamedTuple):
    """A value in a message's bytes: its field begins at `field`, it lies from `start` to `end`.

    `owner` is the subject it belongs to; None: to all that the record names. `names` tells that
    the value is the owner's id.
    """

    field: int
    start: int
    end: int
    owner: Entity | None
    names: bool = False


@dataclass(eq=False, slots=True)
class PersonalField:
    """What becomes of a field: it names a subject, is a value, quotes all, or holds others."""

    names: str = ""
    quotes: bool = False
    within: "Fields | None" = None


@dataclass(eq=False, slots=True)
class Fields:
    """The fields of a message by number; None: nothing of it is personal.

    `owner` is the number of the field that names whose the others are, and `type` that subject's.
    """

    by_number: dict[int, PersonalField | None] = field(default_factory=dict)
    owner: int = 0
    type: str = ""


VALUE = PersonalField()


def mark_of(of: FieldDescriptor) -> PersonalMark | None:
    """Return the mark of a field, if it has one."""
    options = of.GetOptions()
    return options.Extensions[personal] if options.HasExtension(personal) else None


def spans(message: Descriptor, data: bytes, entity: Entity) -> list[Span]:
    """Return what is personal in a message's bytes, in order; `entity` is what it is about.

    Raises ValueError or IndexError on bytes that are not such a message.
    """
    spans_: list[Span] = []
    _walk(_fields(message), data, 0, len(data), entity, spans_)
    return spans_


def all_spans(message: Descriptor, data: bytes, entity: Entity) -> list[Span]:
    """Return every value in a message's bytes: nothing in it could be marked."""
    spans_: list[Span] = []
    _walk(_all_fields(message), data, 0, len(data), entity, spans_)
    return spans_


@cache
def _fields(message: Descriptor) -> Fields:
    return _marked(message, {})


@cache
def _all_fields(message: Descriptor) -> Fields:
    return _whole(message, {})


def _marked(message: Descriptor, known: dict[str, Fields]) -> Fields:
    """Build the table; a message that holds itself holds its own table."""
    if message.full_name in known:
        return known[message.full_name]
    made = known[message.full_name] = Fields()
    for of in message.fields:
        mark = mark_of(of)
        made.by_number[of.number] = _mark(of, mark, known)
        if mark is not None and mark.owner:
            made.owner, made.type = of.number, mark.names
    return made


def _mark(
    of: FieldDescriptor, mark: PersonalMark | None, known: dict[str, Fields]
) -> PersonalField | None:
    is_message = of.type == MESSAGE
    if mark is None:
        return PersonalField(within=_marked(message_of(of), known)) if is_message else None
    if is_message:
        return PersonalField(within=_whole(message_of(of), {}))
    return PersonalField(mark.names, mark.quotes) if mark.names or mark.quotes else VALUE


def _whole(message: Descriptor, known: dict[str, Fields]) -> Fields:
    """Return the table of a message of which every value is personal; keys of maps are names."""
    if message.full_name in known:
        return known[message.full_name]
    made = known[message.full_name] = Fields()
    is_entry = message.GetOptions().map_entry
    for of in message.fields:
        if of.type == MESSAGE:
            made.by_number[of.number] = PersonalField(within=_whole(message_of(of), known))
        else:
            made.by_number[of.number] = None if is_entry and of.number == 1 else VALUE
    return made


def _walk(
    fields: Fields, data: bytes, start: int, end: int, owner: Entity, spans_: list[Span]
) -> None:
    if fields.owner:
        owner = _named(fields, data, start, end) or owner
    by_number = fields.by_number
    while start < end:
        begun = start
        tag, first = read_varint(data, begun)
        first, start = extent(data, first, tag & 7)
        mark = by_number.get(tag >> 3, VALUE)
        if mark is None or first == start:
            continue
        if mark.within is not None:
            _walk(mark.within, data, first, start, owner, spans_)
        elif mark.names:
            subject = Entity(mark.names, data[first:start].decode())
            spans_.append(Span(begun, first, start, subject, names=True))
        else:
            spans_.append(Span(begun, first, start, None if mark.quotes else owner))
    if start > end:
        raise ValueError("a field of the message ends outside it")


def _named(fields: Fields, data: bytes, start: int, end: int) -> Entity | None:
    """Return the subject that a message names as the owner of its values."""
    while start < end:
        tag, first = read_varint(data, start)
        first, start = extent(data, first, tag & 7)
        if tag >> 3 == fields.owner and first < start:
            return Entity(fields.type, data[first:start].decode())
    return None


def extent(data: bytes, first: int, wire: int) -> tuple[int, int]:
    """Return where a value of this type on the wire begins and ends."""
    if wire == SIZED:
        size, first = read_varint(data, first)
        return first, first + size
    if wire == VARINT:
        return first, read_varint(data, first)[1]
    if wire in FIXED:
        return first, first + FIXED[wire]
    raise ValueError("a message of proto3 has no groups")


def read_varint(data: bytes, index: int) -> tuple[int, int]:
    """Return a number, and where it ends."""
    byte = data[index]
    index += 1
    if byte < 128:
        return byte, index
    number, shift = byte & 127, 7
    while True:
        byte = data[index]
        index += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, index
        shift += 7
