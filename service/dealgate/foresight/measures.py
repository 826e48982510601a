"""What the numbers of a kind's outcomes are called, and which of them are dates."""

import datetime as dt
from collections.abc import Iterator

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.model.days import EPOCH
from dealgate.model.kind import AnyKind
from dealgate.model.numbers import DATE, INSTANT, Fields, numeric_fields

DATES = {DATE, INSTANT}


def outcome_of(kind: AnyKind) -> Descriptor:
    """Return the message of the kind's outcomes."""
    return kind.outcome_type


def dated(outcome: Descriptor) -> frozenset[str]:
    """Return the names of those measures that are dates: days since the epoch."""
    return frozenset(
        name
        for field, inner in numeric_fields(outcome)
        for name, leaf in _leaves(field, inner)
        if leaf.message_type is not None and leaf.message_type.full_name in DATES
    )


def date_of(days: float) -> str:
    """Return the day that many days after the epoch: 2026-01-31."""
    return dt.date.fromordinal(EPOCH + int(days)).isoformat()


def _leaves(field: FieldDescriptor, inner: Fields) -> Iterator[tuple[str, FieldDescriptor]]:
    if not inner:
        yield field.name, field
    for below, _ in inner:
        yield f"{field.name}.{below.name}", below
