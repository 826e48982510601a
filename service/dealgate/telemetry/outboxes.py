"""How far outboxes are behind, and what became of what they sent."""

from collections.abc import Sequence
from typing import Protocol

from dealgate.telemetry import names
from dealgate.telemetry.instruments import Meter


class Outbox(Protocol):
    """What is measured."""

    @property
    def name(self) -> str:
        """What it is called in the settings."""

    @property
    def published(self) -> int:
        """How many events its sink took."""

    @property
    def failed(self) -> int:
        """How often the sink failed."""

    def lag(self) -> float:
        """Return how long the oldest event on its way has waited, in seconds."""


def observe_outboxes(meter: Meter, outboxes: Sequence[Outbox]) -> None:
    """Measure them, if there are any."""
    if not outboxes:
        return
    meter.observe(names.OUTBOX_LAG, lambda: [(box.lag(), (box.name,)) for box in outboxes])
    meter.observe(
        names.OUTBOX_PUBLISHED, lambda: [(box.published, (box.name,)) for box in outboxes]
    )
    meter.observe(names.OUTBOX_FAILURES, lambda: [(box.failed, (box.name,)) for box in outboxes])
