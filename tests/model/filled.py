"""Messages of any type with every text set to what is found nowhere else."""

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from dealgate.model.fields import fields_of, message_of
from dealgate.model.personal import mark_of

DEEPEST = 6


def filled(type_: type[Message], prefix: str = "") -> tuple[Message, set[str], set[str]]:
    """Return such a message, its texts in marked fields, and the others."""
    message, marked, unmarked = type_(), set[str](), set[str]()
    _fill(message, prefix, marked, unmarked, depth=0, whole=False)
    return message, marked, unmarked


def is_ours(message: Descriptor) -> bool:
    """Tell whether the message is declared by Dealgate."""
    return message.full_name.startswith("dealgate.")


def _fill(
    message: Message, path: str, marked: set[str], unmarked: set[str], *, depth: int, whole: bool
) -> None:
    """Set every text of a message to what is found nowhere else, and note which are marked."""
    for field in fields_of(message):
        name, is_marked = f"{path}.{field.name}", whole or mark_of(field) is not None
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            inner = message_of(field)
            if depth < DEEPEST and is_ours(inner) and not inner.GetOptions().map_entry:
                held = getattr(message, field.name)
                within = held.add() if field.is_repeated else held
                within.SetInParent()
                _fill(within, name, marked, unmarked, depth=depth + 1, whole=is_marked)
        elif field.type == FieldDescriptor.TYPE_STRING:
            (marked if is_marked else unmarked).add(f"{name}!")
            if field.is_repeated:
                getattr(message, field.name).append(f"{name}!")
            else:
                setattr(message, field.name, f"{name}!")
