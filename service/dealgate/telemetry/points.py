"""Metrics as OTLP writes them."""

from collections.abc import Iterator, Mapping

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb

from dealgate.telemetry.instruments import OVERFLOW, Buckets, Labels, Reading
from dealgate.telemetry.metric import Metric
from dealgate.telemetry.otlp import with_length

POINTS = 200  # of one metric in one message; the rest go into the next
CUMULATIVE = pb.AGGREGATION_TEMPORALITY_CUMULATIVE


def encoded(reading: Reading, started: int, now: int) -> Iterator[bytes]:
    """Yield a metric as fields of ScopeMetrics; instants are nanoseconds since the epoch."""
    every: Mapping[Labels | None, float | Buckets] = reading.buckets or reading.numbers
    cells = sorted(every.items(), key=_order)
    for start in range(0, len(cells), POINTS):
        part = dict(cells[start : start + POINTS])
        message = pb.Metric(
            name=reading.metric.name, unit=reading.metric.unit, description=reading.metric.brief
        )
        if reading.buckets:
            _fill_histogram(message, reading, part, started, now)
        else:
            _fill_numbers(message, reading.metric, part, started, now)
        yield b"\x12" + with_length(message.SerializeToString())


def _order(cell: tuple[Labels | None, object]) -> tuple[bool, str]:
    return cell[0] is None, str(cell[0])


def attributes(metric: Metric, labels: Labels | None) -> dict[str, str | int | bool]:
    """Return the attributes of a series; those without a value are left out."""
    if labels is None:
        return {OVERFLOW: True}
    pairs = zip(metric.attributes, labels, strict=True)
    return {name: value for name, value in pairs if value is not None}


def _key_values(metric: Metric, labels: Labels | None) -> Iterator[KeyValue]:
    for key, value in attributes(metric, labels).items():
        if isinstance(value, bool):
            yield KeyValue(key=key, value=AnyValue(bool_value=value))
        elif isinstance(value, int):
            yield KeyValue(key=key, value=AnyValue(int_value=value))
        else:
            yield KeyValue(key=key, value=AnyValue(string_value=value))


def _fill_numbers(
    message: pb.Metric,
    metric: Metric,
    cells: Mapping[Labels | None, float | Buckets],
    started: int,
    now: int,
) -> None:
    points = message.gauge.data_points
    if metric.instrument == "counter":
        message.sum.aggregation_temporality = CUMULATIVE
        message.sum.is_monotonic = True
        points = message.sum.data_points
    for labels, value in cells.items():
        point = points.add(time_unix_nano=now, attributes=_key_values(metric, labels))
        if metric.instrument == "counter":
            point.start_time_unix_nano = started
        if isinstance(value, int):
            point.as_int = value
        elif isinstance(value, float):
            point.as_double = value


def _fill_histogram(
    message: pb.Metric,
    reading: Reading,
    cells: Mapping[Labels | None, float | Buckets],
    started: int,
    now: int,
) -> None:
    message.histogram.aggregation_temporality = CUMULATIVE
    for labels, cell in cells.items():
        if not isinstance(cell, Buckets):
            continue
        counts = list(cell.counts)
        point = message.histogram.data_points.add(
            start_time_unix_nano=started,
            time_unix_nano=now,
            attributes=_key_values(reading.metric, labels),
            count=sum(counts),
            sum=cell.total,
            bucket_counts=counts,
            explicit_bounds=reading.bounds,
        )
        for value, at, trace_id, span_id in filter(None, cell.exemplars):
            point.exemplars.add(
                time_unix_nano=at, as_double=value, trace_id=trace_id, span_id=span_id
            )
