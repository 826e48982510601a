"""Where exports go: a collector over gRPC or HTTP, or the console. They block, in a thread."""

import json
import sys
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import grpc
from google.protobuf.message import DecodeError

from dealgate.telemetry.posting import Poster
from dealgate.telemetry.routes import Target
from dealgate.telemetry.verdicts import ExportVerdict, Result, Send, request_type, taken

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
RETRY_INFO = b"google.rpc.RetryInfo"


def sender(signal: str, exporter: str, target: Target) -> Send:
    """Return what sends the requests of a signal."""
    if exporter == "console":
        return _console(signal)
    return (_Grpc if target.protocol == "grpc" else Poster)(signal, target)


def closed(send: Send) -> None:
    """Close the connection that is kept; gRPC closes its own once nobody has it."""
    if isinstance(send, Poster):
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
            return Result(ExportVerdict.REJECTED, words=type(error).__name__)
        return taken(self._signal, reply)


def _channel(target: Target) -> Any:
    parts = urlsplit(target.endpoint)
    host, port = parts.hostname or "", parts.port or (443 if target.has_tls else 4317)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    # A message may be as large as one span may become; the answer says if it is too much.
    options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
    if parts.scheme != "https":
        return grpc.insecure_channel(address, options)
    paths = (target.certificate, target.client_key, target.client_certificate)
    roots, key, chain = (None if path is None else path.read_bytes() for path in paths)
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(roots, key, chain), options)


def _refused(error: Any) -> Result:
    code, words = error.code(), f"{error.code().name}: {error.details()}"[:200]
    after = _asked(error)
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        # With a delay it asks to come back; without, it is the message that is too large.
        verdict = ExportVerdict.TOO_LARGE if after is None else ExportVerdict.LATER
    else:
        verdict = ExportVerdict.LATER if code in RETRYABLE else ExportVerdict.REJECTED
    return Result(verdict, words=words, after=after or 0.0)


def _asked(error: Any) -> float | None:
    """Return how many seconds a collector asks to be left alone for; None: it does not ask."""
    details = [value for key, value in error.trailing_metadata() or () if key.endswith("-bin")]
    if not any(RETRY_INFO in value for value in details if isinstance(value, bytes)):
        return None
    # Imported here alone: few collectors ask.
    from google.rpc import error_details_pb2, status_pb2  # noqa: PLC0415

    info = error_details_pb2.RetryInfo()
    try:
        for value in details:
            for detail in status_pb2.Status.FromString(value).details:
                if detail.Unpack(info):
                    return max(float(info.retry_delay.ToTimedelta().total_seconds()), 0.0)
    except (DecodeError, OverflowError, ValueError):
        return 0.0  # it asks, and does not say for how long
    return 0.0


def _console(signal: str) -> Send:
    def send(request: bytes, _: float) -> Result:
        # Imported here alone: for people who try things out.
        from google.protobuf.json_format import MessageToDict  # noqa: PLC0415

        told = {"at": time.time_ns(), **MessageToDict(request_type(signal).FromString(request))}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        return Result(ExportVerdict.TAKEN)

    return send
