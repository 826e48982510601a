"""Values cut out of a message's bytes, put back, or left out for good.

What remains without its values is kept beside where they belong, so that putting them back gives
the exact bytes, whatever contract they are read by.
"""

import struct
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from dealgate.model.encoding import varint
from dealgate.model.personal import SIZED, extent, read_varint

PLACE = struct.Struct("<4I")


class Place(NamedTuple):
    """Where a value belongs: its field begins at `field`, it lies from `start` to `end`.

    `owner` is a number of the record's own; `names` tells that the value is the owner's id.
    """

    field: int
    start: int
    end: int
    owner: int
    names: bool

    def written(self) -> bytes:
        """Return it as bytes."""
        return PLACE.pack(self.field, self.start, self.end, self.owner << 1 | self.names)


class Change(NamedTuple):
    """A field that is left out, or whose value becomes another; `end` is where it ends."""

    field: int
    end: int
    value: bytes | None


def read_places(data: bytes) -> Sequence[Place]:
    """Return what `Place.written` made of each."""
    return [
        Place(field, start, end, owner >> 1, bool(owner & 1))
        for field, start, end, owner in PLACE.iter_unpack(data)
    ]


def cut(data: bytes, places: Sequence[Place]) -> tuple[bytes, Sequence[bytes]]:
    """Return what remains without the values, and the values."""
    rest, values, end = [], [], 0
    for span in places:
        rest.append(data[end : span.start])
        values.append(data[span.start : span.end])
        end = span.end
    rest.append(data[end:])
    return b"".join(rest), values


def put_back(
    rest: bytes, places: Sequence[Place], value_of: Callable[[Place], bytes | None]
) -> bytes:
    """Return the bytes as they were; what has no value any more is filled with zeros."""
    parts, end, read = [], 0, 0
    for span in places:
        gap = span.start - end
        value = value_of(span)
        parts.append(rest[read : read + gap])
        parts.append(bytes(span.end - span.start) if value is None else value)
        read, end = read + gap, span.end
    parts.append(rest[read:])
    return b"".join(parts)


def spliced(data: bytes, changes: Sequence[Change]) -> bytes:
    """Return a message with some of its fields changed, and the lengths around them."""
    return _spliced(data, 0, len(data), deque(changes)) if changes else data


def _spliced(data: bytes, start: int, end: int, changes: deque[Change]) -> bytes:
    parts: list[bytes] = []
    while start < end:
        if not changes or changes[0].field >= end:
            parts.append(data[start:end])
            break
        if changes[0].field == start:
            change = changes.popleft()
            if change.value is not None:
                first = read_varint(data, start)[1]
                parts += (data[start:first], varint(len(change.value)), change.value)
            start = change.end
            continue
        start = _passed(data, start, changes, parts)
    return b"".join(parts)


def _passed(data: bytes, start: int, changes: deque[Change], parts: list[bytes]) -> int:
    """Add the field at `start`, with what changes within it; return where it ends."""
    tag, after_tag = read_varint(data, start)
    first, stop = extent(data, after_tag, tag & 7)
    if tag & 7 == SIZED and changes[0].field < stop:
        inner = _spliced(data, first, stop, changes)
        parts += (data[start:after_tag], varint(len(inner)), inner)
    else:
        parts.append(data[start:stop])
    return stop
