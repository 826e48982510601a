"""The messages of one edition of the rules: the contracts', with what the rules folder declares.

Each set of declarations has a descriptor pool of its own, so that what is no longer declared is
freed with the last rule set that reads it. Its messages carry a name made of the declarations; so
a type's name alone leads to its pool, and types of different editions are never confused.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from weakref import WeakValueDictionary

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from dealgate.model.further_words import constant_of, extends, number_of, words_by_enum
from dealgate.model.properties import ENTITY_OF, EXTENDED, Declared, Property
from dealgate.v1.fixed_pb2 import FIXED_VALUE, fixed

CONTRACTS = "dealgate.v1."
PACKAGE = "dealgate.declared."
TYPED = 101  # the number of `properties` as rules read it; 100 is that of what callers send
SENT = "properties"
HOLDER = "Properties"
DIGITS = 16
SCALARS = {
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "int": FieldDescriptorProto.TYPE_INT64,
    "text": FieldDescriptorProto.TYPE_STRING,
    "enum": FieldDescriptorProto.TYPE_STRING,
}
MESSAGES = {
    "decimal": "google.type.Decimal",
    "date": "google.type.Date",
    "money": "google.type.Money",
    "instant": "google.protobuf.Timestamp",
    "duration": "google.protobuf.Duration",
}
FILES = (
    "google/protobuf/duration.proto",
    "google/protobuf/timestamp.proto",
    "google/type/date.proto",
    "google/type/decimal.proto",
    "google/type/money.proto",
)


class Vocabulary:
    """What one set of declarations adds to the contracts."""

    def __init__(self, declared: Declared, name: str) -> None:
        """`name` tells these declarations from all others."""
        self.declared = declared
        self.name = name
        self.pool = descriptor_pool.DescriptorPool()
        # What the fields of messages are that kind.yaml declares, by their full names.
        self.fields: dict[str, Property] = {}
        # Whatever else is made for these declarations, and goes with them: kinds, environments.
        self.made: dict[Any, Any] = {}
        self._words = words_by_enum(declared)
        self._files: set[str] = set()
        self._turn = threading.RLock()
        for path in FILES:
            self._add(descriptor_pool.Default().FindFileByName(path))

    def message(self, contract: Descriptor) -> type[Message]:
        """Return the class of a message of the contracts, with what is declared in it."""
        package = f"{PACKAGE}{self.name}.{contract.name.lower()}"
        with self._turn:
            if package not in self._files:
                self._files.add(package)
                self._add(contract.file)
                file = _widened(contract, package, self.declared)
                self.pool.AddSerializedFile(file.SerializeToString())
            made = self.pool.FindMessageTypeByName(f"{package}.{contract.name}")
            return GetMessageClass(made)

    def adopted(self, message: Descriptor) -> type[Message]:
        """Return the class of a message of other declarations, which keeps its name here."""
        with self._turn:
            self._add(message.file)
            return GetMessageClass(self.pool.FindMessageTypeByName(message.full_name))

    def extending(self, enum: str) -> Iterator[Property]:
        """Yield the properties that add words to an enum of the contracts."""
        for entity, fields in EXTENDED.items():
            of = self.declared.get(entity, {})
            yield from (of[name] for name, known in fields.items() if known == enum and name in of)

    def holder(self, facts: type[Message], name: str) -> type[Message]:
        """Return the class of the typed properties of an entity's message within these facts."""
        package = facts.DESCRIPTOR.file.package
        message = self.pool.FindMessageTypeByName(f"{package}.{name}{HOLDER}")
        return GetMessageClass(message)

    def _add(self, file: FileDescriptor) -> None:
        if file.name in self._files:
            return
        self._files.add(file.name)
        for dependency in file.dependencies:
            self._add(dependency)
        self.pool.AddSerializedFile(self._with_words(file))

    def _with_words(self, file: FileDescriptor) -> bytes:
        """Return a file of the contracts, with the further words of its enums."""
        if not self._words.keys() & file.enum_types_by_name.keys():
            return file.serialized_pb
        extended = FileDescriptorProto.FromString(file.serialized_pb)
        for enum in extended.enum_type:
            for word in self._words.get(enum.name, ()):
                enum.value.add(name=constant_of(enum.name, word), number=number_of(word))
        return extended.SerializeToString()


_vocabularies: WeakValueDictionary[str, Vocabulary] = WeakValueDictionary()
_turn = threading.Lock()


def vocabulary(declared: Declared) -> Vocabulary:
    """Return the vocabulary of these declarations; it lives as long as somebody holds it."""
    content = repr(
        sorted((entity, sorted(map(repr, of.values()))) for entity, of in declared.items())
    )
    name = "d" + hashlib.sha256(content.encode()).hexdigest()[:DIGITS]
    return registered(name, lambda: Vocabulary(declared, name))


