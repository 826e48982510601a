"""An OTLP collector that keeps what it is sent."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Receiver:
    """Listens on a free port; `raw` holds every message as bytes, `resources` whose they were."""

    def __init__(self) -> None:
        """Start."""
        self.spans: list[Span] = []
        self.metrics: list[Metric] = []
        self.resources: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self._server = grpc.server(ThreadPoolExecutor(1))
        # OTLP's generated code has no types.
        grpc_of: Any = trace_service_pb2_grpc
        grpc_of.add_TraceServiceServicer_to_server(Traces(self), self._server)
        grpc_of = metrics_service_pb2_grpc
        grpc_of.add_MetricsServiceServicer_to_server(Metrics(self), self._server)
        self.endpoint = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def close(self) -> None:
        """Stop."""
        self._server.stop(0).wait()

    def named(self, name: str) -> list[Span]:
        """Return the spans of this name, in the order they ended."""
        return [span for span in self.spans if span.name == name]

    def metric(self, name: str) -> Metric:
        """Return the last state of a metric."""
        return [metric for metric in self.metrics if metric.name == name][-1]


class Traces(trace_service_pb2_grpc.TraceServiceServicer):
    """Takes spans."""

    def __init__(self, receiver: Receiver) -> None:
        """Fill `receiver`."""
        self._receiver = receiver

    def Export(self, request: Any, _: Any) -> Any:  # noqa: N802 - OTLP's name
        """Keep the spans."""
        self._receiver.raw.append(request.SerializeToString())
        for of_resource in request.resource_spans:
            self._receiver.resources.append(attributes(of_resource.resource.attributes))
            for scope in of_resource.scope_spans:
                self._receiver.spans += scope.spans
        return trace_service_pb2.ExportTraceServiceResponse()


class Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
    """Takes measurements."""

    def __init__(self, receiver: Receiver) -> None:
        """Fill `receiver`."""
        self._receiver = receiver

    def Export(self, request: Any, _: Any) -> Any:  # noqa: N802 - OTLP's name
        """Keep the metrics."""
        self._receiver.raw.append(request.SerializeToString())
        for of_resource in request.resource_metrics:
            for scope in of_resource.scope_metrics:
                self._receiver.metrics += scope.metrics
        return metrics_service_pb2.ExportMetricsServiceResponse()


def attributes(pairs: Any) -> dict[str, Any]:
    """Return OTLP's attributes as a dictionary."""
    given: list[KeyValue] = list(pairs)
    return {pair.key: _value(pair.value) for pair in given}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind or "string_value")
