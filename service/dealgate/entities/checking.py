"""What can be wrong with facts that are to be known: whatever would be refused in a question later.

What a kind alone can say, such as which stages there are, is left to it.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.entities.properties import Declares, property_violations
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import computed, required, required_id
from dealgate.model.entity_walk import Walk, walk_of
from dealgate.model.errors import Violation
from dealgate.model.fields import descriptor_of
from dealgate.model.instants import SKEW, nanoseconds
from dealgate.model.malformed import UNDECLARED, malformed
from dealgate.model.properties import ENTITY_OF
from dealgate.v1.activity_pb2 import Activity

# What the service computes, by message.
COMPUTED: Final[Mapping[str, tuple[str, ...]]] = {
    "Opportunity": ("people", "is_open", "gates"),
    "Activity": ("measures",),
}
LATER = "is after the server's clock; put only what has happened"
NUL = "holds a NUL character, which no id may"


class Checking:
    """Checks what is put, by one catalog's declarations."""

    def __init__(self, catalog: Declares) -> None:
        """`catalog` says which properties there are."""
        self._catalog = catalog

    def facts(self, facts: Message, now: int) -> list[Violation]:
        """Return what is wrong with an entity's facts, at paths below it."""
        return [*self._common(facts), *_later(facts, now)]

    def activity(self, activity: Activity, now: int) -> list[Violation]:
        """Return what is wrong with an activity, at paths below it."""
        violations = self._common(activity)
        violations += required("at", activity.HasField("at"))
        return [*violations, *_later(activity, now)]

    def _common(self, facts: Any) -> list[Violation]:
        violations = [*required_id("id", facts.id), *no_nul("id", facts.id)]
        violations += [wrong for wrong in malformed(facts) if wrong.description != UNDECLARED]
        violations += out_of_bounds(facts)
        for name in COMPUTED.get(facts.DESCRIPTOR.name, ()):
            given = name in {field.name for field, _ in facts.ListFields()}
            violations += computed(name, given)
        for path, entity, _ in _walk(descriptor_of(facts))(facts, facts):
            prefix = f"{path}." if path else ""
            violations += [
                Violation(prefix + wrong.field, wrong.description)
                for wrong in property_violations(self._catalog, entity)
            ]
        return violations


@cache
def _walk(facts: Descriptor) -> Walk:
    return walk_of(facts, ENTITY_OF)


def no_nul(path: str, id_: str) -> list[Violation]:
    """Not every store can hold a NUL."""
    return [Violation(path, NUL)] if "\0" in id_ else []


def _later(facts: Message, now: int) -> list[Violation]:
    return [Violation(path, LATER) for path, at in _instants(facts, "") if at > now + SKEW]


def _instants(facts: Message, prefix: str) -> Iterator[tuple[str, int]]:
    for field, value in facts.ListFields():
        if field.message_type is None:
            continue
        items = enumerate(value) if field.is_repeated else [(-1, value)]
        for index, item in items:
            path = f"{prefix}{field.name}" + (f"[{index}]" if index >= 0 else "")
            if isinstance(item, Timestamp):
                yield path, nanoseconds(item)
            elif item.DESCRIPTOR.full_name.startswith("dealgate."):
                yield from _instants(item, f"{path}.")
