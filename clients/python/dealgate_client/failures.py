"""Turns gRPC statuses into the errors of this package."""

from collections.abc import Iterable
from typing import Final, TypeVar, cast

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from google.rpc.status_pb2 import Status

from dealgate_client import errors
from dealgate_client.errors import DealgateError, NotFound, Violation

DETAILS: Final = "grpc-status-details-bin"
DECISION_ID: Final = "dealgate-decision-id"
TRACE_ID: Final = "dealgate-trace-id"

# NOT_FOUND depends on the call; any other status that is not here is a fault of the server's.
ERRORS: Final[dict[str, type[DealgateError]]] = {
    "ALREADY_EXISTS": errors.KeyReused,
    "CANCELLED": errors.Unavailable,
    "DEADLINE_EXCEEDED": errors.DeadlineExceeded,
    "FAILED_PRECONDITION": errors.PreconditionFailed,
    "INVALID_ARGUMENT": errors.InvalidQuestion,
    "OUT_OF_RANGE": errors.InvalidQuestion,
    "PERMISSION_DENIED": errors.Denied,
    "RESOURCE_EXHAUSTED": errors.TooLarge,
    "UNAUTHENTICATED": errors.Denied,
    "UNAVAILABLE": errors.Unavailable,
    "UNIMPLEMENTED": errors.Unsupported,
}

Detail = TypeVar("Detail", bound=Message)


def failed(error: grpc.RpcError, absent: type[NotFound]) -> DealgateError:
    """Return what a failed call means to its caller; `absent` is what NOT_FOUND means to it."""
    trailers = _trailers(error)
    failure = _failure(error.code().name, error.details() or "", _status(trailers), absent)
    failure.decision_id = str(trailers.get(DECISION_ID, ""))
    failure.trace_id = str(trailers.get(TRACE_ID, ""))
    return failure


def refused(status: Status) -> DealgateError:
    """Return what the status of one item in a batch means."""
    known = status.code in Code.values()
    code = Code.Name(status.code) if known else "UNKNOWN"
    return _failure(code, status.message, status, errors.RuleSetNotFound)


def _failure(code: str, message: str, status: Status, absent: type[NotFound]) -> DealgateError:
    kind = absent if code == "NOT_FOUND" else ERRORS.get(code, errors.ServerFault)
    delays = [info.retry_delay.ToTimedelta() for info in _details(status, RetryInfo)]
    # RESOURCE_EXHAUSTED also means a message over the limit; only a full queue names a delay.
    if kind is errors.TooLarge and delays:
        kind = errors.Overloaded
    failure = kind(message, code)
    failure.retry_after = delays[0].total_seconds() if delays else None
    failure.violations = tuple(
        Violation(found.field, found.description)
        for detail in _details(status, BadRequest)
        for found in detail.field_violations
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
