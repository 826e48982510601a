"""What tells when is fixed, or listed as a plan: whoever adds a date says which it is."""

from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.kinds import KINDS
from dealgate.model.fields import descriptor_of, message_of
from dealgate.model.fixed import holds_fixed, mark_of
from dealgate.v1.fixed_pb2 import FIXED_PAST, FIXED_UNSPECIFIED, FIXED_VALUE
from dealgate.v1.lead_pb2 import Lead
from tests.model.filled import is_ours

LISTED = Path(__file__).parents[2] / "proto/plans.txt"
WHEN = {"google.protobuf.Timestamp", "google.type.Date"}
# What goes on, from the past: an instant or a date, a number, what is true from then on.
GOING_ON = {
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_BOOL,
}


def test_every_instant_and_date_is_fixed_or_a_plan() -> None:
    """A date of the past cannot be moved, and a planned one can: the contract says which it is."""
    open_ = {
        f"{message.name}: {field.name}"
        for message, field in _fields()
        if field.message_type is not None
        and field.message_type.full_name in WHEN
        and mark_of(field) == FIXED_UNSPECIFIED
    }
    listed = set(_listed())
    undecided, unknown = sorted(open_ - listed), sorted(listed - open_)
    assert not undecided, f"mark these fields (fixed), or list them in {LISTED.name}"
    assert not unknown, f"{LISTED.name} lists what is fixed, or is no instant or date of facts"


def test_what_goes_on_has_an_order() -> None:
    """Of a text or a constant nobody could say whether it moved on."""
    wrong = [
        field.full_name
        for _, field in _fields()
        if mark_of(field) == FIXED_PAST
        and field.cpp_type not in GOING_ON
        and (field.message_type is None or field.message_type.full_name not in {*WHEN, MONEY})
    ]
    assert not wrong


def test_a_message_holds_what_is_fixed_in_it() -> None:
    """A lead has a country; its company's employees are free."""
    lead = descriptor_of(Lead)
    assert holds_fixed(lead, "company")
    assert not holds_fixed(lead, "company.employees")
    assert not holds_fixed(lead, "seniority")


MONEY = "google.type.Money"


def _fields() -> Iterator[tuple[Descriptor, FieldDescriptor]]:
    """Yield every field of what kinds are asked about, but those within what is fixed."""
    todo, seen = [descriptor_of(kind.sent_facts) for kind in KINDS.values()], set[str]()
    while todo:
        message = todo.pop()
        if message.full_name in seen:
            continue
        seen.add(message.full_name)
        for field in message.fields:
            yield message, field
            held = mark_of(field) == FIXED_VALUE or field.type != FieldDescriptor.TYPE_MESSAGE
            if not held and is_ours(message_of(field)):
                todo.append(message_of(field))


def _listed() -> Iterator[str]:
    for line in LISTED.read_text("utf-8").splitlines():
        message, _, names = line.partition("#")[0].partition(":")
        yield from (f"{message.strip()}: {name}" for name in names.split())
