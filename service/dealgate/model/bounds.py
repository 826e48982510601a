"""What is wrong with numbers: the check that reads the table of bounds, for facts of any kind."""

from collections.abc import Callable, Iterable
from functools import cache
from math import isfinite
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.model.bound_table import BOUNDS, Bound, longest
from dealgate.model.errors import Violation
from dealgate.model.malformed import plain_decimal


def out_of_bounds(facts: Message) -> list[Violation]:
    """Return every number and list in `facts`, however deep, outside of its bound, with its path.

    An invalid number has no bound: `malformed` finds those.
    """
    violations: list[Violation] = []
    for field, check in _checks(facts.DESCRIPTOR):
        value = getattr(facts, field.name)
        if field.is_repeated:
            most = longest(f"{facts.DESCRIPTOR.name}.{field.name}")
            if len(value) > most:
                violations.append(Violation(field.name, f"has more than {most} entries"))
            elif check is not None:
                for index, item in enumerate(value):
                    violations += _at(f"{field.name}[{index}]", check(item))
        elif check is None:
            continue
        elif not field.has_presence or facts.HasField(field.name):
            violations += _at(field.name, check(value))
    return violations


Check = Callable[[Any], list[Violation]]


@cache
def _checks(message: Descriptor) -> tuple[tuple[FieldDescriptor, Check | None], ...]:
    """Return the fields that are lists or numbers, or hold some, each with its check."""
    pairs = [(field, _check(message, field)) for field in message.fields]
    return tuple((field, check) for field, check in pairs if check is not None or field.is_repeated)


def _check(message: Descriptor, field: FieldDescriptor) -> Check | None:
    bound = BOUNDS.get(f"{message.name}.{field.name}")
    if field.message_type is None:
        return None if bound is None else _number(bound)
    if field.message_type is Struct.DESCRIPTOR:
        return None  # properties have bounds where they are declared
    if field.message_type.full_name == DecimalMessage.DESCRIPTOR.full_name:
        return None if bound is None else _decimal(bound)
    return out_of_bounds if _is_bounded(field.message_type) else None


@cache
def _is_bounded(message: Descriptor) -> bool:
    """Tell whether a bound is of a field in this message; no message of ours holds itself."""
    return any(
        field.is_repeated
        or f"{message.name}.{field.name}" in BOUNDS
        or (field.message_type is not None and _is_bounded(field.message_type))
        for field in message.fields
        if field.message_type is not Struct.DESCRIPTOR
    )


def _number(bound: Bound) -> Check:
    return lambda value: bound.violations(value) if isfinite(value) else []


def _decimal(bound: Bound) -> Check:
    def check(value: DecimalMessage) -> list[Violation]:
        number = plain_decimal(value)
        return [] if number is None else bound.violations(number)

    return check


def _at(path: str, violations: Iterable[Violation]) -> list[Violation]:
    return [
        Violation(f"{path}.{violation.field}" if violation.field else path, violation.description)
        for violation in violations
    ]
