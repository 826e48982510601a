"""Metrics for Prometheus to scrape: text or OpenMetrics, the latter with exemplars."""

import threading
from collections.abc import Callable, Iterator
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar

from dealgate.telemetry import metric as declared
from dealgate.telemetry.instruments import Buckets, Meter, Reading
from dealgate.telemetry.points import attributes
from dealgate.telemetry.routes import Resource

UNITS = {"s": "seconds", "By": "bytes"}


def listen(address: str, meter: Meter, resource: Resource) -> Callable[[], None]:
    """Serve /metrics on host:port; return what ends it. Raises OSError if the port is taken."""
    host, _, port = address.rpartition(":")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Scraped(meter, resource))
    server, thread = start_http_server(int(port), host.strip("[]"), registry)

    def close() -> None:
        _close(server, thread)

    return close


def _close(server: WSGIServer, thread: threading.Thread) -> None:
    server.shutdown()
    server.server_close()
    thread.join()


def prometheus_name(metric: declared.Metric) -> str:
    """Return what Prometheus calls a metric, without the suffix of a counter."""
    name = metric.name.replace(".", "_")
    unit = UNITS.get(metric.unit)
    return name if unit is None or name.endswith(unit) else f"{name}_{unit}"


class Scraped(Collector):
    """Reads a meter for each scrape."""

    def __init__(self, meter: Meter, resource: Resource) -> None:
        self._meter = meter
        self._resource = {_label(key): str(value) for key, value in resource.items()}

    def collect(self) -> Iterator[Metric]:
        """Yield every metric that has been measured."""
        yield InfoMetricFamily("target", "What is scraped.", self._resource)
        for reading in self._meter.read():
            yield _family(reading)


def _family(reading: Reading) -> Metric:
    metric = reading.metric
    name = prometheus_name(metric)
    if reading.buckets:
        family = HistogramMetricFamily(name, metric.brief)
        for labels, cell in reading.buckets.items():
            _add_buckets(family, reading, _labels(metric, labels), cell)
        return family
    kind = CounterMetricFamily if metric.instrument == "counter" else GaugeMetricFamily
    numbers = kind(name, metric.brief)
    suffix = "_total" if metric.instrument == "counter" else ""
    for labels, value in reading.numbers.items():
        numbers.add_sample(name + suffix, _labels(metric, labels), value)
    return numbers


def _add_buckets(family: Metric, reading: Reading, labels: dict[str, str], cell: Buckets) -> None:
    name, so_far = family.name, 0
    counts = list(cell.counts)
    for bound, count, exemplar in zip(
        (*map(str, reading.bounds), "+Inf"), counts, cell.exemplars, strict=True
    ):
        so_far += count
        told = None
        if exemplar is not None:
            value, at, trace_id, span_id = exemplar
            ids = {"trace_id": trace_id.hex(), "span_id": span_id.hex()}
            told = Exemplar(ids, value, at / 1e9)
        family.add_sample(f"{name}_bucket", labels | {"le": bound}, so_far, exemplar=told)
    family.add_sample(f"{name}_count", labels, so_far)
    family.add_sample(f"{name}_sum", labels, cell.total)


def _labels(metric: declared.Metric, labels: tuple[str | int | None, ...] | None) -> dict[str, str]:
    pairs = attributes(metric, labels)
    return {_label(key): _value(value) for key, value in pairs.items()}


def _label(key: str) -> str:
    return key.replace(".", "_")


def _value(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
