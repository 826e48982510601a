"""Protobuf's JSON as most write it, read at a third of the cost; the rest is left to protobuf.

`json_format` examines every field each time: half a millisecond for a question, twice what deciding
it takes. Here each message type is prepared once. Whatever is not plain (null, another spelling of
a number, an unknown key, a fault) is read again by `json_format`, which decides; what it refuses is
told by its path, since its own words quote values.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from dealgate.model.fields import message_of
from dealgate.model.json_faults import json_fault

Made = TypeVar("Made", bound=Message)
Put: TypeAlias = Callable[[Any, Any], None]
_Field = FieldDescriptor
WHOLE = frozenset(
    (_Field.CPPTYPE_INT32, _Field.CPPTYPE_INT64, _Field.CPPTYPE_UINT32, _Field.CPPTYPE_UINT64)
)
# Those whose JSON is a text.
TEXTS = frozenset({"google.protobuf.Timestamp", "google.protobuf.Duration"})
OWN = ("dealgate.", "google.type.")
NOT_READ = (
    json_format.ParseError,
    AttributeError,
    OverflowError,
    SystemError,
    TypeError,
    ValueError,
)


class _Strange(Exception):
    """Something that is not plain."""


def parse_json(told: dict[str, Any], make: Callable[[], Made]) -> Made:
    """Return the message that a JSON object says; raises ParseError, which quotes no value."""
    message = make()
    try:
        _read(message, told)
    except (_Strange, TypeError, ValueError, RecursionError):
        return _by_protobuf(told, make())
    return message


def _by_protobuf(told: Any, message: Made) -> Made:
    """Read what is not plain; raises ParseError.

    For input that is not an object, protobuf raises whatever error it meets, and SystemError for a
    name with half a surrogate, as in text that was cut within a character.
    """
    try:
        return json_format.ParseDict(told, message)
    except NOT_READ as error:
        fault = json_fault(str(error), message.DESCRIPTOR.name)
        raise json_format.ParseError(f"{fault.field} {fault.description}") from None


def _read(message: Any, told: Any) -> None:
    if type(told) is not dict:
        raise _Strange
    puts = _prepared(message.DESCRIPTOR)
    seen = set()
    for key, value in told.items():
        put = puts.get(key)
        if put is None or put in seen:
            raise _Strange
        seen.add(put)
        put(message, value)


@lru_cache(maxsize=512)
def _prepared(descriptor: Descriptor) -> Mapping[str, Put]:
    puts: dict[str, Put] = {}
    for field in descriptor.fields:
        put = _put(field)
        if put is not None:
            puts[field.name] = puts[field.json_name] = put
    return puts


def _put(field: FieldDescriptor) -> Put | None:
    """Return what reads a field; None: json_format has to."""
    read = None if field.message_type else _scalar(field)
    name, oneof = field.name, field.containing_oneof
    if field.message_type is not None:
        held = message_of(field)
        if held.GetOptions().map_entry or not held.full_name.startswith((*OWN, *TEXTS)):
            return None
        return _messages(field, held.full_name in TEXTS)
    if read is None or (oneof is not None and len(oneof.fields) > 1):
        return None

    def put(message: Any, value: Any) -> None:
        setattr(message, name, read(value))

    def put_all(message: Any, values: Any) -> None:
        if type(values) is not list:
            raise _Strange
        getattr(message, name).extend([read(value) for value in values])

    return put_all if field.is_repeated else put


def _messages(field: FieldDescriptor, is_text: bool) -> Put:  # noqa: FBT001 - one caller
    name = field.name
    group = field.containing_oneof.name if field.containing_oneof else ""

    def fill(message: Any, value: Any) -> None:
        if is_text:
            message.FromJsonString(value)
        else:
            _read(message, value)

    def put(message: Any, value: Any) -> None:
        if group and message.WhichOneof(group):
            raise _Strange
        held = getattr(message, name)
        held.SetInParent()
        fill(held, value)

    def put_all(message: Any, values: Any) -> None:
        if type(values) is not list:
            raise _Strange
        held = getattr(message, name)
        for value in values:
            fill(held.add(), value)

    return put_all if field.is_repeated else put


def _scalar(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    if field.enum_type is not None:
        numbers = {value.name: value.number for value in field.enum_type.values}
        return lambda value: numbers[value] if value in numbers else _strange()
    if field.type == _Field.TYPE_STRING:
        return lambda value: value if type(value) is str else _strange()
    if field.type == _Field.TYPE_BOOL:
        return lambda value: value if type(value) is bool else _strange()
    if field.type == _Field.TYPE_DOUBLE:
        return lambda value: float(value) if type(value) in {int, float} else _strange()
    return _whole if field.cpp_type in WHOLE else None


def _whole(value: Any) -> int:
    if type(value) is int:
        return value
    # 64 bits are written as text.
    if type(value) is str and value.isascii() and value.isdecimal():
        return int(value)
    raise _Strange


def _strange() -> Any:
    raise _Strange
