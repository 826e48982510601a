"""Signals as their files declare them, and events as they are judged."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, TypeAlias

from google.protobuf.message import Message

from dealgate.language.frame import Frame
from dealgate.language.values import CelError, NoValue, Value, parse_decimal
from dealgate.model.activity_facts import times
from dealgate.model.location import Location
from dealgate.signals.patterns import Firing, Occurrence, Pattern

ACTIVITY = "activity"
Read: TypeAlias = Callable[[Frame], Value]


@dataclass(frozen=True, slots=True)
class Entity:
    """What events are about: "lead/00Q5e"."""

    type: str
    id: str

    def __str__(self) -> str:
        """As the subject of an event."""
        return f"{self.type}/{self.id}"


def entity_of(subject: str) -> Entity | None:
    """Return the entity that a subject names; None if it names none."""
    type_, slash, id_ = subject.partition("/")
    return Entity(type_, id_) if slash and type_ and id_ else None


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that counts: an activity, or a decision with its outcome.

    `feed` is "activity", or the kind that decided; `context` what expressions read. `key` is the
    same for whatever repeats the event, and for nothing else; `at` is its instant (ns).
    """

    key: str
    at: int
    entity: Entity
    feed: str
    context: Message

    @property
    def times(self) -> int:
        """How often it happened."""
        return times(self.context.activity) if self.feed == ACTIVITY else 1  # type: ignore[attr-defined]


class Question(Protocol):
    """What a signal asks when it fires."""

    def asked(self, context: Message, at: int) -> Any:
        """Return what is asked at an instant (ns)."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A pattern over a feed. `digest` changes with what it means: then its state begins anew."""

    name: str
    owner: str
    because: str
    feed: str
    pattern: Pattern
    digest: str
    location: Location
    when: Read | None = None
    answered: Read | None = None
    value: Read | None = None
    ask: Question | None = None

    def occurrence(self, event: Happening) -> Occurrence:
        """Judge an event."""
        frame = Frame(event.context, {})
        return Occurrence(
            event.key,
            event.at,
            _truth(self.when, frame, otherwise=True),
            event.times,
            _truth(self.answered, frame, otherwise=False),
            None if self.value is None else _number(self.value(frame)),
        )


def _truth(read: Read | None, frame: Frame, *, otherwise: bool) -> bool | None:
    """Return what a condition comes to; None: it is not known, or it failed."""
    value = otherwise if read is None else read(frame)
    return value if isinstance(value, bool) else None


def _number(value: Value) -> Decimal | None:
    if isinstance(value, NoValue) or not isinstance(value, int | float | Decimal):
        return None
    try:
        return parse_decimal(str(value)) if isinstance(value, float) else Decimal(value)
    except (CelError, InvalidOperation):
        return None


Signals: TypeAlias = Mapping[str, Signal]


def signal_id(tenant: str, signal: Signal, entity: Entity, firing: Firing) -> str:
    """Return the id of a firing: the same whenever the same events make it."""
    parts = (tenant, signal.name, str(entity), str(firing.at), firing.causes[-1])
    named = "".join(f"{len(part)}:{part}" for part in parts)
    return "sig-" + hashlib.sha256(named.encode()).hexdigest()[:40]
