"""How many calls wait, are under way, and were sent away before anything was done for them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from dealgate.telemetry import names


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


def observe_load(meter: Meter, admission: Admission) -> None:
    """Measure what the durations of RPCs do not show: who waits, and who never came in."""

    def rejected(_: CallbackOptions) -> Sequence[Observation]:
        counts = dict(admission.rejected)
        return [Observation(count, {names.RPC_REASON: why}) for why, count in counts.items()]

    def waiting(_: CallbackOptions) -> Sequence[Observation]:
        return [Observation(admission.waiting)]

    def in_flight(_: CallbackOptions) -> Sequence[Observation]:
        return [Observation(admission.in_flight)]

    meter.create_observable_counter(
        names.RPC_REJECTED, [rejected], "{call}", "Calls that were sent away before they began."
    )
    meter.create_observable_gauge(
        names.RPC_WAITING, [waiting], "{call}", "Calls that wait for their turn."
    )
    meter.create_observable_gauge(
        names.RPC_IN_FLIGHT, [in_flight], "{call}", "Calls begun and not answered yet."
    )
