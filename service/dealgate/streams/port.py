"""What a sink is: where events go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dealgate.model.errors import Defect, OperatorError


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way: `body` is all of it. `id` is what its receiver tells repeats by."""

    id: str
    type: str
    kind: str
    partition: str
    body: bytes


class Sink(Protocol):
    """Takes events. It may send those of one call in any order: no two have one partition."""

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Return when all of them are taken for good; raise SinkFailed if that is not certain.

        Whoever calls sends all of them again then.
        """

    async def close(self) -> None:
        """Let go of what is open."""


class SinkFailed(Defect):
    """A sink did not take what it was sent; `retry_after` (seconds): it says when to try again."""

    reason = "SINK_FAILED"

    def __init__(self, why: str, retry_after: float = 0.0) -> None:
        super().__init__(why, retry_after)
        self.why = why
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Why."""
        return self.why


class SinkUnusable(OperatorError):
    """An address of a sink is wrong; the message says what is, and the cure."""

    reason = "SINK_UNUSABLE"
