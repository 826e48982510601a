"""A collector that others wrote takes what we send, and hands it on whole."""

import importlib.util
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealgate.telemetry import setup
from tests.ports import free_port
from tests.serving.conftest import PATIENCE
from tests.telemetry.conftest import Watched
from tests.telemetry.receiver import Receiver, attributes
from tests.wire.samples import score

SPEC = importlib.util.find_spec("rotel")
pytestmark = pytest.mark.skipif(
    SPEC is None, reason="rotel, a collector, is not here: make collector"
)
LINES = {
    "grpc": {},
    "http/protobuf": {"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"},
}


class Rotel:
    """Streamfold's collector, a process of its own, which exports to `target`."""

    def __init__(self, target: str) -> None:
        """Start it on free ports."""
        assert SPEC is not None
        assert SPEC.origin is not None
        self.ports = {"grpc": free_port(), "http/protobuf": free_port()}
        self._process = subprocess.Popen(
            [
                Path(SPEC.origin).with_name("rotel-agent"),
                "start",
                f"--otlp-grpc-endpoint=127.0.0.1:{self.ports['grpc']}",
                f"--otlp-http-endpoint=127.0.0.1:{self.ports['http/protobuf']}",
                "--exporter=otlp",
                f"--otlp-exporter-endpoint={target}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def ready(self) -> None:
        """Wait until it listens."""
        until = time.monotonic() + PATIENCE
        for port in self.ports.values():
            while time.monotonic() < until:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.05)

    def end(self) -> None:
        """Let it hand on what it has, and leave."""
        self._process.terminate()
        self._process.wait(PATIENCE)


@pytest.fixture
def rotel(receiver: Receiver) -> Iterator[Rotel]:
    """A collector before the receiver."""
    collector = Rotel(receiver.endpoint)
    collector.ready()
    yield collector
    collector.end()


@pytest.fixture(params=LINES)
def otel(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, rotel: Rotel
) -> pytest.MonkeyPatch:
    """An environment in which telemetry goes to that collector, by each protocol."""
    protocol: str = request.param
    monkeypatch.setenv(setup.ENDPOINT, f"http://127.0.0.1:{rotel.ports[protocol]}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
    for name, value in LINES[protocol].items():
        monkeypatch.setenv(name, value)
    return monkeypatch


async def test_a_real_collector_takes_every_signal(watched: Watched, rotel: Rotel) -> None:
    """Spans, metrics and logs arrive behind it, and the decision's trace is found by its id."""
    decision = await watched.house.leads.ScoreLead(score())
    receiver = await watched.settle()
    rotel.end()
    (span,) = receiver.named("decide score")
    told = attributes(span.attributes)
    assert told["dealgate.decision.id"] == decision.header.decision_id
    assert told["code.file.path"]
    (event,) = receiver.events("dealgate.decision.evaluated")
    assert event.trace_id == span.trace_id
    (point,) = receiver.metric("dealgate.decision.duration").histogram.data_points
    assert point.count == 1
    assert point.exemplars[0].trace_id == span.trace_id
