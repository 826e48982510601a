"""What is known of entities, and since when: facts that are kept beside the decisions.

Instants are nanoseconds since the epoch, UTC. An entity's facts are revisions, each known from one
instant on; its activities are a set by their ids, each with when it happened and since when it is
known. Nothing that became known after an instant is part of what was known at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from google.protobuf.message import Message

from dealgate.model.decision import Entity
from dealgate.v1.customer_pb2 import Customer
from dealgate.v1.lead_pb2 import Company, Lead
from dealgate.v1.opportunity_pb2 import Opportunity

EntityFacts: TypeAlias = Lead | Company | Opportunity | Customer

# What may be known of, by its type.
TYPES: Final[Mapping[str, type[EntityFacts]]] = {
    "lead": Lead,
    "company": Company,
    "opportunity": Opportunity,
    "customer": Customer,
}
TYPE_OF: Final = {message.DESCRIPTOR.name: type_ for type_, message in TYPES.items()}


@dataclass(frozen=True, slots=True)
class Upsert:
    """Facts that become known of an entity.

    `replaces` forgets what is not among them; `cleared` are paths of facts to forget. `expected` is
    the revision that the writer has seen, 0: none; None: whichever. A `key` makes a repeat known
    as one, whatever became known since.
    """

    entity: Entity
    facts: Message
    replaces: bool = False
    cleared: tuple[str, ...] = ()
    expected: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """A revision as it is kept; `changed`: it was made by what was just put."""

    entity: Entity
    revision: int
    known_at: int
    changed: bool


@dataclass(frozen=True, slots=True)
class NewActivity:
    """An activity that becomes known; `data` are its bytes."""

    entity: Entity
    id: str
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class KeptActivity:
    """An activity as it is kept; `changed`: it was not known before."""

    id: str
    known_at: int
    changed: bool


@dataclass(frozen=True, slots=True)
class HeldActivity:
    """An activity that is known."""

    id: str
    at: int
    known_at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of an entity: its facts at an instant, and its newest activities up to then."""

    entity: Entity
    as_of: int
    activities: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What was known: the newest revision then, 0 and no facts if there was none.

    `instants` tell since when each fact is known as it is, by path. `activities` are the newest
    that were wanted, oldest first; `left_out` counts those known beside them.
    """

    revision: int = 0
    known_at: int = 0
    facts: bytes = b""
    instants: Mapping[str, int] = field(default_factory=dict)
    activities: Sequence[HeldActivity] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class ForgottenState:
    """How much was forgotten of an entity."""

    revisions: int
    activities: int
