"""What the OTEL_* variables do."""

import asyncio
import logging
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from dealgate import __version__
from dealgate.telemetry import setup
from dealgate.telemetry.configuration import configured
from dealgate.telemetry.setup import ENDPOINT, Telemetry
from tests.ports import free_port
from tests.telemetry.conftest import observed
from tests.telemetry.receiver import Receiver, attributes
from tests.telemetry.test_propagation import PARENT, TRACE
from tests.wire.conftest import refusal
from tests.wire.samples import score
from tests.wire.test_calls import PATIENCE

HERE = "http://127.0.0.1:4317"
OTLP, NONE = ("otlp",), ()


@pytest.mark.parametrize(
    ("environ", "traces", "metrics", "logs"),
    [
        ({}, NONE, NONE, NONE),
        ({ENDPOINT: ""}, NONE, NONE, NONE),
        ({ENDPOINT: HERE}, OTLP, OTLP, OTLP),
        ({ENDPOINT: HERE, "OTEL_METRICS_EXPORTER": "none"}, OTLP, NONE, OTLP),
        ({ENDPOINT: HERE, "OTEL_LOGS_EXPORTER": "none"}, OTLP, OTLP, NONE),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": HERE}, OTLP, NONE, NONE),
        ({"OTEL_TRACES_EXPORTER": "otlp,console"}, ("otlp", "console"), NONE, NONE),
        ({"OTEL_METRICS_EXPORTER": "prometheus"}, NONE, ("prometheus",), NONE),
    ],
)
def test_what_is_exported(environ: dict[str, str], traces: Any, metrics: Any, logs: Any) -> None:
    """A signal is exported if its endpoint or exporter is set, and nothing forbids it."""
    expected = {"traces": traces, "metrics": metrics, "logs": logs}
    assert configured(environ).exporters == expected


def test_disabled() -> None:
    """OTEL_SDK_DISABLED switches everything off, whatever else is set."""
    environ = {ENDPOINT: HERE, "OTEL_SDK_DISABLED": "True", "OTEL_TRACES_SAMPLER": "nonsense"}
    assert configured(environ).exporters == {}


async def test_off_by_default() -> None:
    """Without settings there is no exporter, no thread and nothing to stop."""
    before = threading.active_count()
    telemetry = setup.start({})
    assert not telemetry.tracer.is_on
    assert not telemetry.meter.is_on
    assert threading.active_count() == before
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


async def sent(environ: dict[str, str]) -> Telemetry:
    """Send one span."""
    telemetry = setup.start(environ)
    telemetry.tracer.start("x").end()
    assert await telemetry.stop(PATIENCE)
    return telemetry


async def test_resource(receiver: Receiver) -> None:
    """The process says who it is, and by which conventions it speaks."""
    await sent({ENDPOINT: receiver.endpoint})
    (resource,) = receiver.resources
    assert (resource["service.name"], resource["service.version"]) == ("dealgate", __version__)
    assert len(resource["service.instance.id"]) == 36
    assert resource["telemetry.sdk.language"] == "python"
    assert resource["host.name"]
    assert receiver.schemas == {"https://opentelemetry.io/schemas/1.44.0"}


async def test_resource_of_the_environment(receiver: Receiver) -> None:
    """What the environment says about the process wins."""
    told = "service.instance.id=7,deployment.environment.name=a%20b"
    names = {"OTEL_SERVICE_NAME": "gate", "OTEL_RESOURCE_ATTRIBUTES": told}
    await sent({ENDPOINT: receiver.endpoint, **names})
    (resource,) = receiver.resources
    assert (resource["service.name"], resource["service.instance.id"]) == ("gate", "7")
    assert resource["deployment.environment.name"] == "a b"


@pytest.mark.parametrize(
    ("sampler", "arg", "expected"),
    [
        ("always_on", "", 300),
        ("always_off", "", 0),
        ("traceidratio", "0", 0),
        ("traceidratio", "1", 300),
        ("parentbased_always_off", "", 0),
        ("parentbased_traceidratio", "1.0", 300),
    ],
)
async def test_samplers(receiver: Receiver, sampler: str, arg: str, expected: int) -> None:
    """Each sampler that OpenTelemetry names is obeyed, with its argument."""
    names = {"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": arg}
    telemetry = setup.start({ENDPOINT: receiver.endpoint, **names})
    for _ in range(300):
        telemetry.tracer.start("x").end()
    await telemetry.stop(PATIENCE)
    assert len(receiver.spans) == expected


async def test_a_parents_decision_counts_if_it_is_to(receiver: Receiver) -> None:
    """By default a caller cannot switch our traces off; with parentbased_… it can."""
    parent = setup.start({}).extract([("traceparent", f"00-{TRACE}-{PARENT}-00")])
    for sampler in ("always_on", "parentbased_always_on"):
        names = {"OTEL_TRACES_SAMPLER": sampler}
        telemetry = setup.start({ENDPOINT: receiver.endpoint, **names})
        telemetry.tracer.serve(sampler, parent).end()
        await telemetry.stop(PATIENCE)
    assert [span.name for span in receiver.spans] == ["always_on"]


