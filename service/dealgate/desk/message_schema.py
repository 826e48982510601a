"""A protobuf message as JSON Schema: how cases write it, with the contracts' own words."""

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.struct_pb2 import Struct

from dealgate.model.contracts import comment
from dealgate.model.fields import message_of
from dealgate.model.vocabulary import property_at
from dealgate.rulebook.literals import LITERALS
from dealgate.rulebook.messages import is_map
from dealgate.rulebook.scalars import RANGES

TYPES = {
    **dict.fromkeys(RANGES, "integer"),
    FieldDescriptor.CPPTYPE_BOOL: "boolean",
    FieldDescriptor.CPPTYPE_DOUBLE: "number",
    FieldDescriptor.CPPTYPE_FLOAT: "number",
}
# Text may look like anything: a postcode is a number to a YAML editor.
TEXT = {"type": ["string", "number", "boolean"]}
NOTHING = {"type": "null"}
# Google's contracts come without their comments.
WELL_KNOWN = {
    "google.type.Date.year": "The year, such as 2026",
    "google.type.Date.month": "The month, 1 to 12",
    "google.type.Date.day": "The day of the month, 1 to 31",
    "google.type.Decimal.value": "The number, as text: 12.5",
    "google.type.Money.currency_code": "An ISO 4217 code, such as EUR",
    "google.type.Money.units": "Whole units of the currency",
    "google.type.Money.nanos": "Billionths of a unit: 500000000 is half of one",
    "google.protobuf.Duration.seconds": "Whole seconds",
    "google.protobuf.Duration.nanos": "Billionths of a second",
    "google.protobuf.Timestamp.seconds": "Seconds since 1970-01-01T00:00:00Z",
    "google.protobuf.Timestamp.nanos": "Billionths of a second",
}


def message_schema(message: Descriptor, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return a reference to the schema of `message`, which is put among `definitions`.

    Every field may be null, which takes a fact away that a fixture gives.
    """
    if message.name not in definitions:
        definitions[message.name] = {}
        definitions[message.name] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                field.name: _field(field, definitions)
                for field in message.fields
                if field.message_type is not Struct.DESCRIPTOR
            },
        }
    return {"$ref": f"#/definitions/{message.name}"}


def _field(field: FieldDescriptor, definitions: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"anyOf": [_value(field, definitions), NOTHING]}
    said = comment(field.full_name)
    text = WELL_KNOWN.get(field.full_name) or (said.text if said else "")
    return {**schema, "description": text} if text else schema


def _value(field: FieldDescriptor, definitions: dict[str, Any]) -> dict[str, Any]:
    if is_map(field):
        value = message_of(field).fields_by_name["value"]
        return {"type": "object", "additionalProperties": _single(value, definitions)}
    single = _single(field, definitions)
    return {"type": "array", "items": single} if field.is_repeated else single


def _single(field: FieldDescriptor, definitions: dict[str, Any]) -> dict[str, Any]:
    if field.enum_type is not None:
        return {"enum": [value.name for value in field.enum_type.values]}
    declared = property_at(field.full_name)
    if declared is not None and declared[1].values:
        return {"enum": list(declared[1].values)}
    if field.message_type is None:
        return {"type": TYPES[field.cpp_type]} if field.cpp_type in TYPES else TEXT
    schema = message_schema(field.message_type, definitions)
    literal = LITERALS.get(field.message_type.full_name)
    if literal is None:
        return schema
    return {"anyOf": [{"type": "string", "examples": [literal.example.strip('"')]}, schema]}
