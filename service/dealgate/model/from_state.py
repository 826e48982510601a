"""Which facts of a question were not sent, but known to the server."""

from dataclasses import dataclass
from typing import Any

from dealgate.model.instants import nanoseconds


@dataclass(frozen=True, slots=True)
class FromState:
    """Facts of one entity ("lead/00Q5e") that became known at one instant, in nanoseconds.

    `paths` are where they stand in the question's facts, sorted. `left_out` counts older activities
    that a question has no room for.
    """

    entity: str
    known_at: int
    paths: tuple[str, ...]
    left_out: int = 0


def recorded(header: Any) -> tuple[FromState, ...]:
    """Return what a recorded header says of facts that came from state."""
    return tuple(
        FromState(
            told.entity, nanoseconds(told.known_at), tuple(told.paths), told.activities_left_out
        )
        for told in header.facts_from_state
    )
