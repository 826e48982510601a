"""The outline of an outcome as typed columns: its numbers, amounts, dates and instants.

Of a kind without code also its words, texts and lists of them: no contract says what they are.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from dealgate.foresight.measures import outcome_of
from dealgate.model.fields import descriptor_of
from dealgate.model.kind import AnyKind
from dealgate.model.money import fault, to_minor
from dealgate.model.numbers import DATE, DECIMAL, INSTANT, MONEY, Fields, numeric_fields

# Minor units of an amount: exact in Parquet, where a HUGEINT becomes a double.
MINOR = "DECIMAL(38, 0)"
# The SQL types of columns.
TYPES = {DATE: "DATE", INSTANT: "TIMESTAMPTZ", DECIMAL: "DECIMAL(38, 9)", MONEY: MINOR}
PREFIX = "outcome_"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, its SQL type, and the fields that lead to its value; an amount's has two."""

    name: str
    type: str
    steps: tuple[FieldDescriptor, ...]
    is_currency: bool = False

    def value(self, outcome: Message) -> Any:
        """Return what the outcome says; None: nothing."""
        holder: Any = outcome
        for field in self.steps:
            if field.has_presence and not holder.HasField(field.name):
                return None
            holder = getattr(holder, field.name)
        return self._plain(holder)

    def _plain(self, held: Any) -> Any:
        if self.is_currency:
            return held.currency_code
        if self.type == MINOR:
            return None if fault(held) else to_minor(held)
        if self.type == "DATE":
            return dt.date(held.year, held.month, held.day)
        if self.type == "TIMESTAMPTZ":
            return held.ToDatetime(dt.UTC)
        if self.type.endswith("[]"):
            return list(held)
        return held.value or None if self.type.startswith("DECIMAL") else held


def columns_of(kind: AnyKind) -> Sequence[Column]:
    """Return the columns of a kind's outcome, in the order of its contract."""
    said = _said(descriptor_of(kind.outcome)) if kind.outcome is not None else ()
    return (*_columns(numeric_fields(outcome_of(kind)), ()), *said)


def _said(outcome: Descriptor) -> Iterator[Column]:
    """Yield the columns of what is not a number: words, texts, lists of them, and booleans."""
    for field in outcome.fields:
        type_ = {FieldDescriptor.TYPE_STRING: "VARCHAR", FieldDescriptor.TYPE_BOOL: "BOOLEAN"}.get(
            field.type
        )
        if type_ is not None:
            yield Column(PREFIX + field.name, type_ + "[]" * field.is_repeated, (field,))


def _columns(fields: Fields, above: tuple[FieldDescriptor, ...]) -> Iterator[Column]:
    for field, inner in fields:
        steps = (*above, field)
        if inner:
            yield from _columns(inner, steps)
            continue
        name = PREFIX + "_".join(step.name for step in steps)
        of = field.message_type
        if of is None:
            whole = field.cpp_type != FieldDescriptor.CPPTYPE_DOUBLE
            yield Column(name, "BIGINT" if whole else "DOUBLE", steps)
        else:
            yield Column(name, TYPES[of.full_name], steps)
            if of.full_name == MONEY:
                yield Column(f"{name}_currency", "VARCHAR", steps, is_currency=True)
