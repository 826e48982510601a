"""Where exports go: a collector over gRPC or HTTP, or the console. They block, in a thread."""

import gzip
import http.client
import json
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

import grpc
import zstandard

from dealgate.telemetry.routes import Target

METHODS: Mapping[str, str] = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
}
RETRYABLE = {
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS,
}
RETRYABLE_HTTP = {429, 502, 503, 504}
TOO_LARGE_HTTP = 413
OK_HTTP = range(200, 300)
RETRY_INFO = b"google.rpc.RetryInfo"


class Verdict(Enum):
    """What became of an export."""

    TAKEN = "taken"
    LATER = "later"
    TOO_LARGE = "too large"
    REJECTED = "rejected"


class Result(NamedTuple):
    """A verdict; of what was taken, how many were not; and what the collector said."""

    verdict: Verdict
    lost: int = 0
    words: str = ""


# Sends one request within so many seconds; never raises.
Send: TypeAlias = Callable[[bytes, float], Result]


def sender(signal: str, exporter: str, target: Target) -> Send:
    """Return what sends the requests of a signal."""
    if exporter == "console":
        return _console(signal)
    return (_Grpc if target.protocol == "grpc" else _Http)(signal, target)


def closed(send: Send) -> None:
    """Close the connection that is kept; gRPC closes its own once nobody has it."""
    if isinstance(send, _Http):
        send.close()


class _Grpc:
    """Sends over gRPC; the connection is made, and made anew, when something is sent."""

    def __init__(self, signal: str, target: Target) -> None:
        self._target = target
        self._method = METHODS[signal]
        self._signal = signal
        self._call: Any = None

    def __call__(self, request: bytes, seconds: float) -> Result:
        target = self._target
        if self._call is None:
            self._call = _channel(target).unary_unary(self._method)
        gzipped = target.compression == "gzip"
        try:
            reply = self._call(
                request,
                timeout=min(seconds, target.timeout),
                metadata=target.headers,
                compression=grpc.Compression.Gzip if gzipped else grpc.Compression.NoCompression,
            )
        except grpc.RpcError as error:
            return _refused(error)
        except ValueError as error:  # metadata that gRPC does not send
            return Result(Verdict.REJECTED, words=type(error).__name__)
        return _taken(self._signal, reply)


def _channel(target: Target) -> Any:
    parts = urlsplit(target.endpoint)
    address = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 4317)}"
    if parts.hostname and ":" in parts.hostname:
        address = f"[{parts.hostname}]:{parts.port or 4317}"
    # A message may be as large as one span may become; the answer says if it is too much.
    options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
    if parts.scheme != "https":
        return grpc.insecure_channel(address, options)
    paths = (target.certificate, target.client_key, target.client_certificate)
    roots, key, chain = (None if path is None else path.read_bytes() for path in paths)
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(roots, key, chain), options)


def _refused(error: Any) -> Result:
    code, words = error.code(), f"{error.code().name}: {error.details()}"[:200]
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        # With a delay it asks to come back; without, it is the message that is too large.
        details = [value for key, value in error.trailing_metadata() or () if key.endswith("-bin")]
        asked = any(RETRY_INFO in value for value in details if isinstance(value, bytes))
        return Result(Verdict.LATER if asked else Verdict.TOO_LARGE, words=words)
    return Result(Verdict.LATER if code in RETRYABLE else Verdict.REJECTED, words=words)


class _Http:
    """Sends over HTTP, on one connection that is kept."""

    def __init__(self, signal: str, target: Target) -> None:
        self._target = target
        self._signal = signal
        self._connection: http.client.HTTPConnection | None = None
        self._path = urlsplit(target.endpoint).path.rstrip("/") + target.path or "/"

    def __call__(self, request: bytes, seconds: float) -> Result:
        headers = {"content-type": "application/x-protobuf", **dict(self._target.headers)}
        body = request
        if self._target.compression != "none":
            headers["content-encoding"] = self._target.compression
            gzipped = self._target.compression == "gzip"
            body = gzip.compress(request, 1) if gzipped else zstandard.compress(request, 1)
        try:
            connection = self._connected(min(seconds, self._target.timeout))
            connection.request("POST", self._path, body, headers)
            response = connection.getresponse()
            reply = response.read(65_536)
        except (OSError, http.client.HTTPException, ssl.SSLError) as error:
            self.close()
            return Result(Verdict.LATER, words=type(error).__name__)
        if response.will_close:
            self.close()
        if response.status in OK_HTTP:
            return _taken(self._signal, reply)
        words = f"HTTP {response.status}"
        if response.status == TOO_LARGE_HTTP:
            return Result(Verdict.TOO_LARGE, words=words)
        later = response.status in RETRYABLE_HTTP
        return Result(Verdict.LATER if later else Verdict.REJECTED, words=words)

    def _connected(self, seconds: float) -> http.client.HTTPConnection:
        if self._connection is None:
            parts = urlsplit(self._target.endpoint)
            host, port = parts.hostname or "", parts.port
            if parts.scheme == "https":
                context = ssl.create_default_context(cafile=self._target.certificate)
                if self._target.client_certificate is not None:
                    context.load_cert_chain(
                        self._target.client_certificate, self._target.client_key
                    )
                self._connection = http.client.HTTPSConnection(host, port, context=context)
            else:
                self._connection = http.client.HTTPConnection(host, port)
        self._connection.timeout = seconds
        if self._connection.sock is not None:
            self._connection.sock.settimeout(seconds)
        return self._connection

    def close(self) -> None:
        """Give up the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _taken(signal: str, reply: bytes) -> Result:
    """Read how many of what was sent the collector did not take."""
    if not reply:
        return Result(Verdict.TAKEN)
    partial = _answer(signal, reply).partial_success
    lost = next((value for field, value in partial.ListFields() if field.number == 1), 0)
    return Result(Verdict.TAKEN, max(lost, 0), partial.error_message[:200])


def _console(signal: str) -> Send:
    def send(request: bytes, _: float) -> Result:
        # Imported here alone: for people who try things out.
        from google.protobuf.json_format import MessageToDict  # noqa: PLC0415

        told = {"at": time.time_ns(), **MessageToDict(_request(signal).FromString(request))}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        return Result(Verdict.TAKEN)

    return send


def _service(signal: str) -> Any:
    # Imported when something is exported: none of them is needed otherwise.
    from opentelemetry.proto.collector.logs.v1 import logs_service_pb2  # noqa: PLC0415
    from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2  # noqa: PLC0415
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2  # noqa: PLC0415

    modules: Mapping[str, Any] = {
        "traces": trace_service_pb2,
        "metrics": metrics_service_pb2,
        "logs": logs_service_pb2,
    }
    return modules[signal]


def _named(signal: str, end: str) -> Any:
    start = {"traces": "Trace", "metrics": "Metrics", "logs": "Logs"}[signal]
    return getattr(_service(signal), f"Export{start}Service{end}")


def _request(signal: str) -> Any:
    return _named(signal, "Request")


def _answer(signal: str, reply: bytes) -> Any:
    answer = _named(signal, "Response")()
    try:
        answer.MergeFromString(reply)
    except Exception:  # noqa: BLE001 - it was taken, whatever it said
        return _named(signal, "Response")()
    return answer
