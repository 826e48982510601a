"""Descriptors with precise types: protobuf's stubs have two unrelated classes of them."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias, cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor
from google.protobuf.message import Message

# What a field holds, or one element of its list; None: it is not known. Which type it has is for
# its descriptor to say, so checkers know as little of it as of any reflection.
Held: TypeAlias = Any


def descriptor_of(message: Message | type[Message]) -> Descriptor:
    """Return what a message is declared to be."""
    return cast("Descriptor", message.DESCRIPTOR)


def fields_of(message: Message) -> Sequence[FieldDescriptor]:
    """Return the fields that a message may have."""
    return cast("Sequence[FieldDescriptor]", message.DESCRIPTOR.fields)


def field_of(message: Message, name: str) -> FieldDescriptor:
    """Return a field by its name; raises KeyError."""
    return cast("FieldDescriptor", message.DESCRIPTOR.fields_by_name[name])


def message_of(field: FieldDescriptor) -> Descriptor:
    """Return the type of a field that holds messages."""
    return cast("Descriptor", field.message_type)


def enum_of(field: FieldDescriptor) -> EnumDescriptor:
    """Return the type of a field that holds constants."""
    return cast("EnumDescriptor", field.enum_type)


def put(target: Message, value: Message) -> None:
    """Copy a message into one of the same type, also into one of another descriptor pool."""
    if isinstance(value, type(target)):
        target.CopyFrom(value)
    else:
        target.Clear()
        target.SetInParent()
        target.MergeFromString(value.SerializeToString())


def along(message: Descriptor, steps: Iterable[str]) -> Sequence[FieldDescriptor]:
    """Return the fields that a path of names leads through, as far as there are any."""
    within: Descriptor | None = message
    fields: list[FieldDescriptor] = []
    for step in steps:
        field = within.fields_by_name.get(step) if within is not None else None
        if field is None:
            break
        fields.append(field)
        within = field.message_type
    return fields


def with_imports(files: Iterable[FileDescriptor]) -> Sequence[FileDescriptor]:
    """Return files and all that they import, each once and after those it imports."""
    gathered: dict[str, FileDescriptor] = {}

    def gather(file: FileDescriptor) -> None:
        if file.name not in gathered:
            for needed in file.dependencies:
                gather(needed)
            gathered[file.name] = file

    for file in files:
        gather(file)
    return list(gathered.values())
