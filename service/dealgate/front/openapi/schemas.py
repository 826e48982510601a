"""Messages as JSON Schema, as ProtoJSON writes them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.rpc.status_pb2 import Status

from dealgate.front.openapi.comments import comment
from dealgate.model.bound_table import BOUNDS, Bound

Schema: TypeAlias = dict[str, Any]

INTEGER: Final[Schema] = {"type": "integer", "format": "int32"}
UNSIGNED: Final[Schema] = {"type": "integer", "format": "int64", "minimum": 0}
LONG: Final[Schema] = {"type": "string", "format": "int64"}  # beyond 2^53, a number is not exact
NUMBER: Final[Schema] = {"type": "number", "format": "double"}
SCALARS: Final[Mapping[int, Schema]] = {
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    FieldDescriptor.TYPE_DOUBLE: NUMBER,
    FieldDescriptor.TYPE_FLOAT: {"type": "number", "format": "float"},
    FieldDescriptor.TYPE_INT32: INTEGER,
    FieldDescriptor.TYPE_UINT32: UNSIGNED,
    FieldDescriptor.TYPE_INT64: LONG,
    FieldDescriptor.TYPE_UINT64: LONG,
}
# Messages that ProtoJSON writes as something else than an object of their fields.
WELL_KNOWN: Final[Mapping[str, Schema]] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?\d+(\.\d{1,9})?s$"},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Any": {
        "type": "object",
        "properties": {"@type": {"type": "string"}},
        "required": ["@type"],
        "additionalProperties": True,
    },
}
NOTE: Final = {
    "google.type.Decimal": 'An exact number, as text: "0.2".',
    "google.type.Money": "An amount: whole units as text, and billionths of one.",
    "google.type.Date": "A calendar day.",
    "google.rpc.Status": "Why a call failed; `details` hold ErrorInfo, BadRequest and RetryInfo.",
    "google.type.Decimal.value": "The digits, with a point if there are decimals; no exponent.",
    "google.type.Money.currency_code": "The code of ISO 4217, such as EUR.",
    "google.type.Money.units": "The whole units, such as euros.",
    "google.type.Money.nanos": "Billionths of a unit, of the sign of `units`.",
    "google.type.Date.year": "The year, from 1 to 9999.",
    "google.type.Date.month": "The month, from 1 to 12.",
    "google.type.Date.day": "The day of the month, from 1 to 31.",
    "google.rpc.Status.code": "The code of gRPC, such as 3 for INVALID_ARGUMENT.",
    "google.rpc.Status.message": "What is wrong, in words; programs read `details`.",
    "google.rpc.Status.details": "The stable reason, every bad field, and when to try again.",
}
REQUIRED: Final = "Required."
PREFIX: Final = "#/components/schemas/"


def reference(message: Descriptor | EnumDescriptor) -> Schema:
    """Return a reference to the schema of a message or an enum."""
    return {"$ref": PREFIX + message.full_name}


def schemas(roots: Iterable[Descriptor]) -> dict[str, Schema]:
    """Return the schemas of messages with all that they hold, by full name."""
    written: dict[str, Schema] = {}
    for root in (*roots, Status.DESCRIPTOR):
        _gather(root, written)
    return dict(sorted(written.items()))


def _gather(message: Descriptor, written: dict[str, Schema]) -> None:
    if message.full_name in written or message.full_name in WELL_KNOWN:
        return
    written[message.full_name] = {}
    for field in message.fields:
        if field.enum_type is not None:
            written[field.enum_type.full_name] = _enum(field.enum_type)
        held = _held(field)
        if held is not None:
            _gather(held, written)
    written[message.full_name] = _message(message)


def _held(field: FieldDescriptor) -> Descriptor | None:
    value = _value_of_map(field)
    return field.message_type if value is None else value.message_type


def _value_of_map(field: FieldDescriptor) -> FieldDescriptor | None:
    entry = field.message_type
    is_map = entry is not None and entry.GetOptions().map_entry
    return entry.fields_by_name["value"] if entry is not None and is_map else None


def _message(message: Descriptor) -> Schema:
    schema: Schema = {"type": "object", "additionalProperties": False}
    if text := comment(message.full_name) or NOTE.get(message.full_name, ""):
        schema["description"] = text
    if message.fields:
        schema["properties"] = {field.json_name: described(field) for field in message.fields}
    required = [field.json_name for field in message.fields if is_required(field)]
    return {**schema, "required": required} if required else schema


def is_required(field: FieldDescriptor) -> bool:
    """Tell whether the server refuses a request that leaves the field out."""
    owner = field.containing_type
    has_facts = field.name == "facts" and owner and "options" in owner.fields_by_name
    return bool(has_facts) or REQUIRED in comment(field.full_name)


def described(field: FieldDescriptor) -> Schema:
    """Return the schema of a field, with its comment and bounds."""
    owner = field.containing_type
    bound = BOUNDS.get(f"{owner.name}.{field.name}") if owner else None
    said = comment(field.full_name) or NOTE.get(field.full_name, "")
    text = " ".join(part for part in (said, _choice(field)) if part)
    schema = _repeated(field, bound)
    return {**schema, "description": text} if text else schema


def _choice(field: FieldDescriptor) -> str:
    choice = field.containing_oneof
    if choice is None or len(choice.fields) == 1:
        return ""
    return f"At most one of the fields of `{choice.name}` is given."


def _repeated(field: FieldDescriptor, bound: Bound | None) -> Schema:
    value = _value_of_map(field)
    if value is not None:
        return {"type": "object", "additionalProperties": _single(value, None)}
    single = _single(field, bound)
    return {"type": "array", "items": single} if field.is_repeated else single


def _single(field: FieldDescriptor, bound: Bound | None) -> Schema:
    if field.enum_type is not None:
        return reference(field.enum_type)
    if field.message_type is not None:
        known = WELL_KNOWN.get(field.message_type.full_name)
        return dict(known) if known else reference(field.message_type)
    return {**SCALARS[field.type], **_bounds(SCALARS[field.type], bound)}


def _bounds(scalar: Schema, bound: Bound | None) -> Schema:
    if bound is None or scalar["type"] == "string":
        return {}
    least = "exclusiveMinimum" if bound.above else "minimum"
    return {least: bound.low, "maximum": bound.high}


def _enum(enum: EnumDescriptor) -> Schema:
    told = [
        f"`{value.name}`: {text}"
        for value in enum.values
        if (text := comment(f"{enum.full_name}.{value.name}"))
    ]
    return {
        "type": "string",
        "enum": [value.name for value in enum.values],
        "description": "\n\n".join([comment(enum.full_name), *told]).strip(),
    }
