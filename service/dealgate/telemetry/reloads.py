"""Which catalog is in use, and what came of changes in the rules folder, as measurements."""

from collections.abc import Callable
from typing import Protocol

from dealgate.model.editions import Editions, Reload
from dealgate.model.instants import SECOND
from dealgate.telemetry import names
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.otlp import kept_pair, pair
from dealgate.telemetry.spans import Tracer


class Catalog(Protocol):
    """What decides."""

    @property
    def digest(self) -> str:
        """SHA-256 of it."""


def measured(meter: Meter, live: Editions[Catalog]) -> Callable[[Reload], None]:
    """Measure the catalog in use; return what counts a reload."""
    counter = meter.counter(names.CATALOG_RELOADS)
    meter.observe(
        names.CATALOG_EDITION,
        lambda: [(live.edition.number, (live.edition.catalog.digest,))],
    )
    meter.observe(names.CATALOG_FAULTS, lambda: [(len(live.last.faults), ())])
    meter.observe(names.CATALOG_START_TIME, lambda: [(live.edition.taken_at / SECOND, ())])

    def count(reload: Reload) -> None:
        counter.add(1, (str(reload.outcome),))

    return count


def traced(tracer: Tracer, live: Editions[Catalog]) -> Callable[[Reload], None]:
    """Return what leaves a span for a change in the rules folder."""

    def trace(reload: Reload) -> None:
        edition = live.edition
        span = tracer.start("reload rules")
        span.add(
            kept_pair(names.CATALOG_RELOAD_OUTCOME, str(reload.outcome)),
            kept_pair(names.CATALOG_EDITION_NUMBER, edition.number),
            pair(names.CATALOG_DIGEST, edition.catalog.digest),
        )
        span.end()

    return trace
