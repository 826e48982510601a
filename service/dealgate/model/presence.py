"""Whether the fact that a rule is about was given at all."""

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message


def is_told(facts: Message, path: str) -> bool:
    """Return whether the fact at `path` ("closure.details") is known, whatever it says.

    A list is always known: empty means none. A path that names no fact is an author's own word
    for something, and nothing that we could ask for.
    """
    at = facts
    for name in path.split("."):
        field = at.DESCRIPTOR.fields_by_name.get(name)
        if field is None or field.is_repeated:
            return True
        if field.has_presence and not at.HasField(name):
            return False
        if field.type == FieldDescriptor.TYPE_ENUM and not getattr(at, name):
            return False
        if field.message_type is None:
            return True
        at = getattr(at, name)
    return True
