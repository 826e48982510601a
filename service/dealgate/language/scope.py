"""What an expression may name: the facts' fields, `as_of`, and the enum constants."""

from collections.abc import Iterator
from functools import lru_cache

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

AS_OF = "as_of"
SCALARS = {
    **dict.fromkeys((1, 2), "double"),
    **dict.fromkeys((3, 5, 15, 16, 17, 18, 14), "int"),
    **dict.fromkeys((4, 6, 7, 13), "uint"),
    8: "bool",
    9: "string",
    12: "bytes",
}
WELL_KNOWN = {"google.protobuf.Timestamp": "timestamp", "google.protobuf.Duration": "duration"}


def field_type(field: FieldDescriptor) -> str:
    """Return a field's type in CEL's notation."""
    if field.message_type and field.message_type.GetOptions().map_entry:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        return f"map({_single(key)}, {_single(value)})"
    return f"list({_single(field)})" if field.is_repeated else _single(field)


def _single(field: FieldDescriptor) -> str:
    if field.message_type:
        name: str = field.message_type.full_name
        return WELL_KNOWN.get(name, name)
    return SCALARS[field.type]


@lru_cache(maxsize=64)
def enum_constants(facts: Descriptor) -> dict[str, tuple[EnumDescriptor, int]]:
    """Return every constant of every enum within a message: its enum and number, by bare name.

    The zero value is left out: it stands for "not known", and `has()` asks for that.
    """
    constants = {}
    for enum in _enums(facts, set()):
        for value in enum.values:
            if value.number:
                constants[value.name] = (enum, value.number)
    return constants


def _enums(message: Descriptor, seen: set[str]) -> Iterator[EnumDescriptor]:
    seen.add(message.full_name)
    for field in message.fields:
        if field.enum_type:
            yield field.enum_type
        if field.message_type and field.message_type.full_name not in seen:
            yield from _enums(field.message_type, seen)
