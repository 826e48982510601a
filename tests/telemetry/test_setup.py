"""What the OTEL_* variables do."""

import asyncio
import logging
import socket
import threading

import pytest
from opentelemetry.metrics import NoOpMeter
from opentelemetry.trace import NoOpTracer

from dealgate import __version__
from dealgate.telemetry import setup
from dealgate.telemetry.setup import ENDPOINT, exported
from tests.telemetry.conftest import observed
from tests.telemetry.receiver import Receiver
from tests.telemetry.test_propagation import PARENT, TRACE
from tests.wire.conftest import refusal
from tests.wire.samples import score
from tests.wire.test_calls import PATIENCE

HERE = "http://127.0.0.1:4317"


@pytest.mark.parametrize(
    ("environ", "traces", "metrics"),
    [
        ({}, False, False),
        ({ENDPOINT: ""}, False, False),
        ({ENDPOINT: HERE}, True, True),
        ({ENDPOINT: HERE, "OTEL_SDK_DISABLED": "True"}, False, False),
        ({ENDPOINT: HERE, "OTEL_METRICS_EXPORTER": "none"}, True, False),
        ({ENDPOINT: HERE, "OTEL_TRACES_EXPORTER": "none"}, False, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": HERE}, True, False),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": HERE}, False, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True, False),
        ({ENDPOINT: HERE, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, True, True),
    ],
)
def test_what_is_exported(environ: dict[str, str], *, traces: bool, metrics: bool) -> None:
    """A signal is exported if its endpoint or exporter is set, and nothing forbids it."""
    assert (exported("TRACES", environ), exported("METRICS", environ)) == (traces, metrics)


@pytest.mark.parametrize(
    "environ",
    [
        {"OTEL_TRACES_EXPORTER": "console"},
        {"OTEL_METRICS_EXPORTER": "prometheus"},
        {ENDPOINT: HERE, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
        {ENDPOINT: HERE, "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/json"},
    ],
)
def test_what_cannot_be_followed(environ: dict[str, str]) -> None:
    """A setting that is not built in is refused at the start, with the cure."""
    with pytest.raises(ValueError, match="is not built in; set"):
        setup.start(environ)


async def test_off_by_default() -> None:
    """Without settings there is no provider, no thread and nothing to stop."""
    telemetry = setup.start({})
    assert isinstance(telemetry.tracer, NoOpTracer)
    assert isinstance(telemetry.meter, NoOpMeter)
    assert telemetry.closers == ()
    assert await telemetry.stop(0)


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take what the environment may say about endpoints away."""
    monkeypatch.delenv(ENDPOINT, raising=False)


@pytest.mark.usefixtures("unset")
async def test_callers_trace_id_without_export() -> None:
    """Without export, the caller's trace id still reaches answer, trailer and journal."""
    async with observed() as (house, _):
        call = house.leads.ScoreLead(
            score(), metadata=(("traceparent", f"00-{TRACE}-{PARENT}-01"),)
        )
        assert (await call).header.trace_id == TRACE
        assert (await call.trailing_metadata())["x-trace-id"] == TRACE
        assert house.records.kept[0].trace_id == TRACE


@pytest.mark.usefixtures("unset")
async def test_no_trace_id_without_export() -> None:
    """Without export, no trace id is made up: it would lead nowhere."""
    async with observed() as (house, _):
        call = house.leads.ScoreLead(score())
        assert not (await call).header.trace_id
        assert "x-trace-id" not in (await call.trailing_metadata()).keys()  # noqa: SIM118 - pairs
        refused = await refusal(house.leads.ScoreLead(score("")))
        assert "x-trace-id" not in refused.trailers


async def test_resource(otel: pytest.MonkeyPatch, receiver: Receiver) -> None:
    """The process says who it is."""
    otel.delenv("OTEL_SERVICE_NAME", raising=False)
    await started_and_stopped()
    (resource,) = receiver.resources
    assert (resource["service.name"], resource["service.version"]) == ("dealgate", __version__)
    assert len(resource["service.instance.id"]) == 36
    assert resource["telemetry.sdk.language"] == "python"


async def test_resource_of_the_environment(otel: pytest.MonkeyPatch, receiver: Receiver) -> None:
    """What the environment says about the process wins."""
    otel.setenv("OTEL_SERVICE_NAME", "gate")
    otel.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=7,deployment.environment.name=x")
    await started_and_stopped()
    (resource,) = receiver.resources
    assert (resource["service.name"], resource["service.instance.id"]) == ("gate", "7")
    assert resource["deployment.environment.name"] == "x"


async def test_sampler_of_the_environment(otel: pytest.MonkeyPatch, receiver: Receiver) -> None:
    """A sampler is obeyed if one is set."""
    otel.setenv("OTEL_TRACES_SAMPLER", "always_off")
    await started_and_stopped()
    assert receiver.spans == []


async def started_and_stopped() -> None:
    """Send one span."""
    telemetry = setup.start()
    telemetry.tracer.start_span("x").end()
    assert await telemetry.stop(PATIENCE)


async def test_silent_collector_does_not_hold_up_the_exit(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Stopping gives up when its patience ends, and says so."""
    caplog.set_level(logging.CRITICAL)
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
        telemetry = setup.start()
        telemetry.tracer.start_span("x").end()
        assert not await telemetry.stop(patience=0)
        # What it gave up on goes on in the background for a second: not into the next test.
        for thread in set(threading.enumerate()) - before:
            if thread.daemon:
                await asyncio.to_thread(thread.join, PATIENCE)
