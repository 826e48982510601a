"""What expressions of signals read: messages made of the contracts and of declared properties."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct

from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import computed
from dealgate.model.errors import Violation
from dealgate.model.fields import descriptor_of
from dealgate.model.further_words import Words
from dealgate.model.malformed import malformed
from dealgate.model.property_reading import PropertyReader, fill
from dealgate.model.texts import told
from dealgate.model.vocabulary import FILES, PACKAGE, SENT, Vocabulary
from dealgate.rulebook.declaring import FolderKinds
from dealgate.signals.declared import ACTIVITY, Entity
from dealgate.signals.patterns import Firing
from dealgate.v1.activity_pb2 import Activity

_Field = FieldDescriptorProto
TEXT, WHOLE, MESSAGE = _Field.TYPE_STRING, _Field.TYPE_INT64, _Field.TYPE_MESSAGE
INSTANT, DECIMAL = ".google.protobuf.Timestamp", ".google.type.Decimal"
OUTCOME = "outcome"
ENTITY = {"type": (TEXT, ""), "id": (TEXT, "")}
FIRED = {
    "id": (TEXT, ""),
    "name": (TEXT, ""),
    "at": (MESSAGE, INSTANT),
    "count": (WHOLE, ""),
    "value": (MESSAGE, DECIMAL),
}


class Contexts:
    """Makes the contexts of one edition of declared properties."""

    def __init__(self, kinds: FolderKinds) -> None:
        """`kinds` are those whose decisions can be read."""
        self._vocabulary = kinds.vocabulary
        self._kinds = kinds

    @property
    def feeds(self) -> list[str]:
        """What signals can be seen in."""
        return [ACTIVITY, *sorted(self._kinds.keys() - {ACTIVITY})]

    def of(self, feed: str) -> type[Message]:
        """Return what conditions on a feed read: `entity`, and `activity` or `outcome`."""
        known = self._vocabulary
        if feed == ACTIVITY:
            held = known.message(descriptor_of(Activity))
            return self._made("seen_activity", {ACTIVITY: descriptor_of(held)})
        contract = self._kinds[feed].outcome_type
        if feed not in self._kinds.declared:
            return self._made(f"seen_{feed}", {OUTCOME: descriptor_of(known.message(contract))})
        # Each declaration of a kind has messages of its own.
        name = f"seen_{contract.file.package.removeprefix(PACKAGE).replace('.', '_')}"
        return self._made(name, {OUTCOME: descriptor_of(known.adopted(contract))})

    @property
    def fired(self) -> type[Message]:
        """What the facts of a question read: `entity` and `signal`."""
        return self._made("fired", {})

    def _made(self, name: str, holds: Mapping[str, Descriptor]) -> type[Message]:
        key = ("signals", name)
        made: type[Message] | None = self._vocabulary.made.get(key)
        if made is None:
            made = self._vocabulary.made[key] = _context(self._vocabulary, name, holds)
        return made

    def activity(self, entity: Entity, sent: Activity) -> tuple[Message, list[Violation]]:
        """Return the context of an activity, and what is wrong with it."""
        typed, wrong = self._activities.read(sent)
        context: Any = self.of(ACTIVITY)()
        _name(context, entity)
        context.activity.MergeFrom(typed)
        return context, wrong

    def outcome(self, entity: Entity, kind: str, outcome: bytes) -> Message:
        """Return the context of a decision of a kind, whose outcome is as `answered` returns it."""
        context: Any = self.of(kind)()
        _name(context, entity)
        if (read := self._kinds[kind].read_outcome) is not None:
            outcome = read(Struct.FromString(outcome)).SerializeToString()
        context.outcome.MergeFromString(outcome)
        context.outcome.SetInParent()
        return context  # type: ignore[no-any-return]

    def answered(self, kind: str, answer: Any) -> bytes:
        """Return the outcome in an Answer: as it was sent, whatever has been declared since."""
        told = answer.declared if kind in self._kinds.declared else getattr(answer, kind)
        outcome: bytes = told.outcome.SerializeToString()
        return outcome

    def firing(self, name: str, id_: str, entity: Entity, firing: Firing) -> Message:
        """Return the context of a question."""
        context: Any = self.fired()
        _name(context, entity)
        context.signal.id, context.signal.name = id_, name
        context.signal.at.FromNanoseconds(firing.at)
        if firing.count:
            context.signal.count = firing.count
        if isinstance(firing.value, Decimal):
            context.signal.value.value = f"{firing.value:f}"
        return context  # type: ignore[no-any-return]

    @cached_property
    def _activities(self) -> "_Activities":
        return _Activities(self._vocabulary)


@dataclass(slots=True)
class _Activities:
    """Reads activities as rules read them: with typed properties and further words."""

    vocabulary: Vocabulary

    def read(self, sent: Any) -> tuple[Any, list[Violation]]:
        of = self.vocabulary.declared.get(ACTIVITY, {})
        words = Words(ACTIVITY, of)
        wide = self.vocabulary.message(descriptor_of(Activity))
        plain = Activity()
        plain.CopyFrom(sent)
        plain.ClearField("properties")
        plain = told(plain)
        wrong = [*malformed(plain), *out_of_bounds(plain)]
        wrong += computed("measures", given=plain.HasField("measures"))
        made: Any = wide.FromString(plain.SerializeToString())
        own = len(of) > len(words.declared)
        holder = self.vocabulary.holder(wide, "Activity") if own else None
        if sent.HasField(SENT):
            data, faults = PropertyReader(of, holder, words.declared).read(sent.properties)
            wrong += [Violation(f"{SENT}.{path}", text) for path, text in faults]
            if data:
                made.properties.MergeFromString(data)
            for name, number in words.given(sent):
                setattr(made, name, number)
        for known in of.values() if own else ():
            if known.absent is not None and not made.properties.HasField(known.name):
                fill(made.properties, known, known.absent)
        return made, wrong


def _name(context: Any, entity: Entity) -> None:
    context.entity.type, context.entity.id = entity.type, entity.id


def _context(vocabulary: Vocabulary, name: str, holds: Mapping[str, Descriptor]) -> type[Message]:
    package = f"{PACKAGE}{vocabulary.name}.signals_{name}"
    file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    file.dependency.extend([*FILES, *(message.file.name for message in holds.values())])
    fields = {"entity": (MESSAGE, _added(file, "Entity", ENTITY))}
    if holds:
        fields |= {key: (MESSAGE, f".{held.full_name}") for key, held in holds.items()}
    else:
        fields["signal"] = (MESSAGE, _added(file, "Signal", FIRED))
    _added(file, "Context", fields)
    vocabulary.pool.AddSerializedFile(file.SerializeToString())
    return GetMessageClass(vocabulary.pool.FindMessageTypeByName(f"{package}.Context"))


def _added(file: FileDescriptorProto, name: str, fields: Mapping[str, tuple[Any, str]]) -> str:
    made = file.message_type.add(name=name)
    for number, (key, (type_, type_name)) in enumerate(fields.items(), 1):
        field = made.field.add(name=key, number=number, type=type_, label=_Field.LABEL_OPTIONAL)
        if type_name:
            field.type_name = type_name
        else:
            field.proto3_optional, field.oneof_index = True, len(made.oneof_decl)
            made.oneof_decl.add(name=f"_{key}")
    return f".{file.package}.{name}"
