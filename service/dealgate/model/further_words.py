"""Further words of the contracts' enums: an activity type, an industry, that only one company has.

A property that is called like such a field adds its values to the field's enum. Callers send the
word among the properties; rules read the field: `a.type == ACTIVITY_TYPE_PODCAST`. A word's number
follows from the word alone, and leaves memory nowhere.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.descriptor import EnumDescriptor

from dealgate.model.fields import enum_of
from dealgate.model.properties import EXTENDED, Declared, Property

LEAST, MOST = 1_000_000, 2**30  # far from any number of the contracts
WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def number_of(word: str) -> int:
    """Return the number that stands for a word while rules are judged."""
    digest = hashlib.sha256(word.encode()).digest()
    return LEAST + int.from_bytes(digest[:4]) % MOST


def constant_of(enum: str, word: str) -> str:
    """Return what rules call a word: `ACTIVITY_TYPE_PODCAST`."""
    return f"{WORD_START.sub('_', enum)}_{word}".upper()


def extends(entity: str, name: str) -> bool:
    """Whether a property of this name adds words to an enum of the contracts."""
    return name in EXTENDED.get(entity, {})


def words_by_enum(declared: Declared) -> Mapping[str, Sequence[str]]:
    """Return the words that are declared for each enum, by its name."""
    return {
        enum: declared[entity][name].values
        for entity, fields in EXTENDED.items()
        for name, enum in fields.items()
        if name in declared.get(entity, {})
    }


class Words:
    """The further words of one sort of entity."""

    def __init__(self, entity: str, declared: Mapping[str, Property]) -> None:
        """`declared` are all properties of the entity."""
        names = EXTENDED.get(entity, {})
        self.declared = {name: declared[name] for name in names if name in declared}
        self._words = {
            name: {number_of(word): word for word in known.values}
            for name, known in self.declared.items()
        }

    def given(self, entity: Any) -> Iterator[tuple[str, int]]:
        """Yield the field and number of each word that an entity is sent with."""
        for name, known in self.declared.items():
            if name in entity.properties.fields:
                word = entity.properties.fields[name].string_value
                if word in known.values:
                    yield name, number_of(word)

    def twice(self, entity: Any) -> Iterator[str]:
        """Yield the fields that say something themselves, too."""
        for name, number in self.given(entity):
            said = getattr(entity, name)
            if said not in {0, number} and not _is_other(entity, name, said):
                yield name

    def taken(self, entity: Any) -> Mapping[str, str]:
        """Take words' numbers out of the entity's fields, and return the words."""
        kept = {}
        for name, words in self._words.items():
            word = words.get(getattr(entity, name))
            if word is not None:
                kept[name] = word
                entity.ClearField(name)
        return kept


def _is_other(entity: Any, name: str, number: int) -> bool:
    enum: EnumDescriptor = enum_of(entity.DESCRIPTOR.fields_by_name[name])
    value = enum.values_by_number.get(number)
    return value is not None and value.name.endswith("_OTHER")
