"""Reads the properties of one entity as they are sent: what rules read, and what is wrong.

The same few values come again and again, so what each was read as is remembered, by the bytes that
it is on the wire, as the bytes that it is in the typed message. Of personal ones nothing is kept.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any, TypeAlias

from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct

from dealgate.model.encoding import varint
from dealgate.model.fields import put
from dealgate.model.malformed import UNDECLARED
from dealgate.model.properties import Property
from dealgate.model.shown import name_told

REMEMBERED = 4096  # values of one entity's properties
RECENT = 64  # entities' properties as a whole
SMALL = 256  # bytes of a property that is worth remembering
DELIMITED = 2  # protobuf's wire type of texts and messages
VARINTS = {"bool", "int"}
SEVEN_BITS = 0x7F
TEXT = b"\x1a"  # a Value's string_value
FAULTS_MOST = 1000  # of one entity; nobody reads more

# What is wrong, each with its place below the properties: ("webinars", "must be 50 or less").
Faults: TypeAlias = Sequence[tuple[str, str]]
NONE: Faults = ()


def _outlines() -> tuple[Any, Any]:
    """Return a message that reads a Struct, its fields as bytes, and one that reads a field."""
    kind = FieldDescriptorProto
    file = FileDescriptorProto(
        name="outline.proto", package="outline", dependency=["google/protobuf/struct.proto"]
    )
    file.message_type.add(name="Outline").field.add(
        name="fields", number=1, label=kind.LABEL_REPEATED, type=kind.TYPE_BYTES
    )
    entry = file.message_type.add(name="Entry")
    once = kind.LABEL_OPTIONAL
    entry.field.add(name="key", number=1, label=once, type=kind.TYPE_STRING)
    entry.field.add(
        name="value",
        number=2,
        label=once,
        type=kind.TYPE_MESSAGE,
        type_name=".google.protobuf.Value",
    )
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(Struct.DESCRIPTOR.file.serialized_pb)
    pool.Add(file)
    names = ("outline.Outline", "outline.Entry")
    outline, field = (GetMessageClass(pool.FindMessageTypeByName(name)) for name in names)
    return outline, field


OUTLINE, ENTRY = _outlines()


class PropertyReader:
    """Reads the properties of one sort of entity."""

    def __init__(
        self,
        declared: Mapping[str, Property],
        typed: type[Message] | None,
        words: Container[str] = (),
    ) -> None:
        """`typed` is the message that holds them as rules read them; None: there are none.

        `words` are properties that it does not hold: they add to the contracts' enums.
        """
        self._words = words
        self._declared = declared
        self._typed = typed
        self._known: dict[bytes, tuple[bytes, Faults]] = {}
        # What is asked on arrival is read again once facts are derived.
        self._recent: dict[bytes, tuple[bytes, Faults]] = {}
        self._keeps = not any(known.personal for known in declared.values())
        # A text or a message is its field's tag, its length and its bytes: no message of all
        # properties has to be made to write one.
        self._tags = {
            name: varint(int(field.number) << 3 | DELIMITED)
            for name, field in (typed.DESCRIPTOR.fields_by_name.items() if typed else ())
            if not declared[name].many and declared[name].type not in VARINTS
        }

        # Any text that shows something: its bytes are those that were sent.
        self._plain = {
            name: tag
            for name, tag in self._tags.items()
            if declared[name].type == "text" and not declared[name].personal
            if declared[name].low is None and declared[name].high is None
        }

    def read(self, sent: Struct) -> tuple[bytes, Faults]:
        """Return the bytes of the typed message, and what is wrong with what was sent."""
        # A copy of a map is not in the order of the original; what was read is to be met again.
        whole = sent.SerializeToString(deterministic=True)
        known = self._recent.get(whole)
        if known is None:
            known = self._read(whole)
            if self._keeps:
                if len(self._recent) >= RECENT:
                    self._recent.clear()
                self._recent[whole] = known
        return known

    def _read(self, sent: bytes) -> tuple[bytes, Faults]:
        data = b""
        faults: list[tuple[str, str]] = []
        for field in OUTLINE.FromString(sent).fields:
            part, wrong = self._known.get(field) or self._single(field)
            data += part
            if wrong:
                faults += wrong
        return data, sorted(faults)[:FAULTS_MOST] if faults else NONE

    def _single(self, field: bytes) -> tuple[bytes, Faults]:
        name, text, value = _entry(field)
        declared = self._declared.get(name)
        if declared is None:
            return b"", [(name_told(name), UNDECLARED)]
        tag = self._plain.get(name)
        if tag is not None and "!" <= text[:1] <= "~":
            return self._remembered(field, (tag + field[4 + field[1] + 1 :], NONE))
        typed, wrong = declared.read_text(text) if value is None else declared.read(value)
        data = b""
        if typed is not None and self._typed is not None and name not in self._words:
            tag = self._tags.get(name)
            data = self._written(declared, typed) if tag is None else tag + _delimited(typed)
        reading = data, [(f"{name}{at}", text) for at, text in wrong] if wrong else NONE
        return reading if declared.personal else self._remembered(field, reading)

    def _remembered(self, field: bytes, reading: tuple[bytes, Faults]) -> tuple[bytes, Faults]:
        if len(field) <= SMALL:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[field] = reading
        return reading

    def _written(self, declared: Property, typed: Any) -> bytes:
        holder: Any = self._typed and self._typed()
        fill(holder, declared, typed)
        return bytes(holder.SerializeToString())


def _entry(field: bytes) -> tuple[str, str, Any]:
    """Return the name of a Struct's field, and its text, or else its Value.

    Most are short texts, which need no message to be read: their lengths are single bytes. Of
    others the text is empty.
    """
    value = 2 + field[1]
    if len(field) <= SEVEN_BITS and field[value + 2 : value + 3] == TEXT:
        return field[2:value].decode(), field[value + 4 :].decode(), None
    entry = ENTRY.FromString(field)
    return entry.key, "", entry.value


def _delimited(typed: Any) -> bytes:
    """Return a text or a message as a field has it after its tag."""
    data = typed.encode() if isinstance(typed, str) else typed.SerializeToString()
    return varint(len(data)) + bytes(data)


def fill(holder: Any, known: Property, typed: Any) -> None:
    """Set a property in the message that holds them as rules read them."""
    if not known.many:
        if isinstance(typed, Message):
            put(getattr(holder, known.name), typed)
        else:
            setattr(holder, known.name, typed)
        return
    for item in typed:
        listed = getattr(holder, known.name)
        if isinstance(item, Message):
            put(listed.add(), item)
        else:
            listed.append(item)
