"""Which catalog is in use, and what came of changes in the rules folder, as measurements."""

from collections.abc import Callable, Sequence
from typing import Protocol

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from dealgate.model.editions import Editions, Reload
from dealgate.telemetry import names


class Catalog(Protocol):
    """What decides."""

    @property
    def digest(self) -> str:
        """SHA-256 of it."""


def measured(meter: Meter, live: Editions[Catalog]) -> Callable[[Reload], None]:
    """Measure the catalog in use; return what counts a reload."""
    counter = meter.create_counter(
        names.CATALOG_RELOADS, unit="{reload}", description="Changes in the rules folder."
    )

    def edition(_: CallbackOptions) -> Sequence[Observation]:
        now = live.edition
        return [Observation(now.number, {names.CATALOG_DIGEST: now.catalog.digest})]

    def faults(_: CallbackOptions) -> Sequence[Observation]:
        return [Observation(len(live.last.faults))]

    meter.create_observable_gauge(
        names.CATALOG_EDITION, [edition], description="Which catalog decides, counted from 1."
    )
    meter.create_observable_gauge(
        names.CATALOG_FAULTS, [faults], "{fault}", "Faults in the rules folder: 0 if it is sound."
    )

    def count(reload: Reload) -> None:
        counter.add(1, {names.RELOAD_OUTCOME: str(reload.outcome)})

    return count
