"""What a suggested case expects of its outcome: what sums it up, and what tells a mutant apart."""

from google.protobuf.message import Message

from dealgate.cases.suggestion.writing import Written, value_of
from dealgate.model.fields import Held, field_of
from dealgate.rulebook.literals import LITERALS
from dealgate.rulebook.messages import is_map
from dealgate.rulebook.scalars import Field


def expected(outcome: Message, other: Message | None) -> dict[str, Written]:
    """Return the fields to expect: choices, and whatever `other` has otherwise."""
    values: dict[str, Written] = {}
    for field, value in outcome.ListFields():
        if other is not None and not _same(field, outcome, other):
            values[field.name] = _differing(field, value, getattr(other, field.name))
        elif field.enum_type is not None and not field.is_repeated:
            values[field.name] = value_of(field, value)
    if other is not None:
        absent = {field.name for field, _ in other.ListFields()} - {
            field.name for field, _ in outcome.ListFields()
        }
        values |= {name: _nothing(field_of(outcome, name)) for name in sorted(absent)}
    return values


def _nothing(field: Field) -> Written:
    if field.is_repeated:
        return []
    return "null" if field.has_presence else _zero(field)


def _zero(field: Field) -> str:
    if field.enum_type is not None:
        return str(field.enum_type.values_by_number[0].name)
    default = field.default_value
    return str(default).lower() if isinstance(default, bool) else str(default) or '""'


def _same(field: Field, held: Held, other: Held) -> bool:
    return bool(getattr(held, field.name) == getattr(other, field.name)) and _has(
        field, held
    ) == _has(field, other)


def _has(field: Field, message: Message) -> bool:
    return bool(message.HasField(field.name)) if field.has_presence else True


def _differing(field: Field, value: Held, other: Held) -> Written:
    nested = field.message_type is not None and field.message_type.full_name not in LITERALS
    if not nested or is_map(field):
        return value_of(field, value)
    if not field.is_repeated:
        return expected(value, other)
    others = list(other) + [None] * (len(value) - len(other))
    return [_element(first, second) for first, second in zip(value, others, strict=False)]


def _element(held: Held, other: Held) -> Written:
    """Return what tells an element: its first field, and what differs from the other's."""
    first = {field.name: value_of(field, value) for field, value in held.ListFields()[:1]}
    return {**first, **(expected(held, other) if other is not None else {})}
