"""Facts and outcomes as YAML that a case may hold: only what differs from where it starts."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.model.fields import Held, fields_of, message_of
from dealgate.rulebook.document import NULLS
from dealgate.rulebook.literals import LITERALS
from dealgate.rulebook.messages import is_map
from dealgate.rulebook.scalars import Field

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./ -]*", re.ASCII)
# In a value that is not part of a list, commas and brackets are text too.
SENTENCE = re.compile(r"[A-Za-z][A-Za-z0-9_./ ,=()<>+-]*", re.ASCII)
NULL = "null"
Written = str | Sequence["Written"] | Mapping[str, "Written"]


def overlay(below: Message, above: Message) -> dict[str, Written]:
    """Return what must be laid over `below` to make it `above`; null takes a fact away."""
    merged: dict[str, Written] = {}
    for field in _fields(below, above):
        has, had = field.name in _present(above), field.name in _present(below)
        upper, other = getattr(above, field.name), getattr(below, field.name)
        if has and had and _is_open(field):
            inner = overlay(other, upper)
            if inner:
                merged[field.name] = inner
        elif has and (not had or upper != other):
            merged[field.name] = value_of(field, upper)
        elif had and not has:
            merged[field.name] = NULL
    return merged


def value_of(field: Field, value: Held) -> Written:
    """Return a field's value as it is written."""
    if is_map(field):
        of = message_of(field).fields_by_name["value"]
        return {str(key): _single(of, value[key]) for key in sorted(value)}
    if field.is_repeated:
        return [_single(field, item) for item in value]
    return _single(field, value)


def _single(field: Field, value: Held) -> Written:
    if field.message_type is not None:
        literal = LITERALS.get(field.message_type.full_name)
        if literal is None:
            return {each.name: value_of(each, item) for each, item in value.ListFields()}
        shown = literal.show(value)
        return f'"{shown}"' if field.message_type.name == "Decimal" else shown
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return text(value) if isinstance(value, str) else str(value)


def text(value: str) -> str:
    """Return text as YAML: plain where that says the same."""
    plain = PLAIN.fullmatch(value) and value == value.strip() and value not in NULLS
    return value if plain else json.dumps(value, ensure_ascii=False)


def sentence(value: str) -> str:
    """Return text as YAML that stands on a line of its own."""
    return value if SENTENCE.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def flow(value: Written) -> str:
    """Return a value on one line: `{lead: {company: {employees: 49}}}`."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{text(key)}: {flow(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(flow(item) for item in value) + "]"


def block(key: str, value: Written, indent: int, width: int = 100) -> Iterator[str]:
    """Yield the lines of a key and its value: on one line, or a line a part if that is too long."""
    space = " " * indent
    line = f"{space}{key}: {flow(value)}"
    if len(line) <= width or isinstance(value, str) or not value:
        yield line
    elif isinstance(value, Mapping):
        yield f"{space}{key}:"
        for name, each in value.items():
            yield from block(text(name), each, indent + 2, width)
    else:
        yield f"{space}{key}:"
        yield from (f"{space}  - {flow(item)}" for item in value)


def _fields(below: Message, above: Message) -> list[Field]:
    present = _present(below) | _present(above)
    return [field for field in fields_of(above) if field.name in present]


def _present(message: Message) -> set[str]:
    return {field.name for field, _ in message.ListFields()}


def _is_open(field: Field) -> bool:
    """Tell whether a field is a message whose fields are laid over one by one."""
    return (
        field.cpp_type == FieldDescriptor.CPPTYPE_MESSAGE
        and not field.is_repeated
        and message_of(field).full_name not in LITERALS
    )
