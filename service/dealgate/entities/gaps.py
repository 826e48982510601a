"""Where facts name an entity, so that what is not sent of it may be known."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from dealgate.model.checks import ID_LENGTH
from dealgate.model.decision import Entity
from dealgate.model.entity_state import TYPE_OF
from dealgate.model.entity_walk import Walk, leads_to, walk_of
from dealgate.model.fields import descriptor_of

COMPANY = "Company"
LEAD = "lead"
ACTIVITIES = "activities"
ACTIVITY = "dealgate.v1.Activity"
ROOM = 1000  # activities that a question may hold


@dataclass(frozen=True, slots=True)
class Gap:
    """An entity at a path in the facts, and how many activities they have room for."""

    path: str
    message: Message
    entity: Entity
    activities: int = 0


def gaps(facts: Message, *, companies: bool) -> Sequence[Gap]:
    """Return the companies that the facts name, or the other entities.

    Companies come after: which one a lead belongs to may be known of the lead alone.
    """
    walk = _walk(descriptor_of(facts))
    if walk is None:
        return ()
    return [
        Gap(path, message, entity, _room(facts, path))
        for path, message, _ in walk(facts, facts)
        if (message.DESCRIPTOR.name == COMPANY) == companies
        if (entity := _named(message)) is not None
    ]


@cache
def _walk(facts: Descriptor) -> Walk | None:
    return walk_of(facts, TYPE_OF, TYPE_OF) if leads_to(facts, TYPE_OF) else None


def _named(message: Any) -> Entity | None:
    """Return the entity that a message is of; an id that no entity can have names none."""
    id_: str = message.id
    if not id_ or len(id_) > ID_LENGTH or "\0" in id_:
        return None
    return Entity(TYPE_OF[message.DESCRIPTOR.name], id_)


def _room(facts: Any, path: str) -> int:
    """Return how many activities of the entity the facts lack: a list that is sent is whole."""
    if path != LEAD or not _has_activities(facts.DESCRIPTOR) or facts.activities:
        return 0
    return ROOM


@cache
def _has_activities(facts: Descriptor) -> bool:
    field = facts.fields_by_name.get(ACTIVITIES)
    inner = None if field is None else field.message_type
    return inner is not None and inner.full_name == ACTIVITY
