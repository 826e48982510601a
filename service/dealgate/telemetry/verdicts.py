"""What became of an export, and what collectors answer."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple, TypeAlias


class ExportVerdict(Enum):
    """What became of an export."""

    TAKEN = "taken"
    LATER = "later"
    TOO_LARGE = "too large"
    REJECTED = "rejected"


class Result(NamedTuple):
    """A verdict; of what was taken, how many were not; and what the collector said.

    `after`: seconds that it asks to be left alone for.
    """

    verdict: ExportVerdict
    lost: int = 0
    words: str = ""
    after: float = 0.0


# Sends one request within so many seconds; never raises.
Send: TypeAlias = Callable[[bytes, float], Result]


def taken(signal: str, reply: bytes) -> Result:
    """Read how many of what was sent the collector did not take."""
    if not reply:
        return Result(ExportVerdict.TAKEN)
    partial = answer_of(signal, reply).partial_success
    lost = next((value for field, value in partial.ListFields() if field.number == 1), 0)
    return Result(ExportVerdict.TAKEN, max(lost, 0), partial.error_message[:200])


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


def request_type(signal: str) -> Any:
    """Return the message that exports a signal."""
    return _named(signal, "Request")


def answer_of(signal: str, reply: bytes) -> Any:
    """Return what a collector answered; what cannot be read says nothing."""
    answer = _named(signal, "Response")()
    try:
        answer.MergeFromString(reply)
    except Exception:  # noqa: BLE001 - it was taken, whatever it said
        return _named(signal, "Response")()
    return answer
