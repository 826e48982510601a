"""Facts of an entity laid over others: new facts replace known ones, or fill gaps.

A message of ours within another is laid over field by field; lists, amounts, days and instants are
one value each, and properties one each by name. A company within a lead is laid over only if it may
be the same: two ids or two domains are two companies, whose facts must not mix.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.model.instants import nanoseconds
from dealgate.model.texts import shows

OURS = "dealgate."
IDENTITY = ("id", "domain")
PROPERTIES = "properties"
STRUCT = Struct.DESCRIPTOR.full_name
# Tells of a message's name, a property's name and its value whether it may be filled in.
Allows: TypeAlias = Callable[[str, str, Any], bool]


def everything(message: str, name: str, value: object) -> bool:
    """Allow every property."""
    del message, name, value
    return True


def told_over(known: Any, told: Message) -> None:
    """Lay new facts over known ones, in place; null removes a property."""
    for field, value in told.ListFields():
        held = getattr(known, field.name)
        if field.is_repeated:
            del held[:]
            held.extend(value)
        elif _is_struct(field):
            _properties_over(known, value)
        elif _is_record(field):
            if are_others(held, value):
                held.Clear()
            held.SetInParent()
            told_over(held, value)
        elif field.message_type is not None:
            held.CopyFrom(value)
        else:
            setattr(known, field.name, value)
            if _is_property(known, field.name):
                del known.properties.fields[field.name]


def filled(sent: Message, known: Message, as_of: int, allows: Allows = everything) -> None:
    """Fill the gaps of what was sent with what is known, in place.

    An instant after `as_of` (ns) is left out: nothing that is judged then has happened later.
    """
    for field, value in known.ListFields():
        held = getattr(sent, field.name)
        if field.is_repeated:
            if not held:
                held.extend(value)
        elif _is_struct(field):
            _properties_filled(sent, value, allows)
        elif _is_record(field):
            if not are_others(held, value):
                held.SetInParent()
                filled(held, value, as_of, allows)
        elif not _is_sent(sent, field) and not _is_later(field, value, as_of):
            if field.message_type is not None:
                held.CopyFrom(value)
            else:
                setattr(sent, field.name, value)


def cleared(known: Any, path: str) -> bool:
    """Forget the fact at a path, in place; return whether there can be one."""
    name, _, below = path.partition(".")
    field = known.DESCRIPTOR.fields_by_name.get(name)
    if field is None:
        return False
    if not below:
        known.ClearField(name)
        return True
    held = getattr(known, name)
    if _is_struct(field):
        held.fields.pop(below, None)
        return True
    if not _is_record(field):
        return False
    # Looked up in a copy where there is none: asking must not make an empty one known.
    return cleared(held if known.HasField(name) else type(held)(), below)


def leaves(message: Message, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield each fact with its path; a list is one."""
    for field, value in message.ListFields():
        path = prefix + field.name
        if field.is_repeated:
            yield path, [_plain(item) for item in value]
        elif _is_struct(field):
            for name in sorted(value.fields):
                if not _is_null(value.fields[name]):
                    yield f"{path}.{name}", _plain(value.fields[name])
        elif _is_record(field):
            yield from leaves(value, f"{path}.")
        else:
            yield path, _plain(value)


def instants(
    before: Message, known: Mapping[str, int], after: Message, now: int
) -> Mapping[str, int]:
    """Return since when each fact is known as it is after a change that becomes known `now`."""
    was = dict(leaves(before))
    return {
        path: known[path] if path in known and was.get(path) == value else now
        for path, value in leaves(after)
    }


def are_others(record: Any, other: Any) -> bool:
    """Tell whether two records are certainly of two things."""
    names = [name for name in IDENTITY if name in record.DESCRIPTOR.fields_by_name]
    return any(
        getattr(record, name)
        and getattr(other, name)
        and getattr(record, name) != getattr(other, name)
        for name in names
    )


def _properties_over(known: Any, told: Any) -> None:
    """Lay properties over: a further word takes the place of the field that it extends."""
    for name, value in told.fields.items():
        if _is_null(value):
            known.properties.fields.pop(name, None)
        else:
            known.properties.fields[name].CopyFrom(value)
            if name in known.DESCRIPTOR.fields_by_name:
                known.ClearField(name)


def _properties_filled(sent: Any, known: Any, allows: Allows) -> None:
    for name, value in known.fields.items():
        field = sent.DESCRIPTOR.fields_by_name.get(name)
        is_told = _is_property(sent, name) or (field is not None and _is_sent(sent, field))
        if not is_told and allows(sent.DESCRIPTOR.name, name, value):
            sent.properties.fields[name].CopyFrom(value)


def _is_property(message: Any, name: str) -> bool:
    if PROPERTIES not in message.DESCRIPTOR.fields_by_name or not message.HasField(PROPERTIES):
        return False
    return name in message.properties.fields and not _is_null(message.properties.fields[name])


def _is_sent(message: Any, field: FieldDescriptor) -> bool:
    """Tell whether a fact is given: what is blank or UNSPECIFIED is not."""
    if not message.HasField(field.name):
        return _is_property(message, field.name)
    value = getattr(message, field.name)
    if field.enum_type is not None:
        return bool(value != 0)
    return shows(value) if isinstance(value, str) else True


def _is_later(field: FieldDescriptor, value: Any, as_of: int) -> bool:
    return field.message_type is Timestamp.DESCRIPTOR and nanoseconds(value) > as_of


def _is_struct(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == STRUCT


def _is_record(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name.startswith(OURS)


def _is_null(value: Any) -> bool:
    return value.WhichOneof("kind") in {None, "null_value"}


def _plain(value: object) -> object:
    if isinstance(value, Message):
        return value.SerializeToString(deterministic=True)
    return value
