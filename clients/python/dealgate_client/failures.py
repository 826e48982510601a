"""Turns gRPC statuses into the errors of this package."""

from collections.abc import Iterable
from typing import Final, TypeVar, cast

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from dealgate_client import errors
from dealgate_client.errors import DealgateError, Violation

DETAILS: Final = "grpc-status-details-bin"
DECISION_ID: Final = "x-decision-id"
TRACE_ID: Final = "x-trace-id"
# What grpc.aio makes of a stream that breaks while it is written to; no server says this.
BROKEN: Final = ("INTERNAL", "Internal error from Core")

# A status that is not here is a fault of the server's.
ERRORS: Final[dict[str, type[DealgateError]]] = {
    "ABORTED": errors.Conflict,
    "ALREADY_EXISTS": errors.KeyReused,
    "CANCELLED": errors.Unavailable,
    "DEADLINE_EXCEEDED": errors.DeadlineExceeded,
    "FAILED_PRECONDITION": errors.PreconditionFailed,
    "INVALID_ARGUMENT": errors.InvalidQuestion,
    "NOT_FOUND": errors.NotFound,
    "OUT_OF_RANGE": errors.InvalidQuestion,
    "PERMISSION_DENIED": errors.Denied,
    "RESOURCE_EXHAUSTED": errors.TooLarge,
    "UNAUTHENTICATED": errors.Denied,
    "UNAVAILABLE": errors.Unavailable,
    "UNIMPLEMENTED": errors.Unsupported,
}
# What the server says more precisely than by the status, in its ErrorInfo.
REASONS: Final[dict[str, type[DealgateError]]] = {
    "POSITION_LOST": errors.PositionLost,
    "RESULT_EXISTS": errors.ResultExists,
    "UNKNOWN_DECISION": errors.DecisionNotFound,
    "UNKNOWN_RULE_SET": errors.RuleSetNotFound,
}

Detail = TypeVar("Detail", bound=Message)


def failed(error: grpc.RpcError) -> DealgateError:
    """Return what a failed call means to its caller."""
    trailers = _trailers(error)
    code, message = error.code().name, error.details() or ""
    if (code, message) == BROKEN:
        code, message = "UNAVAILABLE", "the server or the connection ended the stream"
    failure = _failure(code, message, _status(trailers))
    failure.decision_id = str(trailers.get(DECISION_ID, failure.decision_id))
    failure.trace_id = str(trailers.get(TRACE_ID, ""))
    return failure


def refused(status: Status) -> DealgateError:
    """Return what the status of one item in a batch means."""
    known = status.code in Code.values()
    return _failure(Code.Name(status.code) if known else "UNKNOWN", status.message, status)


def _failure(code: str, message: str, status: Status) -> DealgateError:
    kind = ERRORS.get(code, errors.ServerFault)
    delays = [info.retry_delay.ToTimedelta() for info in _details(status, RetryInfo)]
    # RESOURCE_EXHAUSTED also means a message over the limit; only a full queue names a delay.
    if kind is errors.TooLarge and delays:
        kind = errors.Overloaded
    decision_id = ""
    for info in _details(status, ErrorInfo):
        kind = REASONS.get(info.reason, kind)
        decision_id = info.metadata.get("decision_id", "")
    failure = kind(message, code, decision_id)
    failure.retry_after = delays[0].total_seconds() if delays else None
    failure.violations = tuple(
        Violation(violation.field, violation.description)
        for detail in _details(status, BadRequest)
        for violation in detail.field_violations
    )
    return failure


def _trailers(error: grpc.RpcError) -> dict[str, str | bytes]:
    # The stubs give the pairs of blocking calls a type of their own, and those of aio another.
    return dict(cast("Iterable[tuple[str, str | bytes]]", error.trailing_metadata() or ()))


def _status(trailers: dict[str, str | bytes]) -> Status:
    packed = trailers.get(DETAILS, b"")
    try:
        return Status.FromString(packed if isinstance(packed, bytes) else b"")
    except DecodeError:
        return Status()


def _details(status: Status, wanted: type[Detail]) -> Iterable[Detail]:
    for packed in status.details:
        detail = wanted()
        if packed.Is(wanted.DESCRIPTOR) and packed.Unpack(detail):
            yield detail
