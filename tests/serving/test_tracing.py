"""A decision of a real server process, seen from a collector."""

from collections.abc import Iterator

import pytest

from dealgate_client import Client, InvalidQuestion, Lead
from tests.serving.conftest import Process, Start
from tests.telemetry.receiver import Receiver, attributes

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
# The caller says "not sampled": our traces do not depend on it.
TRACEPARENT = [("traceparent", f"00-{TRACE}-{PARENT}-00")]
SECRET = "ann.lee@a-very-secret-company.example"


@pytest.fixture
def collector() -> Iterator[Receiver]:
    """Return a collector that keeps what it is sent."""
    receiver = Receiver()
    yield receiver
    receiver.close()


def traced(start: Start, collector: Receiver) -> Process:
    """Return a server that exports to the collector."""
    return start(OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint)


def test_a_decision_is_one_trace_from_caller_to_rules(start: Start, collector: Receiver) -> None:
    """The caller's trace holds the RPC's span, and that holds the decision's, told by its rules."""
    process = traced(start, collector)
    with Client(process.target, timeout=60) as client:
        header = client.score_lead(lead=Lead(id="00Q1", email=SECRET), metadata=TRACEPARENT).header
    process.end()

    [rpc] = collector.named("dealgate.v1.LeadService/ScoreLead")
    [decision] = collector.named("decide score")
    told = attributes(decision.attributes)
    assert rpc.trace_id.hex() == decision.trace_id.hex() == header.trace_id == TRACE
    assert (rpc.parent_span_id.hex(), decision.parent_span_id) == (PARENT, rpc.span_id)
    assert told["dealgate.decision.id"] == header.decision_id
    assert told["dealgate.ruleset.digest"] == header.rule_set_digest
    assert told["dealgate.ruleset.version"] == header.rule_set_version
    assert told["dealgate.rule.fired_count"] == len(header.evidence.fired)


def test_a_refusal_has_its_ids_too(start: Start, collector: Receiver) -> None:
    """An error leads back to its decision and trace as an answer does."""
    process = traced(start, collector)
    with Client(process.target, timeout=60) as client, pytest.raises(InvalidQuestion) as refused:
        client.score_lead(lead=Lead(email=SECRET), metadata=TRACEPARENT)
    process.end()

    [decision] = collector.named("decide score")
    assert refused.value.trace_id == TRACE
    assert attributes(decision.attributes)["dealgate.question.id"] == refused.value.decision_id


def test_no_fact_leaves_in_telemetry_or_logs(start: Start, collector: Receiver) -> None:
    """What a caller says about a person is in the answer and the journal, and nowhere else."""
    process = traced(start, collector)
    with Client(process.target, timeout=60) as client:
        client.score_lead(lead=Lead(id="00Q1", email=SECRET), explain=True)
        with pytest.raises(InvalidQuestion) as refused:
            client.score_lead(lead=Lead(email=SECRET, country=SECRET))
    process.end()

    everything = b"".join(collector.raw).decode(errors="replace") + "\n".join(process.lines)
    assert SECRET not in everything
    assert SECRET not in str(refused.value) + str(refused.value.violations)
    assert collector.spans
