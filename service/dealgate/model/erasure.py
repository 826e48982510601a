"""Somebody who is to be erased, and why."""

from dataclasses import dataclass

from dealgate.model.decision import Entity


@dataclass(frozen=True, slots=True)
class Erasure:
    """What `principal` asks for, for the audit log; `at` is in nanoseconds since the epoch."""

    tenant: str
    subject: Entity
    principal: str
    reason: str
    at: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of it: `stand_in` is there in place of the id; empty: there was nobody.

    `has_clear`: there are records from before the journal was encrypted, which stay as they are.
    """

    stand_in: str
    has_clear: bool = False
