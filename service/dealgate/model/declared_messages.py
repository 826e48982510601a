"""Messages that a rules folder declares itself: their descriptors, and their form as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.struct_pb2 import Struct

from dealgate.model.errors import Violation
from dealgate.model.properties import Property
from dealgate.model.property_reading import fill
from dealgate.model.shown import name_told
from dealgate.model.vocabulary import MESSAGES, SCALARS, mark

UNKNOWN = "is not declared in kind.yaml"
FAULTS_MOST = 1000  # of one question; nobody reads more


@dataclass(frozen=True, slots=True)
class Group:
    """Facts that belong together, by name; `many` tells that there is a list of them."""

    fields: Mapping[str, "Property | Group"]
    many: bool = False

    @property
    def says_absence(self) -> bool:
        """Whether a fact in it means something although nobody sends the group."""
        return not self.many and any(
            of.says_absence if isinstance(of, Group) else of.absent is not None
            for of in self.fields.values()
        )


Field: TypeAlias = Property | Group
NOTHING_SENT = Struct()


def add_message(
    file: FileDescriptorProto, name: str, group: Group, known: dict[str, Property]
) -> str:
    """Add a message of these fields to a file; return its name, and in `known` what fields are."""
    made = file.message_type.add(name=name)
    for number, (key, of) in enumerate(group.fields.items(), 1):
        field = made.field.add(name=key, number=number, label=FieldDescriptorProto.LABEL_OPTIONAL)
        if of.many:
            field.label = FieldDescriptorProto.LABEL_REPEATED
        if isinstance(of, Group):
            field.type = FieldDescriptorProto.TYPE_MESSAGE
            title = "".join(part.title() for part in key.split("_"))
            field.type_name = add_message(file, f"{name}{title}", of, known)
            continue
        known[f"{file.package}.{name}.{key}"] = of
        mark(field, of)
        field.type = SCALARS.get(of.type, FieldDescriptorProto.TYPE_MESSAGE)
        if of.type in MESSAGES:
            field.type_name = f".{MESSAGES[of.type]}"
        elif not of.many:
            field.proto3_optional, field.oneof_index = True, len(made.oneof_decl)
            made.oneof_decl.add(name=f"_{key}")
    return f".{file.package}.{name}"


def read_into(message: Any, struct: Any, group: Group, wrong: list[Violation], path: str) -> None:
    """Fill a message with what a Struct says; adds what is wrong."""
    for key in sorted(struct.fields):
        value, of = struct.fields[key], group.fields.get(key)
        inner = f"{path}.{key}" if path else key
        if len(wrong) > FAULTS_MOST:
            return
        if of is None:
            wrong.append(Violation(inner.removesuffix(key) + name_told(key), UNKNOWN))
        elif isinstance(of, Property):
            typed, faults = of.read(value)
            wrong += [Violation(f"{inner}{at}", text) for at, text in faults]
            if typed is not None:
                fill(message, of, typed)
        else:
            _read_group(message, value, of, wrong, (key, inner))
    for key, of in group.fields.items():
        if isinstance(of, Property) and of.absent is not None and not message.HasField(key):
            fill(message, of, of.absent)
        elif isinstance(of, Group) and of.says_absence and not message.HasField(key):
            held = getattr(message, key)
            held.SetInParent()
            read_into(held, NOTHING_SENT, of, wrong, key)


def _read_group(
    message: Any, value: Any, of: Group, wrong: list[Violation], at: tuple[str, str]
) -> None:
    key, path = at
    sort = value.WhichOneof("kind")
    if sort in {None, "null_value"}:
        return
    if of.many and sort == "list_value":
        for index, item in enumerate(value.list_value.values):
            if item.WhichOneof("kind") != "struct_value":
                wrong.append(Violation(f"{path}[{index}]", "must be an object"))
                continue
            added = getattr(message, key).add()
            read_into(added, item.struct_value, of, wrong, f"{path}[{index}]")
    elif not of.many and sort == "struct_value":
        held = getattr(message, key)
        held.SetInParent()
        read_into(held, value.struct_value, of, wrong, path)
    else:
        wrong.append(Violation(path, "must be a list" if of.many else "must be an object"))


def sent_of(message: Any, group: Group) -> dict[str, Any]:
    """Return the JSON object that is read as this message."""
    sent: dict[str, Any] = {}
    for field, value in message.ListFields():
        of = group.fields[field.name]
        if isinstance(of, Property):
            sent[field.name] = of.sent(value)
        elif of.many:
            sent[field.name] = [sent_of(item, of) for item in value]
        else:
            sent[field.name] = sent_of(value, of)
    return sent
