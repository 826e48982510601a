"""What a failed call raises."""

import pickle
from typing import Any, NoReturn

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo

from clients.python.tests.conftest import Ask
from clients.python.tests.stand_in import StandIn, fail, hang
from dealgate_client import (
    Client,
    Conflict,
    DeadlineExceeded,
    DealgateError,
    DecisionNotFound,
    Denied,
    InvalidQuestion,
    KeyReused,
    Lead,
    NotFound,
    Overloaded,
    PreconditionFailed,
    Retry,
    RuleSetNotFound,
    ServerFault,
    TooLarge,
    Unavailable,
    Unsupported,
    Violation,
)
from dealgate_client.failures import failed

LEAD = Lead(id="00Q1")
ERRORS = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidQuestion,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.FAILED_PRECONDITION: PreconditionFailed,
    grpc.StatusCode.ALREADY_EXISTS: KeyReused,
    grpc.StatusCode.PERMISSION_DENIED: Denied,
    grpc.StatusCode.UNAUTHENTICATED: Denied,
    grpc.StatusCode.RESOURCE_EXHAUSTED: TooLarge,
    grpc.StatusCode.UNIMPLEMENTED: Unsupported,
    grpc.StatusCode.INTERNAL: ServerFault,
    grpc.StatusCode.UNKNOWN: ServerFault,
    grpc.StatusCode.DATA_LOSS: ServerFault,
    grpc.StatusCode.ABORTED: Conflict,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
}


@pytest.mark.parametrize(("code", "error"), ERRORS.items(), ids=str)
def test_a_status_that_a_retry_cannot_mend_is_raised_at_once(
    ask: Ask, server: StandIn, code: grpc.StatusCode, error: type[DealgateError]
) -> None:
    """One call reaches the server, and its status becomes an error of this package."""
    server.then(fail(code))
    with pytest.raises(error) as caught:
        ask(lambda client: client.score_lead(lead=LEAD))
    assert len(server.received) == 1
    assert type(caught.value) is error
    assert caught.value.code == code.name
    assert caught.value.message == f"as scripted: {code.name}"
    assert isinstance(caught.value.__cause__, grpc.RpcError)


def test_an_invalid_question_names_every_field(ask: Ask, server: StandIn) -> None:
    """The violations of the rich status are on the error, and readable in its text."""
    violations = [
        BadRequest.FieldViolation(field="lead.id", description="is required"),
        BadRequest.FieldViolation(field="activities[3].at", description="is after as_of"),
    ]
    code = grpc.StatusCode.INVALID_ARGUMENT
    server.then(fail(code, RetryInfo(), BadRequest(field_violations=violations)))
    with pytest.raises(InvalidQuestion) as caught:
        ask(lambda client: client.score_lead(lead=Lead()))
    assert caught.value.violations == (
        Violation("lead.id", "is required"),
        Violation("activities[3].at", "is after as_of"),
    )
    assert str(caught.value).splitlines()[1:] == [
        "  lead.id: is required",
        "  activities[3].at: is after as_of",
    ]


def test_an_error_carries_decision_id_and_trace_id(ask: Ask, server: StandIn) -> None:
    """Both come from the trailers, so that a failed call can be found in the traces."""
    trailers = (("x-decision-id", "0192"), ("x-trace-id", "4bf9"))
    server.then(fail(grpc.StatusCode.INTERNAL, trailers=trailers))
    with pytest.raises(ServerFault) as caught:
        ask(lambda client: client.score_lead(lead=LEAD))
    assert (caught.value.decision_id, caught.value.trace_id) == ("0192", "4bf9")


def test_damaged_details_do_not_hide_the_error(ask: Ask, server: StandIn) -> None:
    """A rich status that cannot be read costs its details, not the status itself."""

    def garbled(_request: object, context: grpc.ServicerContext) -> NoReturn:
        context.set_trailing_metadata((("grpc-status-details-bin", b"\xff\xff\xff"),))
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "in plain words")

    server.then(garbled)
    with pytest.raises(InvalidQuestion, match="in plain words") as caught:
        ask(lambda client: client.score_lead(lead=LEAD))
    assert caught.value.violations == ()