class Collector(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    posts: list[tuple[str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        """Keep it."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.posts.append((self.path, dict(self.headers), body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


@pytest.fixture
def http_collector() -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    """Yield the endpoint of a collector that speaks HTTP, and what it gets."""
    posts: list[tuple[str, dict[str, str], bytes]] = []
    handler = type("Handler", (Collector,), {"posts": posts})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", posts
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
async def test_http(http_collector: Any, compression: str) -> None:
    """OTLP goes over HTTP, too, compressed as is set, with the headers that are set."""
    import gzip  # noqa: PLC0415

    import zstandard  # noqa: PLC0415

    endpoint, posts = http_collector
    await sent(
        {
            ENDPOINT: endpoint + "/base",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_COMPRESSION": compression,
            "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20secret",
            "OTEL_METRICS_EXPORTER": "none",
        }
    )
    ((path, headers, body),) = posts
    ways: dict[str, Callable[[bytes], bytes]] = {
        "none": bytes,
        "gzip": gzip.decompress,
        "zstd": zstandard.decompress,
    }
    inflate = ways[compression]
    request = ExportTraceServiceRequest.FromString(inflate(body))
    assert path == "/base/v1/traces"
    assert headers["api-key"] == "a secret"
    assert request.resource_spans[0].scope_spans[0].spans[0].name == "x"


async def test_gzip_over_grpc(receiver: Receiver) -> None:
    """What is compressed arrives as it was."""
    await sent({ENDPOINT: receiver.endpoint, "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"})
    assert [span.name for span in receiver.spans] == ["x"]


async def test_console(capsys: pytest.CaptureFixture[str]) -> None:
    """The console is an exporter: one line of JSON an export."""
    await sent({"OTEL_TRACES_EXPORTER": "console"})
    assert '"name": "x"' in capsys.readouterr().out


async def test_prometheus() -> None:
    """Prometheus scrapes both formats, with exemplars in OpenMetrics."""
    port = free_port()
    telemetry = setup.start(
        {"OTEL_TRACES_EXPORTER": "console", "OTEL_TRACES_SAMPLER": "always_on"},
        listen=f"127.0.0.1:{port}",
    )
    from dealgate.telemetry import names  # noqa: PLC0415

    histogram = telemetry.meter.histogram(names.DECISION_DURATION, (0.1, 1.0))
    with telemetry.tracer.start("x") as span:
        histogram.record(0.05, ("score", 1, "warm", "live", None))

    def scraped(accept: str) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/metrics", headers={"accept": accept}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return str(response.read().decode())

    text = await asyncio.to_thread(scraped, "text/plain")
    series = 'dealgate_ruleset_name="score",dealgate_ruleset_version="1"'
    assert series in text
    assert "dealgate_decision_duration_seconds_bucket" in text
    openmetrics = await asyncio.to_thread(scraped, "application/openmetrics-text")
    assert (
        f'# {{span_id="{span.span_id.hex()}",trace_id="{span.trace_id_text}"}} 0.05'
        in (openmetrics.replace("trace_id=", "trace_id="))
        or span.trace_id_text in openmetrics
    )
    assert openmetrics.endswith("# EOF\n")
    await telemetry.stop(PATIENCE)


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("127.0.0.1", "Address already in use"),
        ("192.0.2.7", "Cannot assign requested address"),
        ("a..b", "is not a valid host"),
    ],
)
def test_an_address_that_cannot_be_scraped_is_named(host: str, why: str) -> None:
    """By the setting that says so, with the cure."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=f"^DEALGATE_METRICS_LISTEN: cannot .*: {why}; name"):
            setup.start({}, listen=f"{host}:{port}")
        said = {
            "OTEL_METRICS_EXPORTER": "prometheus",
            "OTEL_EXPORTER_PROMETHEUS_HOST": host,
            "OTEL_EXPORTER_PROMETHEUS_PORT": str(port),
        }
        with pytest.raises(ValueError, match=f"^OTEL_EXPORTER_PROMETHEUS_HOST, _PORT: .*: {why};"):
            setup.start(said)


async def test_silent_collector_does_not_hold_up_the_exit(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Stopping gives up when its patience ends, counts what is lost, and says so."""
    caplog.set_level(logging.WARNING)
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        telemetry = setup.start({ENDPOINT: endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT": "1000"})
        telemetry.tracer.start("x").end()
        await telemetry.stop(patience=0.1)
        for thread in set(threading.enumerate()) - before:
            if thread.daemon:
                await asyncio.to_thread(thread.join, PATIENCE)
    assert telemetry.losses.dropped["traces", "shutdown"] == 1
    assert "telemetry is lost: " in caplog.text


async def test_attributes_have_types(receiver: Receiver) -> None:
    """Attributes keep their types: numbers stay numbers."""
    telemetry = setup.start({ENDPOINT: receiver.endpoint})
    span = telemetry.tracer.start("x")
    for key, value in {"a": -1, "b": True, "c": 0.5, "d": "é" * 600, "e": ["x", "y"]}.items():
        span.set(key, value)  # type: ignore[arg-type]
    span.end()
    await telemetry.stop(PATIENCE)
    told = attributes(receiver.spans[0].attributes)
    assert told == {"a": -1, "b": True, "c": 0.5, "d": "é" * 512, "e": ["x", "y"]}
