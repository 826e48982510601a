"""Single values of facts: each is read by the type of its field, or refused with its position."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from google.protobuf.descriptor import FieldDescriptor

from dealgate.model.faults import Fault
from dealgate.model.fields import enum_of
from dealgate.rulebook.document import Node, Scalar, described
from dealgate.rulebook.faults import did_you_mean

Field: TypeAlias = FieldDescriptor

WHOLE = re.compile(r"-?\d{1,20}", re.ASCII)
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}


class _Wrong(Exception):
    """A value that its field cannot hold: "takes a whole number"."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read_scalar(field: Field, node: Node, subject: str, faults: list[Fault], name: str = "") -> Any:
    """Return the value in `node` for `field`; None if it is wrong, and the fault is added.

    `name` is what to call the field, if not by its own name.
    """
    try:
        return _read(field, node)
    except _Wrong as wrong:
        text = f"{subject}: '{name or field.name}' {wrong.message}"
        faults.append(node.fault(text, wrong.hint))
        return None


def _read(field: Field, node: Node) -> Any:
    if not isinstance(node, Scalar):
        raise _Wrong(f"takes a single value, not {described(node)}", "write one value")
    return READERS[field.cpp_type](field, node)


def _text(field: Field, node: Scalar) -> str:
    if field.type == FieldDescriptor.TYPE_BYTES:
        raise _Wrong("holds bytes, which cannot be written here", "leave it out")
    return node.value


def _whole(field: Field, node: Scalar) -> int:
    if node.quoted or not WHOLE.fullmatch(node.value):
        raise _Wrong("takes a whole number", _unquote(node) or "write digits: 250")
    low, high = RANGES[field.cpp_type]
    if not low <= int(node.value) <= high:
        raise _Wrong(f"takes a whole number from {low} to {high}", "write one of these")
    return int(node.value)


def _number(_field: Field, node: Scalar) -> float:
    if node.quoted or not NUMBER.fullmatch(node.value):
        raise _Wrong("takes a number", _unquote(node) or "write digits: 0.25")
    if math.isinf(float(node.value)):
        raise _Wrong("takes a number smaller than this", "write one with less than 308 digits")
    return float(node.value)


def _truth(_field: Field, node: Scalar) -> bool:
    if node.quoted or node.value not in {"true", "false"}:
        raise _Wrong("takes true or false", _unquote(node) or "write one of the two")
    return node.value == "true"


def _choice(field: Field, node: Scalar) -> int:
    enum = enum_of(field)
    values = enum.values_by_name
    if node.value not in values:
        hint = did_you_mean(node.value, values)
        name = f"{'an' if enum.name[0] in 'AEIO' else 'a'} {enum.name}"
        raise _Wrong(f"takes {name}, which has no value '{node.value}'", hint)
    number: int = values[node.value].number
    return number


def _unquote(node: Scalar) -> str:
    return "delete the quotes: a value in quotes is text" if node.quoted else ""


READERS: Mapping[int, Callable[[Field, Scalar], Any]] = {
    FieldDescriptor.CPPTYPE_STRING: _text,
    FieldDescriptor.CPPTYPE_BOOL: _truth,
    FieldDescriptor.CPPTYPE_ENUM: _choice,
    FieldDescriptor.CPPTYPE_DOUBLE: _number,
    FieldDescriptor.CPPTYPE_FLOAT: _number,
    **dict.fromkeys(RANGES, _whole),
}
