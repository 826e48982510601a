"""How many elements a message holds, counted before any of them is created.

Four megabytes hold two million empty elements. To parse them takes 200 MB, and to find fault with
each of them seconds. So a large message is first read by an outline of its type, in which
everything that could be a list of messages is a list of bytes: nothing below is looked at, and a
list too long is refused by its name. Only what can hold further lists is then outlined in turn.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from dealgate.model.bound_table import ELEMENTS
from dealgate.model.errors import BadQuestion, Violation

COUNTED_BYTES = 64 * 1024  # a smaller message holds too few to matter
LIST_MOST = 40_000  # the longest list that any kind takes
ELEMENTS_MOST = ELEMENTS
TEXTS_MOST = 1_000_000  # a journey of many steps is a list of texts
# A model of attribution is learnt from as many journeys as there are, in a process of its own.
MANY = {"dealgate.v1.FitAttributionModelRequest.paths": 400_000}
DEPTH_MOST = 32
FEWEST_BYTES = 8  # shorter ones cannot hold enough
# Two million elements take seventy megabytes to be counted; the first of them are enough.
BEGINNING_BYTES, GROWTH = 256 * 1024, 4
ELEMENT_BYTES = 2  # an element takes at least its key and its length

_POOL = DescriptorPool()


class _Count:
    """What was counted so far; `crowd` is the path of the first list that is too long."""

    def __init__(self, size: int) -> None:
        # Below this size all lists together are short enough: only a part that could hold a list
        # that is too long is examined.
        few = size <= ELEMENT_BYTES * ELEMENTS_MOST
        self._worth_a_look = ELEMENT_BYTES * LIST_MOST if few else FEWEST_BYTES
        self.messages = 0
        self.texts = 0
        self.crowd = ""
        self.most = LIST_MOST

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to find out."""
        too_many = self.messages > ELEMENTS_MOST or self.texts > TEXTS_MOST
        return bool(self.crowd) or too_many

    def add(self, message: Descriptor, data: bytes, path: str, depth: int = 0) -> None:
        """Count what the lists in `data` hold, until that is too much."""
        if self._begins_with_a_crowd(message, data, path):
            return
        try:
            outline = _outline(message).FromString(data)
        except DecodeError:
            return  # the parser of the message itself says so
        for field in _outlined(message):
            elements: Sequence[bytes] = getattr(outline, field.name)
            if field.is_repeated:
                self._add_list(field, len(elements), path)
            if field.full_name in MANY:
                continue  # its process counts what is in them
            if field.message_type is not None and _has_lists(field.message_type):
                self._add_below(field, elements, path, depth + 1)

    def _begins_with_a_crowd(self, message: Descriptor, data: bytes, path: str) -> bool:
        """Examine only the first part: what is too much is so within some kilobytes.

        A parser that comes to the end too early has read what is before it.
        """
        size = BEGINNING_BYTES
        while size < len(data):
            beginning = _outline(message)()
            with suppress(DecodeError):
                beginning.ParseFromString(data[:size])
            for field in _outlined(message):
                most = MANY.get(field.full_name, LIST_MOST)
                if field.is_repeated and len(getattr(beginning, field.name)) > most:
                    self.crowd, self.most = path + field.name, most
                    return True
            size *= GROWTH
        return False

    def _add_list(self, field: FieldDescriptor, length: int, path: str) -> None:
        most = MANY.get(field.full_name, LIST_MOST)
        if length > most:
            self.crowd = self.crowd or path + field.name
            self.most = most
        if field.message_type is None:
            self.texts += length
        elif field.full_name not in MANY:
            self.messages += length

    def _add_below(
        self, field: FieldDescriptor, elements: Sequence[bytes], path: str, depth: int
    ) -> None:
        for index, element in enumerate(elements):
            if self.is_over or depth > DEPTH_MOST:
                return
            if len(element) >= self._worth_a_look:
                location = f"[{index}]" if field.is_repeated else ""
                below: Any = field.message_type
                self.add(below, element, f"{path}{field.name}{location}.", depth)


def refuse_crowds(message: Any, data: bytes) -> None:
    """Raise BadQuestion if a list in `data`, or all of them together, are too long.

    `message` is the descriptor of their type.
    """
    if len(data) <= COUNTED_BYTES:
        return
    count = _Count(len(data))
    count.add(message, data, "")
    if count.crowd:
        raise BadQuestion([Violation(count.crowd, f"has more than {count.most} entries")])
    if count.is_over:
        wrong = f"holds more than {ELEMENTS_MOST} elements in all its lists"
        raise BadQuestion([Violation("request", wrong)])


@cache
def _outlined(message: Descriptor) -> tuple[FieldDescriptor, ...]:
    """Return the fields that are lists of messages or texts, or may hold such lists."""
    return tuple(
        field
        for field in message.fields
        if field.cpp_type in {FieldDescriptor.CPPTYPE_MESSAGE, FieldDescriptor.CPPTYPE_STRING}
        if field.is_repeated or (field.message_type is not None and _has_lists(field.message_type))
    )


@cache
def _has_lists(message: Descriptor) -> bool:
    """Tell whether a message of this type can hold a list, however deep."""
    return _reaches_a_list(message, frozenset())


def _reaches_a_list(message: Descriptor, above: frozenset[str]) -> bool:
    if message.full_name in above:
        return False
    inside = above | {message.full_name}
    return any(
        field.is_repeated
        or (field.message_type is not None and _reaches_a_list(field.message_type, inside))
        for field in message.fields
    )


@cache
def _outline(message: Descriptor) -> type[Message]:
    """Return a type that reads the same bytes, and takes what `_outlined` names for bytes."""
    name = message.full_name.replace(".", "_")
    file = FileDescriptorProto(name=f"{name}.proto", package="outline")
    made = file.message_type.add(name=name)
    for field in _outlined(message):
        made.field.add(
            name=field.name,
            number=field.number,
            label=FieldDescriptorProto.LABEL_REPEATED,
            type=FieldDescriptorProto.TYPE_BYTES,
        )
    _POOL.Add(file)
    outline: type[Message] = GetMessageClass(_POOL.FindMessageTypeByName(f"outline.{name}"))
    return outline
