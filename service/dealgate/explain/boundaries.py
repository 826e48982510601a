"""Where a fact's value begins to matter: numbers to look between, and the boundary between two."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from dealgate.explain.fact_positions import Spot
from dealgate.language.values import NANOS
from dealgate.model.fields import Held
from dealgate.model.money import exponent, minor_per_unit


def find_boundary(left: int, right: int, ask: Any) -> None:
    """Ask both sides of a boundary between two numbers that come out differently."""
    if ask(left) == ask(right):
        return
    while right - left > 1:
        middle = (left + right) // 2
        if ask(middle) == ask(left):
            left = middle
        else:
            right = middle


def seeds_near(spot: Spot, type_: str, value: Held, as_of: int) -> Iterable[int]:
    """Return numbers on both sides of a literal of `type_` that a condition compares it with."""
    name = type_name(spot)
    if type_ in {"int", "uint"} and name in {"int", "double"}:
        scaled = value * (100 if name == "double" else 1)
        return (scaled - 1, scaled, scaled + 1)
    if type_ == "double" and name in {"int", "double"}:
        scaled = round(value * (100 if name == "double" else 1))
        return (scaled - 1, scaled, scaled + 1)
    if type_ == name == "google.type.Money" and exponent(value[0]) is not None:
        minor = value[1] // (NANOS // minor_per_unit(value[0]))
        return (minor - 1, minor, minor + 1)
    if type_ == name == "google.type.Decimal":
        scaled = round(value * 10_000)
        return (scaled - 1, scaled, scaled + 1)
    if type_ == "timestamp" and name == "google.protobuf.Timestamp":
        return (value // NANOS,)
    if type_ == "duration" and name == "google.protobuf.Duration":
        return (value // NANOS,)
    if type_ == "duration" and name == "google.protobuf.Timestamp":
        return ((as_of - value) // NANOS, (as_of + value) // NANOS)
    return ()


def type_name(spot: Spot) -> str:
    """Return the type of the fact: a message's or an enum's full name, or a scalar's."""
    field = spot.fact.field
    if field.message_type is not None:
        return str(field.message_type.full_name)
    if field.enum_type is not None:
        return str(field.enum_type.full_name)
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return "string"
    floats = (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)
    return "double" if field.cpp_type in floats else "int"
