"""Text that shows nothing is nothing: the one place that says so, for rules, checks and kinds.

Exports are full of it: a space where a column was empty, a tab, a no-break space, a byte order
mark. `told` takes such text out of facts before anything looks at them, so that a rule's
`has(deal.next_step)`, a check's "is required" and a kind's own test all mean the same.
"""

import unicodedata
from typing import Any, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

Facts = TypeVar("Facts", bound=Message)

# Letters and symbols by category that Unicode leaves without a glyph: fillers of Hangul and the
# empty Braille cell, the combining grapheme joiner, Khmer's inherent vowels, variation selectors.
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x180B, 0x1810))
)
# Control and format characters, and all kinds of space. What this Python's Unicode does not know
# yet may well be seen.
UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})


def shows(text: str) -> bool:
    """Tell whether a reader sees anything of it."""
    return any(map(_is_seen, text))


def told(facts: Facts) -> Facts:
    """Return the facts without texts that show nothing; the same object if there are none."""
    if not _holds_blank(facts):
        return facts
    known = type(facts)()
    known.CopyFrom(facts)
    _clear(known)
    return known


def _is_seen(character: str) -> bool:
    if character.isascii():
        return character > " " and character != "\x7f"
    unseen = character in UNSEEN or unicodedata.category(character) in UNSEEN_CATEGORIES
    return not unseen


def _holds_blank(message: Message) -> bool:
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_STRING:
            texts = value if field.is_repeated else (value,)
            if not all(map(shows, texts)):
                return True
        elif field.message_type is not None and any(map(_holds_blank, _messages(field, value))):
            return True
    return False


def _clear(message: Message) -> None:
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_STRING:
            if field.is_repeated:
                kept = [text for text in value if shows(text)]
                del value[:]
                value.extend(kept)
            elif not shows(value):
                message.ClearField(field.name)
        elif field.message_type is not None:
            for part in _messages(field, value):
                _clear(part)


def _messages(field: FieldDescriptor, value: Any) -> list[Message]:
    """Return the messages a field holds: itself, its elements, or a map's values."""
    type_ = field.message_type
    if type_ is not None and type_.GetOptions().map_entry:
        return [item for item in value.values() if isinstance(item, Message)]
    return [*value] if field.is_repeated else [value]
