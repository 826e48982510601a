"""The one table from our errors to gRPC statuses and the details they carry."""

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure, RetryInfo
from google.rpc.status_pb2 import Status

from dealgate.model.errors import (
    ActivityChanged,
    BadQuestion,
    Crashed,
    DealgateError,
    EntityFull,
    Expired,
    Forbidden,
    KeyReused,
    Later,
    NotReleased,
    NotServed,
    NotSound,
    Overloaded,
    PositionLost,
    RecordDamaged,
    ReleaseRefused,
    ResultExists,
    RulesBehind,
    RuleSetUnusable,
    RulesFailed,
    ScopesOverlap,
    Stale,
    SubjectErased,
    SwitchedOff,
    TimedOut,
    TooLarge,
    TurnTaken,
    Unauthenticated,
    Unavailable,
    UnknownDecision,
    UnknownRuleSet,
)
from dealgate.model.shown import visible

DOMAIN = "dealgate"
# A status travels in HTTP/2 trailers, which gRPC peers may refuse above 8 KiB.
MESSAGE_LENGTH = 1024
VIOLATIONS_BYTES = 4096
CODES = {code.value[0]: code for code in grpc.StatusCode}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Row:
    """What an error becomes; `details` returns messages of google.rpc.error_details."""

    code: grpc.StatusCode
    details: Callable[[Any], Sequence[Message]] = lambda _: ()


def _violations(error: BadQuestion) -> Sequence[Message]:
    """Name as many fields as a status may hold, and say how many are left out."""
    shown, size = BadRequest(), 0
    for violation in error.violations:
        field_violation = BadRequest.FieldViolation(
            field=visible(violation.field), description=visible(violation.description, keep="\n")
        )
        size += field_violation.ByteSize() + 3
        if size > VIOLATIONS_BYTES:
            break
        shown.field_violations.append(field_violation)
    left_out = len(error.violations) - len(shown.field_violations)
    if left_out:
        shown.field_violations.add(field="*", description=f"{left_out} more are not shown")
    return (shown,)


def _precondition(error: RuleSetUnusable) -> Sequence[Message]:
    failure = PreconditionFailure()
    failure.violations.add(type="RULE_SET", subject=error.subject, description=error.fault)
    return (failure,)


def _faults(error: NotSound) -> Sequence[Message]:
    """Name as many faults as a status may hold, and say how many are left out."""
    failure, size = PreconditionFailure(), 0
    for found in error.found:
        told = f"{found.message}; {found.hint}" if found.hint else found.message
        violation = PreconditionFailure.Violation(
            type="RULE_FILE", subject=str(found.location), description=told
        )
        size += violation.ByteSize() + 3
        if size > VIOLATIONS_BYTES:
            break
        failure.violations.append(violation)
    left_out = len(error.found) - len(failure.violations)
    if left_out:
        failure.violations.add(
            type="RULE_FILE", subject="*", description=f"{left_out} more are not shown"
        )
    return (failure,)


def _retry(error: Later) -> Sequence[Message]:
    delay = Duration()
    delay.FromNanoseconds(round(error.retry_after * 1e9))
    return (RetryInfo(retry_delay=delay),)


TABLE: Mapping[type[DealgateError], Row] = {
    BadQuestion: Row(grpc.StatusCode.INVALID_ARGUMENT, _violations),
    Unauthenticated: Row(grpc.StatusCode.UNAUTHENTICATED),
    Forbidden: Row(grpc.StatusCode.PERMISSION_DENIED),
    UnknownRuleSet: Row(grpc.StatusCode.NOT_FOUND),
    NotServed: Row(grpc.StatusCode.UNIMPLEMENTED),
    SwitchedOff: Row(grpc.StatusCode.PERMISSION_DENIED),
    NotSound: Row(grpc.StatusCode.FAILED_PRECONDITION, _faults),
    UnknownDecision: Row(grpc.StatusCode.NOT_FOUND),
    RecordDamaged: Row(grpc.StatusCode.DATA_LOSS),
    SubjectErased: Row(grpc.StatusCode.FAILED_PRECONDITION),
    RuleSetUnusable: Row(grpc.StatusCode.FAILED_PRECONDITION, _precondition),
    NotReleased: Row(grpc.StatusCode.FAILED_PRECONDITION, _precondition),
    ReleaseRefused: Row(grpc.StatusCode.FAILED_PRECONDITION, _precondition),
    RulesFailed: Row(grpc.StatusCode.FAILED_PRECONDITION, _precondition),
    ScopesOverlap: Row(grpc.StatusCode.FAILED_PRECONDITION, _precondition),
    KeyReused: Row(grpc.StatusCode.ALREADY_EXISTS),
    ResultExists: Row(grpc.StatusCode.ALREADY_EXISTS),
    TurnTaken: Row(grpc.StatusCode.ABORTED),
    Stale: Row(grpc.StatusCode.ABORTED),
    ActivityChanged: Row(grpc.StatusCode.ALREADY_EXISTS),
    EntityFull: Row(grpc.StatusCode.FAILED_PRECONDITION),
    PositionLost: Row(grpc.StatusCode.OUT_OF_RANGE),
    Overloaded: Row(grpc.StatusCode.RESOURCE_EXHAUSTED, _retry),
    Unavailable: Row(grpc.StatusCode.UNAVAILABLE, _retry),
    RulesBehind: Row(grpc.StatusCode.UNAVAILABLE, _retry),
    Expired: Row(grpc.StatusCode.DEADLINE_EXCEEDED),
    TimedOut: Row(grpc.StatusCode.DEADLINE_EXCEEDED),
    TooLarge: Row(grpc.StatusCode.RESOURCE_EXHAUSTED),
}


def status_of(error: Exception, decision_id: str = "") -> Status:
    """Return the status for the caller.

    An unknown error, a defect, or what only an operator may read, is only logged.
    """
    if not (isinstance(error, DealgateError) and type(error) in TABLE):
        return _internal(error, decision_id)
    row = TABLE[type(error)]
    details = [_info(error.reason, decision_id), *row.details(error)]
    return _status(row.code, str(error), details)


def _internal(error: Exception, decision_id: str) -> Status:
    # The frames tell where; the message of a stranger's exception may hold a fact's value.
    frames = "".join(traceback.format_tb(error.__traceback__))
    what = type(error).__qualname__
    if isinstance(error, DealgateError):
        what += f": {error}"
    if isinstance(error, Crashed) and error.frames:
        frames = error.frames
    log.error("decision %s: %s\n%s", decision_id or "-", what, frames)
    message = "internal error; see the server's log"
    message += f" under decision {decision_id}" if decision_id else ""
    return _status(grpc.StatusCode.INTERNAL, message, [_info("INTERNAL", decision_id)])


def _status(code: grpc.StatusCode, message: str, details: Sequence[Message]) -> Status:
    packed = [AnyMessage() for _ in details]
    for box, detail in zip(packed, details, strict=True):
        box.Pack(detail)
    # Clients print it: what a caller calls a kind, a rule set or a field may be an escape.
    message = visible(message, keep="\n")
    if len(message) > MESSAGE_LENGTH:
        message = message[: MESSAGE_LENGTH - 1] + "…"
    return Status(code=code.value[0], message=message, details=packed)


def _info(reason: str, decision_id: str) -> ErrorInfo:
    metadata = {"decision_id": decision_id} if decision_id else {}
    return ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata)
