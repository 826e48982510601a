"""Which facts cannot change by their nature: read from the marks of contracts and declarations.

`fixed.proto` says what marks mean. No list of fields is kept anywhere.
"""

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.model.fields import along, message_of
from dealgate.v1.fixed_pb2 import FIXED_UNSPECIFIED, FIXED_VALUE, Fixed, event, fixed

GOOGLE = "google."  # whose messages are one value each: an amount, a date, an instant


def mark_of(field: FieldDescriptor) -> Fixed.ValueType:
    """Return how a field is marked; one of an event is fixed unless it says otherwise."""
    options = field.GetOptions()
    if options.HasExtension(fixed):
        return options.Extensions[fixed]
    return FIXED_VALUE if is_event(_holder(field)) else FIXED_UNSPECIFIED


def is_event(message: Descriptor) -> bool:
    """Tell whether such messages are records of what happened."""
    return bool(message.GetOptions().Extensions[event])


def fixity(facts: Descriptor, path: str) -> Fixed.ValueType:
    """Return whether a fact is fixed; `path` has no elements of lists: "activities.type"."""
    marks = (mark_of(field) for field in along(facts, path.split(".")))
    return next((mark for mark in marks if mark != FIXED_UNSPECIFIED), FIXED_UNSPECIFIED)


def has_fixed(message: Descriptor) -> bool:
    """Tell whether anything in one such message is fixed, apart from its lists."""
    return any(
        mark_of(field) != FIXED_UNSPECIFIED
        or (_is_nested(field) and not field.is_repeated and has_fixed(message_of(field)))
        for field in message.fields
    )


def holds_fixed(facts: Descriptor, path: str) -> bool:
    """Tell whether the fact at a path is fixed, or anything in it."""
    if fixity(facts, path) != FIXED_UNSPECIFIED:
        return True
    last = along(facts, path.split("."))[-1]
    return _is_nested(last) and _reaches_fixed(message_of(last))


def _reaches_fixed(message: Descriptor) -> bool:
    return any(
        mark_of(field) != FIXED_UNSPECIFIED
        or (_is_nested(field) and _reaches_fixed(message_of(field)))
        for field in message.fields
    )


def _is_nested(field: FieldDescriptor) -> bool:
    message = field.message_type
    return message is not None and not message.full_name.startswith(GOOGLE)


def _holder(field: FieldDescriptor) -> Descriptor:
    holder = field.containing_type
    assert holder is not None  # noqa: S101 - every field is a message's
    return holder
