"""An OTLP collector that keeps what it is sent."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Receiver:
    """Listens on a free port; `raw` holds every message as bytes, `resources` whose they were.

    `lose`: of every export of spans it says that so many were not taken. `refuse`: it answers with
    this status. `limit`: what is longer is refused, as collectors do beyond 4 MiB.
    """

    def __init__(self, limit: int = 4 * 1024 * 1024) -> None:
        """Start."""
        self.lose = 0
        self.refuse: grpc.StatusCode | None = None
        self.logs: list[LogRecord] = []
        self.schemas: set[str] = set()
        self.spans: list[Span] = []
        self.metrics: list[Metric] = []
        self.resources: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        options = [("grpc.max_receive_message_length", limit)]
        self._server = grpc.server(ThreadPoolExecutor(1), options=options)
        # OTLP's generated code has no types.
        grpc_of: Any = trace_service_pb2_grpc
        grpc_of.add_TraceServiceServicer_to_server(Traces(self), self._server)
        grpc_of = metrics_service_pb2_grpc
        grpc_of.add_MetricsServiceServicer_to_server(Metrics(self), self._server)
        grpc_of = logs_service_pb2_grpc
        grpc_of.add_LogsServiceServicer_to_server(Logs(self), self._server)
        self.endpoint = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def close(self) -> None:
        """Stop."""
        self._server.stop(0).wait()

    def named(self, name: str) -> list[Span]:
        """Return the spans of this name, in the order they ended."""
        return [span for span in self.spans if span.name == name]

    def events(self, name: str) -> list[LogRecord]:
        """Return the log events of this name."""
        return [record for record in self.logs if record.event_name == name]

    def metric(self, name: str) -> Metric:
        """Return the last state of a metric."""
        return [metric for metric in self.metrics if metric.name == name][-1]


class Traces(trace_service_pb2_grpc.TraceServiceServicer):
    """Takes spans."""

    def __init__(self, receiver: Receiver) -> None:
        """Fill `receiver`."""
        self._receiver = receiver

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - OTLP's name
        """Keep the spans."""
        if self._receiver.refuse is not None:
            context.abort(self._receiver.refuse, "no")
        self._receiver.raw.append(request.SerializeToString())
        for of_resource in request.resource_spans:
            self._receiver.resources.append(attributes(of_resource.resource.attributes))
            for scope in of_resource.scope_spans:
                self._receiver.spans += scope.spans
                self._receiver.schemas.add(scope.schema_url)
        response = trace_service_pb2.ExportTraceServiceResponse()
        if self._receiver.lose:
            response.partial_success.rejected_spans = self._receiver.lose
        return response


class Logs(logs_service_pb2_grpc.LogsServiceServicer):
    """Takes log records."""

    def __init__(self, receiver: Receiver) -> None:
        """Fill `receiver`."""
        self._receiver = receiver

    def Export(self, request: Any, _: Any) -> Any:  # noqa: N802 - OTLP's name
        """Keep the records."""
        self._receiver.raw.append(request.SerializeToString())
        for of_resource in request.resource_logs:
            for scope in of_resource.scope_logs:
                self._receiver.logs += scope.log_records
        return logs_service_pb2.ExportLogsServiceResponse()


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
