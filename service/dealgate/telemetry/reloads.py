"""Which catalog is in use, and what came of changes in the rules folder, as measurements."""

from collections.abc import Callable
from typing import Protocol

from dealgate.model.editions import Editions, Outcome, Reload
from dealgate.model.instants import SECOND
from dealgate.telemetry import names
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.otlp import kept_pair, pair
from dealgate.telemetry.spans import Tracer

# Seconds: a small folder takes a tenth, one of dozens of large rule sets half a minute.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60)


class Catalog(Protocol):
    """What decides."""

    @property
    def digest(self) -> str:
        """SHA-256 of it."""


def measured(meter: Meter, live: Editions[Catalog]) -> Callable[[Reload], None]:
    """Measure the catalog in use; return what counts and times a reload."""
    counter = meter.counter(names.CATALOG_RELOADS)
    for outcome in Outcome:
        # Prometheus sees an increase only from a value that was there before.
        counter.add(0, (str(outcome),))
    durations = meter.histogram(names.CATALOG_RELOAD_DURATION, BUCKETS)
    meter.observe(
        names.CATALOG_EDITION,
        lambda: [(live.edition.number, (live.edition.catalog.digest,))],
    )
    meter.observe(names.CATALOG_FAULTS, lambda: [(len(live.last.faults), ())])
    meter.observe(names.CATALOG_START_TIME, lambda: [(live.edition.taken_at / SECOND, ())])

    def count(reload: Reload) -> None:
        counter.add(1, (str(reload.outcome),))
        durations.record(reload.seconds, (str(reload.outcome),))

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