def registered(name: str, make: Callable[[], Vocabulary]) -> Vocabulary:
    """Return the vocabulary of that name; it is made if nobody holds it."""
    with _turn:
        known = _vocabularies.get(name)
        if known is None:
            known = _vocabularies[name] = make()
        return known


def vocabulary_of(type_: str) -> Vocabulary | None:
    """Return the vocabulary that a type's name belongs to; None if it is of the contracts."""
    if not type_.startswith(PACKAGE):
        return None
    return _vocabularies.get(type_.split(".")[2])


def pool_of(type_: str) -> Any:
    """Return the descriptor pool that knows a type."""
    known = vocabulary_of(type_)
    return descriptor_pool.Default() if known is None else known.pool


def further(enum: str, constant: str) -> Property | None:
    """Return the property that adds a word to an enum of the contracts, if one in use does."""
    for known in list(_vocabularies.values()):
        for declared in known.extending(enum):
            if constant in {constant_of(enum, word) for word in declared.values}:
                return declared
    return None


def contract_name(name: str) -> str:
    """Return the name in the contracts of a declared message's field, or of a message."""
    if not name.startswith(PACKAGE):
        return name
    return CONTRACTS + name.split(".", 4)[4]


def property_at(name: str) -> tuple[str, Property] | None:
    """Return the property that a field's full name stands for, with its entity; None if none."""
    known = vocabulary_of(name)
    parts = name.split(".")
    if known is not None and name in known.fields:
        return "", known.fields[name]
    if known is None or len(parts) < 6 or not parts[4].endswith(HOLDER):
        return None
    entity = ENTITY_OF.get(parts[4].removesuffix(HOLDER), "")
    declared = known.declared.get(entity, {}).get(parts[5])
    return None if declared is None else (entity, declared)


def entity_of(struct: str, field: str) -> str:
    """Return whose property a field would be that a message does not have; empty if nobody's."""
    message = struct.rpartition(".")[2]
    if field == SENT:
        return ENTITY_OF.get(message, "")
    return ENTITY_OF.get(message.removesuffix(HOLDER), "") if message.endswith(HOLDER) else ""


def _widened(contract: Descriptor, package: str, declared: Declared) -> FileDescriptorProto:
    """Write the file of a message and of all that it holds, under another package."""
    file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    messages = _reached(contract, {})
    dependencies = {*FILES, *(message.file.name for message in messages)}
    dependencies |= {file.name for message in messages for file in message.file.dependencies}
    file.dependency.extend(sorted(dependencies))
    for message in messages:
        made = file.message_type.add()
        message.CopyToProto(made)
        for field in made.field:
            if field.type_name.startswith(f".{CONTRACTS}") and field.type == field.TYPE_MESSAGE:
                field.type_name = f".{package}.{field.type_name.removeprefix(f'.{CONTRACTS}')}"
        of = declared.get(ENTITY_OF.get(message.name, ""), {})
        entity = ENTITY_OF.get(message.name, "")
        kept = [known for name, known in of.items() if not extends(entity, name)]
        _hold(file, made, message.name, kept)
    return file


def _reached(message: Descriptor, seen: dict[str, Descriptor]) -> Sequence[Descriptor]:
    if message.full_name not in seen:
        seen[message.full_name] = message
        for field in message.fields:
            inner = field.message_type
            if inner is None or inner.containing_type is not None:
                continue
            if inner.full_name.startswith(CONTRACTS):
                _reached(inner, seen)
    return list(seen.values())


def mark(field: FieldDescriptorProto, declared: Property) -> None:
    """Say of a field what explanations have to know of what was declared."""
    if declared.fixed:
        field.options.Extensions[fixed] = FIXED_VALUE


def _hold(file: FileDescriptorProto, made: Any, name: str, of: Sequence[Property]) -> None:
    """Put typed properties in the place of those that callers send; of none, nothing."""
    if name not in ENTITY_OF:
        return
    kept = [field for field in made.field if field.name != SENT]
    del made.field[:]
    made.field.extend(kept)
    if not of:
        return
    holder = file.message_type.add(name=f"{name}{HOLDER}")
    for number, declared in enumerate(of, 1):
        field = holder.field.add(name=declared.name, number=number)
        mark(field, declared)
        field.label = field.LABEL_REPEATED if declared.many else field.LABEL_OPTIONAL
        field.type = SCALARS.get(declared.type, field.TYPE_MESSAGE)
        if declared.type in MESSAGES:
            field.type_name = f".{MESSAGES[declared.type]}"
        elif not declared.many:
            field.proto3_optional, field.oneof_index = True, len(holder.oneof_decl)
            holder.oneof_decl.add(name=f"_{declared.name}")
    made.field.add(
        name=SENT,
        number=TYPED,
        type=FieldDescriptorProto.TYPE_MESSAGE,
        label=FieldDescriptorProto.LABEL_OPTIONAL,
        type_name=f".{file.package}.{holder.name}",
    )
