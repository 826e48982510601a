"""Which catalog is in use, and what came of changes in the rules folder, as measurements."""

from collections.abc import Callable, Sequence
from typing import Protocol

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from dealgate.telemetry import names


class Catalog(Protocol):
    """What decides."""

    @property
    def digest(self) -> str:
        """SHA-256 of it."""


class Edition(Protocol):
    """A catalog that was taken into use."""

    @property
    def number(self) -> int:
        """Counts from 1."""

    @property
    def catalog(self) -> Catalog:
        """What decides."""


class Reload(Protocol):
    """What came of a change in the rules folder."""

    @property
    def outcome(self) -> str:
        """`taken`, `refused` or `reverted`."""

    @property
    def faults(self) -> Sequence[object]:
        """Why it was refused."""


class LiveCatalog(Protocol):
    """The catalog in use, and what came of the last change."""

    @property
    def edition(self) -> Edition:
        """What is in use."""

    @property
    def last(self) -> Reload:
        """What came of the last change."""


def measured(meter: Meter, live: LiveCatalog) -> Callable[[Reload], None]:
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
