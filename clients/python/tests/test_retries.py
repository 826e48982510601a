"""What is tried again, how often, and what is not."""

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from hypothesis import given, settings, strategies as st

from clients.python.tests.conftest import Ask
from clients.python.tests.stand_in import StandIn, Step, fail
from dealgate_client import (
    DealgateError,
    KeyReused,
    Lead,
    Overloaded,
    Retry,
    ScoreFacts,
    Unavailable,
    question,
)
from dealgate_client.retry import Tries

LEAD = Lead(id="00Q1")
SOON = RetryInfo(retry_delay=Duration(nanos=1_000_000))
PASSING: dict[str, Step] = {
    "unavailable": fail(grpc.StatusCode.UNAVAILABLE),
    "a full queue": fail(grpc.StatusCode.RESOURCE_EXHAUSTED, SOON),
    "a server that shuts down": fail(grpc.StatusCode.CANCELLED),
}


@pytest.mark.parametrize("passing", PASSING.values(), ids=PASSING.keys())
def test_what_passes_is_tried_again_with_the_same_key(
    ask: Ask, server: StandIn, passing: Step
) -> None:
    """Two failures are not seen by the caller, and the server sees one and the same question."""
    server.then(passing, passing)
    assert ask(lambda client: client.score_lead(lead=LEAD)).header.decision_id == "decision-00Q1"
    requests = [call.request for call in server.received]
    assert len(requests) == 3
    assert requests[0] == requests[1] == requests[2]
    assert requests[0].options.idempotency_key


def test_attempts_are_bounded(ask: Ask, server: StandIn) -> None:
    """After the last attempt the failure is raised."""
    server.then(*[PASSING["unavailable"]] * 10)
    with pytest.raises(Unavailable):
        ask(lambda client: client.score_lead(lead=LEAD))
    assert len(server.received) == 4


def test_a_decision_without_a_key_is_not_tried_again(ask: Ask, server: StandIn) -> None:
    """The server may have decided before it failed: without a key that would decide twice."""
    server.then(PASSING["unavailable"])
    with pytest.raises(Unavailable):
        ask(lambda client: client.score_lead(lead=LEAD, idempotency_key=None))
    assert len(server.received) == 1


def test_a_dry_run_is_tried_again_without_a_key(ask: Ask, server: StandIn) -> None:
    """It records nothing, so it may run twice."""
    server.then(PASSING["unavailable"])
    ask(lambda client: client.score_lead(lead=LEAD, dry_run=True))
    assert len(server.received) == 2


@pytest.mark.parametrize(("key", "calls"), [("mine", 2), (None, 1)])
def test_a_batch_is_tried_again_only_if_every_question_may_be(
    ask: Ask, server: StandIn, key: str | None, calls: int
) -> None:
    """One question without a key makes the whole batch unsafe."""
    asked = [question(ScoreFacts(lead=LEAD)), question(ScoreFacts(lead=LEAD), idempotency_key=key)]
    server.then(PASSING["unavailable"])
    try:
        ask(lambda client: client.batch_decide(asked))
    except Unavailable:
        assert calls == 1
    assert len(server.received) == calls


def test_reads_are_tried_again(ask: Ask, server: StandIn) -> None:
    """Reading twice changes nothing."""
    server.then(PASSING["unavailable"])
    ask(lambda client: client.get_decision("0192"))
    assert [call.method for call in server.received] == ["GetDecision", "GetDecision"]


def test_a_pause_beyond_the_deadline_is_not_begun(ask: Ask, server: StandIn) -> None:
    """A server that asks for a minute gets no second call from a caller who has five seconds."""
    minute = RetryInfo(retry_delay=Duration(seconds=60))
    server.then(fail(grpc.StatusCode.RESOURCE_EXHAUSTED, minute))
    with pytest.raises(Overloaded):
        ask(lambda client: client.score_lead(lead=LEAD))
    assert len(server.received) == 1


@settings(deadline=None)
@given(
    chance=st.floats(0, 1, exclude_max=True),
    asked_for=st.none() | st.floats(0, 10),
    failed=st.integers(0, 2_000),
)
def test_a_pause_is_jittered_bounded_and_never_undercuts_the_server(
    chance: float, asked_for: float | None, failed: int
) -> None:
    """Whatever came before, a pause lies between the server's delay and that plus the longest."""
    tries = Tries(Retry(attempts=3_000), 1e9, clock=lambda: 0.0, chance=lambda: chance)
    failure = Unavailable("gone")
    for _ in range(failed):
        tries.pause(failure)
    failure.retry_after = asked_for
    pause = tries.pause(failure)
    assert pause is not None
    assert (asked_for or 0.0) <= pause <= (asked_for or 0.0) + 2.0


def test_pauses_double_up_to_the_longest() -> None:
    """Without jitter and with nothing asked for, the pauses are 0.1, 0.2, 0.4, 0.5, 0.5."""
    retry = Retry(attempts=10, first_pause=0.1, longest_pause=0.5)
    tries = Tries(retry, 1e9, clock=lambda: 0.0, chance=lambda: 1.0)
    assert [tries.pause(Unavailable("gone")) for _ in range(5)] == [0.1, 0.2, 0.4, 0.5, 0.5]


@pytest.mark.parametrize("failure", [KeyReused("no"), DealgateError("no")])
def test_only_what_passes_gets_a_pause(failure: DealgateError) -> None:
    """Nothing else is worth a second try."""
    assert Tries(Retry(), 1e9).pause(failure) is None
