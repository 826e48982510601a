"""Counters, gauges and histograms: a few additions each, read when somebody asks.

A histogram remembers, in each bucket, the newest trace that fell into it (an exemplar). A metric
holds so many series and no more: what comes beyond that is counted together.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

from dealgate.aside.lasting import Outlived
from dealgate.telemetry.limits import SERIES
from dealgate.telemetry.metric import Metric
from dealgate.telemetry.spans import CURRENT, Span

# Values of a metric's attributes, in their order; None: it has none.
Labels: TypeAlias = tuple[str | int | None, ...]
OVERFLOW = "otel.metric.overflow"
# Values, each with those of its attributes; None: of all series beyond the limit.
Observe: TypeAlias = Callable[[], Iterable[tuple[float, Labels | None]]]


# A measurement, when it was made, and in which trace and span.
Exemplar: TypeAlias = tuple[float, int, bytes, bytes]


class Readable(Protocol):
    """What can be read when somebody asks."""

    def read(self) -> Iterable[tuple[float, Labels | None]]:
        """Return values, each with those of its attributes."""


Own = TypeVar("Own", bound=Readable)


@dataclass(slots=True)
class Buckets:
    """One series of a histogram."""

    counts: list[int]
    exemplars: list[Exemplar | None]
    total: float = 0.0


class Counter:
    """Grows."""

    def __init__(self, limit: int = SERIES) -> None:
        self.cells: dict[Labels | None, float] = {}
        self._limit = limit

    def add(self, value: float, labels: Labels | None = ()) -> None:
        """Add to one series; beyond the limit to that of all others (None)."""
        cells = self.cells
        if labels in cells:
            cells[labels] += value
        elif labels is not None and len(cells) < self._limit:
            cells[labels] = value
        else:
            cells[None] = cells.get(None, 0) + value


class Histogram:
    """Counts in buckets."""

    def __init__(
        self, bounds: Sequence[float], limit: int = SERIES, *, exemplars: bool = True
    ) -> None:
        self.bounds = tuple(bounds)
        self._exemplars = exemplars
        self.cells: dict[Labels | None, Buckets] = {}
        self._limit = limit

    def record(self, value: float, labels: Labels = (), span: Span | None = None) -> None:
        """Count a measurement; `span` is where, if not the current one."""
        cell = self.cells.get(labels)
        if cell is None:
            cell = self._begun(labels)
        index = bisect_left(self.bounds, value)
        cell.counts[index] += 1
        cell.total += value
        where = span or CURRENT.get()
        if where is not None and where.is_recording and self._exemplars:
            cell.exemplars[index] = (value, time.time_ns(), where.trace_id, where.span_id)

    def begin(self, labels: Labels = ()) -> None:
        """Count from 0 on: a scrape before anything happened gets 0, and not nothing."""
        self._begun(labels)

    def _begun(self, labels: Labels) -> Buckets:
        key = labels if len(self.cells) < self._limit else None
        many = len(self.bounds) + 1
        return self.cells.setdefault(key, Buckets([0] * many, [None] * many))


class NoCounter(Counter):
    """Counts where nobody asks."""

    def add(self, value: float, labels: Labels | None = ()) -> None:
        """Forget it."""


class NoHistogram(Histogram):
    """Measures where nobody asks."""

    def record(self, value: float, labels: Labels = (), span: Span | None = None) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric as it stands: numbers or buckets by the values of its attributes."""

    metric: Metric
    numbers: Mapping[Labels | None, float] = field(default_factory=dict)
    bounds: tuple[float, ...] = ()
    buckets: Mapping[Labels | None, Buckets] = field(default_factory=dict)


class Meter:
    """Makes instruments, and reads them all."""

    def __init__(
        self, *, is_on: bool, exemplars: bool = True, settle: Callable[[], None] = lambda: None
    ) -> None:
        """Off: instruments forget. `settle` is called before they are read."""
        self.is_on = is_on
        self._settle = settle
        self.exemplars = exemplars
        self.started = time.time_ns()
        self._counters: dict[Metric, Counter] = {}
        self._histograms: dict[Metric, Histogram] = {}
        self._observed: dict[Metric, tuple[Observe, Outlived]] = {}
        self._owned: dict[Metric, Any] = {}

    def counter(self, metric: Metric, limit: int = SERIES) -> Counter:
        """Return the counter of a metric."""
        if not self.is_on:
            return NoCounter()
        return self._counters.setdefault(metric, Counter(limit))

    def histogram(self, metric: Metric, bounds: Sequence[float], limit: int = SERIES) -> Histogram:
        """Return the histogram of a metric."""
        if not self.is_on:
            return NoHistogram(())
        made = Histogram(bounds, limit, exemplars=self.exemplars)
        return self._histograms.setdefault(metric, made)

    def observe(self, metric: Metric, observe: Observe) -> None:
        """Measure a gauge, or a counter that somebody else keeps, when it is read."""
        if self.is_on:
            self._observed[metric] = observe, Outlived(f"measuring {metric.name}")

    def own(self, metric: Metric, make: Callable[[], Own]) -> Own:
        """Return the instrument that counts a metric in its own way; it is made once."""
        if metric not in self._owned:
            made = make()
            self._owned[metric] = made
            self.observe(metric, made.read)
        instrument: Own = self._owned[metric]
        return instrument

    def read(self) -> list[Reading]:
        """Return every metric that has been measured. From any thread."""
        self._settle()
        readings = [Reading(metric, dict(c.cells)) for metric, c in list(self._counters.items())]
        for metric, histogram in list(self._histograms.items()):
            readings.append(Reading(metric, {}, histogram.bounds, dict(histogram.cells)))
        for metric, (observe, failures) in list(self._observed.items()):
            with failures:  # the others are read whatever one of them raises
                readings.append(Reading(metric, _bounded(observe())))
        return [reading for reading in readings if reading.numbers or reading.buckets]


def _bounded(observed: Iterable[tuple[float, Labels | None]]) -> Mapping[Labels | None, float]:
    """Return what was observed, by series; what comes beyond the limit is added together."""
    numbers = Counter()
    for value, labels in observed:
        numbers.add(value, labels)
    return numbers.cells