UNKNOWN = {"UNKNOWN_DECISION": DecisionNotFound, "UNKNOWN_RULE_SET": RuleSetNotFound}


@pytest.mark.parametrize(("reason", "error"), UNKNOWN.items())
def test_not_found_says_what_was_not_found(
    ask: Ask, server: StandIn, reason: str, error: type[NotFound]
) -> None:
    """The server's reason tells a missing decision from a missing rule set; both are NotFound."""
    info = ErrorInfo(reason=reason, metadata={"decision_id": "0192"})
    server.then(fail(grpc.StatusCode.NOT_FOUND, info))
    with pytest.raises(NotFound) as caught:
        ask(lambda client: client.get_decision("0192"))
    assert (type(caught.value), caught.value.decision_id) == (error, "0192")


def test_a_call_ends_at_its_deadline_and_is_not_repeated(ask: Ask, server: StandIn) -> None:
    """Without an answer in time the call fails once, with DeadlineExceeded."""
    server.then(hang)
    with pytest.raises(DeadlineExceeded):
        ask(lambda client: client.score_lead(lead=LEAD, timeout=0.2))
    assert len(server.received) == 1


def test_every_call_has_a_deadline(ask: Ask, server: StandIn) -> None:
    """5 s by default, else what the client was made with, else what the call says."""
    ask(lambda client: client.score_lead(lead=LEAD))
    ask(lambda client: client.list_rule_sets())
    ask(lambda client: client.score_lead(lead=LEAD), timeout=50)
    ask(lambda client: client.score_lead(lead=LEAD, timeout=500))
    left = [call.seconds_left for call in server.received]
    assert all(seconds is not None for seconds in left)
    assert [len(f"{seconds:.0f}") for seconds in left] == [1, 1, 2, 3]


def test_overload_says_for_how_long(ask: Ask, server: StandIn) -> None:
    """When the attempts are used up, the error carries the server's last delay in seconds."""
    delay = RetryInfo(retry_delay=Duration(nanos=2_000_000))
    server.then(*[fail(grpc.StatusCode.RESOURCE_EXHAUSTED, delay)] * 4)
    with pytest.raises(Overloaded) as caught:
        ask(lambda client: client.score_lead(lead=LEAD))
    assert caught.value.retry_after == 0.002


def test_nobody_there_is_unavailable() -> None:
    """A refused connection is an error of this package like any other."""
    with Client("localhost:1", retry=Retry(attempts=1)) as client, pytest.raises(Unavailable):
        client.score_lead(lead=LEAD)


async def test_a_connection_that_goes_while_it_is_written_to_is_unavailable() -> None:
    """Like any lost connection: the INTERNAL is gRPC's own, and no fault of the server."""
    async with grpc.aio.insecure_channel("localhost:1") as channel:
        call: Any = channel.stream_stream("/dealgate.v1.DecisionService/StreamDecide")()
        # What gRPC does when its core takes no more of a stream that has broken.
        call._cython_call.set_internal_error("Failed grpc_call_start_batch")
        with pytest.raises(grpc.aio.AioRpcError) as lost:
            await call.read()
    assert lost.value.code() is grpc.StatusCode.INTERNAL
    failure = failed(lost.value)
    assert type(failure) is Unavailable
    assert "connection" in str(failure)


def test_an_error_survives_pickling() -> None:
    """Process pools pickle exceptions: nothing of it may get lost, and none may break the pool."""
    error = Overloaded("full", "RESOURCE_EXHAUSTED", "0192", "4bf9")
    error.retry_after = 0.5
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is Overloaded
    assert vars(copy) == vars(error)
