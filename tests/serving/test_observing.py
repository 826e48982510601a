"""What a server process tells of itself: releases, crashes, signals, settings, threads."""

import json
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dealgate_client import Client, Lead
from tests.serving.conftest import PATIENCE, Process, Start
from tests.small import copied
from tests.telemetry.receiver import Receiver, attributes
from tests.telemetry.registry import deviations

FIRST = "ed666ec79acf4d26b5a74bc37b217fbe2b8902b8f12cefaf1f6c2ed4157f6fdd"  # score@1


def told(process: Process, event: str) -> list[dict[str, Any]]:
    """Return the lines of JSON about an event."""
    lines = [json.loads(line) for line in process.lines if line.startswith("{")]
    return [line for line in lines if line.get("event") == event]


def wait_for(process: Process, event: str) -> dict[str, Any]:
    """Return the first line about an event, once it is there."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := told(process, event):
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"no {event} in {process.lines}")


def test_a_release_that_takes_effect_is_told(start: Start, tmp_path: Path) -> None:
    """Nobody touches anything at that instant; log, span and metric still say what changed."""
    rules, collector = copied(tmp_path), Receiver()
    process = start(
        DEALGATE_RULES=str(rules),
        DEALGATE_LOG_FORMAT="json",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint,
    )
    effective = datetime.now(UTC) + timedelta(seconds=3)
    path = rules / "score/releases.yaml"
    path.write_text(
        f"{path.read_text()}- version: 1\n  from: {effective:%Y-%m-%dT%H:%M:%SZ}\n"
        f"  sha256: {FIRST}\n  by: Ann Lee\n  because: a test of it\n"
    )
    line = wait_for(process, "dealgate.ruleset.activated")
    assert line["attributes"]["dealgate.ruleset.version"] == 1
    assert line["attributes"]["dealgate.ruleset.previous_version"] == 2
    assert line["attributes"]["dealgate.release.by"] == "Ann Lee"
    with Client(process.target, timeout=60) as client:
        assert client.score_lead(lead=Lead(id="1")).header.rule_set_version == 1
    process.end()
    (span,) = collector.named("activate score")
    assert attributes(span.attributes)["dealgate.release.because"] == "a test of it"
    infos = collector.metric("dealgate.ruleset.info").gauge.data_points
    assert ("score", 1) in {
        (found["dealgate.ruleset.name"], found["dealgate.ruleset.version"])
        for found in (attributes(point.attributes) for point in infos)
    }
    assert {"dealgate.server.started", "dealgate.server.draining", "dealgate.server.stopped"} <= {
        record.event_name for record in collector.logs
    }
    assert deviations(collector) == []
    collector.close()


def test_a_crash_is_told_at_the_next_start(start: Start, tmp_path: Path) -> None:
    """After kill -9 the log says that the journal was not closed, and after an end it does not."""
    rules = str(copied(tmp_path))
    process = start(DEALGATE_RULES=rules, DEALGATE_LOG_FORMAT="json")
    with Client(process.target, timeout=60) as client:
        client.score_lead(lead=Lead(id="1"))
    process.end(signal.SIGKILL)
    assert told(process, "dealgate.journal.recovered") == []
    again = start(DEALGATE_RULES=rules, DEALGATE_LOG_FORMAT="json")
    assert told(again, "dealgate.journal.recovered")
    assert told(again, "dealgate.journal.opened")[0]["attributes"]["dealgate.journal.size"] > 0
    assert again.end() == 0
    assert told(again, "dealgate.server.draining")
    third = start(DEALGATE_RULES=rules, DEALGATE_LOG_FORMAT="json")
    assert told(third, "dealgate.journal.recovered") == []


def test_a_signal_prints_where_every_thread_is(start: Start, tmp_path: Path) -> None:
    """SIGUSR1 tells of a process that hangs, and does not end it."""
    process = start(DEALGATE_RULES=str(copied(tmp_path)))
    process.tell(signal.SIGUSR1)
    until = time.monotonic() + PATIENCE
    while not any("run_loop" in line for line in process.lines) and time.monotonic() < until:
        time.sleep(0.05)
    assert any("Thread 0x" in line for line in process.lines)
    assert process.end() == 0


def test_settings_that_cannot_be_followed_keep_a_server_from_starting(start: Start) -> None:
    """Each is named in one line with the cure; there is no traceback."""
    for name, value, says in (
        ("DEALGATE_LAMEDUCK", "0", "did you mean DEALGATE_LAME_DUCK?"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "over gRPC"),
        ("OTEL_TRACES_SAMPLER", "nonsense", "OTEL_TRACES_SAMPLER: "),
    ):
        given = {name: value, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
        process = start(**given, fresh=name == "OTEL_TRACES_SAMPLER")
        assert process.port is None
        assert process.end() == 2
        assert says in "\n".join(process.lines)
        assert "Traceback" not in "\n".join(process.lines)
