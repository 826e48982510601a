"""How many calls wait, are under way, and were rejected before anything was done for them."""

from collections.abc import Mapping
from typing import Protocol

from dealgate.telemetry import names
from dealgate.telemetry.instruments import Labels, Meter

# Why calls are sent away: an increase is seen only from a value that was there before.
REASONS = ("full", "deadline", "expired", "bytes", "leaving")


class Admission(Protocol):
    """What gives calls their turns."""

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""

    @property
    def in_flight(self) -> int:
        """How many calls are begun and not answered yet."""

    @property
    def rejected(self) -> Mapping[str, int]:
        """How many calls were sent away, by why."""


class Queue(Protocol):
    """Work off the event loop."""

    @property
    def name(self) -> str:
        """What callers know the work by."""

    @property
    def waiting(self) -> int:
        """How much waits for its turn."""

    @property
    def is_busy(self) -> bool:
        """Whether a turn is held."""


def observe_load(meter: Meter, admission: Admission) -> None:
    """Measure what the durations of RPCs do not show: who waits, and who never came in."""
    meter.observe(names.RPC_REJECTED, lambda: _rejected(admission))
    meter.observe(names.RPC_WAITING, lambda: [(admission.waiting, ())])
    meter.observe(names.RPC_IN_FLIGHT, lambda: [(admission.in_flight, ())])


def observe_work(meter: Meter, queues: tuple[Queue, ...]) -> None:
    """Measure what waits to be worked on off the event loop."""
    meter.observe(names.WORK_WAITING, lambda: [(queue.waiting, (queue.name,)) for queue in queues])
    meter.observe(
        names.WORK_BUSY, lambda: [(int(queue.is_busy), (queue.name,)) for queue in queues]
    )


def _rejected(admission: Admission) -> list[tuple[float, Labels]]:
    every = dict.fromkeys(REASONS, 0) | dict(admission.rejected)
    return [(many, (why,)) for why, many in every.items()]
