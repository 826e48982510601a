"""Facts of kinds that the rules folder declares: groups that are called like an entity.

Such facts are a JSON object. Where a group is called lead, company, opportunity or customer and has
an `id`, its fields that are called like facts or properties of that entity are filled in, if the
value is one that the kind declares for them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct, Value

from dealgate.model.decision import Entity
from dealgate.model.entity_state import TYPES
from dealgate.model.fields import descriptor_of
from dealgate.model.further_words import constant_of
from dealgate.model.kind import AnyKind
from dealgate.model.properties import Property
from dealgate.model.property_values import WHOLE, sent_single
from dealgate.model.vocabulary import MESSAGES

TYPE_OF_MESSAGE = {name: type_ for type_, name in MESSAGES.items()}
PROPERTIES = "properties"


@dataclass(frozen=True, slots=True)
class DeclaredGap:
    """A group that names an entity: what is sent of it, and what the kind declares of it."""

    path: str
    sent: Any
    group: Descriptor
    declared: Mapping[str, Property]
    entity: Entity

    def filled(self, facts: Message, as_of: int) -> list[str]:
        """Fill in what is known, in place; return the paths below the group."""
        return list(_filled(self.sent, self.group, facts, as_of, self.declared))


def declared_gaps(kind: AnyKind | None, facts: Any) -> list[DeclaredGap]:
    """Return the groups of a declared kind's facts that name an entity."""
    if kind is None or kind.outcome is None or kind.widening is None:
        return []
    groups = descriptor_of(kind.facts).fields_by_name
    return [
        DeclaredGap(type_, sent, group, kind.widening.vocabulary.fields, Entity(type_, id_))
        for type_ in TYPES
        if type_ in groups and (group := _group(groups[type_])) is not None
        if (sent := facts.fields[type_].struct_value if type_ in facts.fields else None) is not None
        if (id_ := sent.fields["id"].string_value if "id" in sent.fields else "")
        if "\0" not in id_
    ]


def _group(field: FieldDescriptor) -> Descriptor | None:
    """Return what a field holds that is a group, and one of it."""
    inner = field.message_type
    is_group = inner is not None and inner.full_name not in TYPE_OF_MESSAGE
    return inner if is_group and not field.is_repeated else None


def _filled(
    sent: Any, group: Descriptor, facts: Any, as_of: int, declared: Mapping[str, Property]
) -> Iterator[str]:
    for field in group.fields:
        name = field.name
        known = declared.get(field.full_name)
        if known is not None:
            value = None if _is_sent(sent, name) else _known(facts, name, as_of)
            if value is not None and _fits(known, value):
                sent.fields[name].CopyFrom(value)
                yield name
        elif (inner := _group(field)) is not None and _has(facts, name):
            part = Struct()
            part.CopyFrom(sent.fields[name].struct_value if name in sent.fields else part)
            paths = list(_filled(part, inner, getattr(facts, name), as_of, declared))
            if paths:
                sent.fields[name].struct_value.CopyFrom(part)
                yield from (f"{name}.{path}" for path in paths)


def _has(facts: Any, name: str) -> bool:
    """Tell whether an entity holds a record of this name."""
    field = facts.DESCRIPTOR.fields_by_name.get(name)
    if field is None or field.message_type is None or field.is_repeated:
        return False
    return field.message_type.full_name.startswith("dealgate.") and bool(facts.HasField(name))


def _is_sent(sent: Any, name: str) -> bool:
    return name in sent.fields and sent.fields[name].WhichOneof("kind") not in {None, "null_value"}


def _fits(known: Property, value: Value) -> bool:
    typed, violations = known.read(value)
    return typed is not None and not violations


def _known(facts: Any, name: str, as_of: int) -> Value | None:
    """Return a fact or a property of an entity as JSON has it; None: it is not known."""
    has_properties = PROPERTIES in facts.DESCRIPTOR.fields_by_name
    if has_properties and name in facts.properties.fields:
        value: Value = facts.properties.fields[name]
        return value
    field = facts.DESCRIPTOR.fields_by_name.get(name)
    if field is None or name == PROPERTIES:
        return None
    held = getattr(facts, name)
    if field.is_repeated:
        items = [_json(field, item) for item in held]
        return _value(items) if items and None not in items else None
    if not facts.HasField(name) or _is_later(held, as_of):
        return None
    told = _json(field, held)
    return None if told is None else _value(told)


def _json(field: FieldDescriptor, value: Any) -> Any:
    """Return a value as properties of its type are sent; None: no property is of its type."""
    if field.message_type is not None:
        type_ = TYPE_OF_MESSAGE.get(field.message_type.full_name)
        return None if type_ is None else sent_single(type_, value)
    if field.enum_type is not None:
        name = field.enum_type.values_by_number[value].name
        return name.removeprefix(constant_of(field.enum_type.name, "")).lower()
    is_long = isinstance(value, int) and abs(value) > WHOLE
    return str(value) if is_long else value


def _is_later(value: Any, as_of: int) -> bool:
    return (
        hasattr(value, "ToNanoseconds")
        and hasattr(value, "ToDatetime")
        and (value.seconds * 10**9 + value.nanos > as_of)
    )


def _value(told: Any) -> Value:
    return ParseDict(told, Value())
