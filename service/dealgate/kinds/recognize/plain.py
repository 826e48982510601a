"""Plain lines, as nearly all are: a price over some days, and nothing that concerns other checks.

One pass shows that nothing is wrong with a plain line; the checks examine others.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.model.days import day_number
from dealgate.v1 import recognize_pb2 as pb

# What a plain line may tell: no list, no amount but its price, and nothing of another line.
FIELDS = frozenset(
    (
        *("id", "sku", "price", "pattern", "start", "end", "proration", "refundable", "distinct"),
        *("principal", "price_uncertain", "contract_id", "revenue_account"),
    )
)
NEEDED = frozenset({"id", "pattern", "start", "end"})
Lines = Sequence[tuple[int, pb.RevenueLine]]

# A name is found sooner than it is made of a descriptor.
_NAMES: dict[type[Message], dict[FieldDescriptor, str]] = {}


def elaborate(lines: Iterable[pb.RevenueLine]) -> Lines:
    """Return the lines that are not plain, with their indices; their days are sound."""
    return [(index, line) for index, line in enumerate(lines) if not _is_plain(line)]


def _is_plain(line: pb.RevenueLine) -> bool:
    given = told(line)
    return (
        given.keys() <= FIELDS
        and given.keys() >= NEEDED
        and given["pattern"] == pb.RECOGNITION_PATTERN_RATABLE
        and day_number(given["start"]) <= day_number(given["end"])
    )


def told(message: Message) -> dict[str, Any]:
    """Return the fields that are given, by name."""
    names = _NAMES.get(message.__class__)
    if names is None:
        fields: Any = message.DESCRIPTOR.fields
        names = {field: field.name for field in fields}
        _NAMES[message.__class__] = names
    return {names[field]: value for field, value in message.ListFields()}
