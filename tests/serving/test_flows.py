"""Flows on a real server with a real file: the documented example, its trace, its steps by id."""

import re
import signal
from pathlib import Path

import pytest

from dealgate_client import Client, FlowStop, Lead, Unsupported
from tests.flows.newest import LEAD, folder_of
from tests.serving.conftest import ROOT, Start
from tests.serving.test_reload import until
from tests.telemetry.receiver import Receiver, attributes

PAGE = (ROOT / "docs/flows.md").read_text()


def test_the_documented_flow_runs(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its steps are explained by their ids, and are one trace; after SIGKILL all are there."""
    rules, collector = str(folder_of(tmp_path, *LEAD)), Receiver()
    process = start(DEALGATE_RULES=rules, OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint)
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    program = program.replace("localhost:50051", process.target)
    exec(compile(program, "flows.md", "exec"), {})
    said = capsys.readouterr().out
    assert "verify.outcome.lead -> score.facts.lead" in said
    assert "FLOW_STOP_" in said
    until(lambda: bool(collector.named("process lead") and collector.named("journal append")))
    _is_one_trace(collector)
    with Client(process.target, timeout=60) as client:
        answer = client.process_lead(lead=Lead(id="00Q2"), idempotency_key="k", timeout=30)
        process.end(signal.SIGKILL)
    assert answer.header.stop == FlowStop.FLOW_STOP_ON_HOLD
    process = start(DEALGATE_RULES=rules, DEALGATE_KINDS="verify,score")
    with Client(process.target, timeout=60) as client:
        listed = [one.decision_id for one in client.list_decisions(entity="lead/00Q2")]
        assert sorted(listed) == [step.decision_id for step in answer.header.steps]
        with pytest.raises(Unsupported, match="no rules for qualify, route, convert"):
            client.process_lead(lead=Lead(id="00Q2"), idempotency_key=None)
        with pytest.raises(Unsupported, match="no rules for kind 'qualify', only of: score, verif"):
            client.qualify_lead(lead=Lead(id="00Q2"))
        client.process_lead(lead=Lead(id="00Q2"), steps=["verify", "score"])
    collector.close()


def _is_one_trace(collector: Receiver) -> None:
    [flow] = collector.named("process lead")
    told = attributes(flow.attributes)
    decisions = [span for span in collector.spans if span.name.startswith("decide ")]
    assert told["dealgate.flow.name"] == "process_lead"
    assert told["dealgate.flow.step_count"] == len(decisions) > 2
    assert {span.parent_span_id for span in decisions} == {flow.span_id}
    [commit] = collector.named("journal append")
    assert commit.parent_span_id == flow.span_id
    assert attributes(commit.attributes)["dealgate.journal.entry_count"] == len(decisions)
