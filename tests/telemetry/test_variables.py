"""Every OTEL_* variable is honoured, or refused at the start by name, with the cure."""

import re
from pathlib import Path

import pytest
from opentelemetry import environment_variables as api
from opentelemetry.sdk import environment_variables as sdk

from dealgate.telemetry import setup, variables
from dealgate.telemetry.configuration import configured
from dealgate.telemetry.setup import ENDPOINT
from dealgate.telemetry.variables import faults

HERE = "http://127.0.0.1:4317"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("OTEL_BSP_MAX_QUEUE_SIZE", "lots", "whole number"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "whole number"),
        ("OTEL_BSP_SCHEDULE_DELAY", "-1", "milliseconds"),
        ("OTEL_BLRP_EXPORT_TIMEOUT", "1.5", "milliseconds"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "milliseconds"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0", "milliseconds"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4317", "http://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "!!!", "http://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://host", "http://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://:4317", "http://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://host:99999", "http://"),
        ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "brotli", "gzip"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "no equals sign", "key=value"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a b=c", "header=value"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/not/there.pem", "no file"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "perhaps", "true, false"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "otlp, console"),
        ("OTEL_TRACES_EXPORTER", "otlp,none", "combined"),
        ("OTEL_LOGS_EXPORTER", "prometheus", "otlp, console"),
        ("OTEL_TRACES_SAMPLER", "nonsense", "always_on"),
        ("OTEL_TRACES_SAMPLER_ARG", "half", "from 0 to 1"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5", "from 0 to 1"),
        ("OTEL_PROPAGATORS", "jaeger", "b3"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a", "key=value"),
        ("OTEL_METRICS_EXEMPLAR_FILTER", "always_on", "trace_based"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta", "cumulative"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "99999", "65535"),
        ("OTEL_CONFIG_FILE", "otel.yaml", "no file that can be read: otel.yaml"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "5", "unset"),
        ("OTEL_PYTHON_CONTEXT", "x", "unset"),
        ("OTEL_LOG_LEVEL", "debug", "DEALGATE_LOG_LEVEL"),
        ("OTEL_TRACE_SAMPLER", "always_on", "did you mean OTEL_TRACES_SAMPLER?"),
    ],
)
def test_what_cannot_be_followed(name: str, value: str, says: str) -> None:
    """The variable is named, and so is what to write instead."""
    with pytest.raises(ValueError, match=rf"^{name}: .*{re.escape(says)}"):
        setup.start({name: value})


def test_all_faults_at_once() -> None:
    """Whoever sets two wrong values reads of both."""
    found = faults({"OTEL_TRACES_SAMPLER": "x", "OTEL_BSP_SCHEDULE_DELAY": "x", "HOME": "x"})
    assert len(found) == 2


def test_a_secret_is_not_repeated() -> None:
    """Headers hold keys: a wrong one is named, and its value is not."""
    assert "s3cret" not in "".join(faults({"OTEL_EXPORTER_OTLP_HEADERS": "s3cret"}))


def test_empty_is_unset() -> None:
    """OpenTelemetry says that an empty variable is one that is not set."""
    environ = dict.fromkeys(variables.READ, "")
    assert configured(environ).exporters == {"traces": (), "metrics": (), "logs": ()}


def test_what_goes_together() -> None:
    """Settings that contradict each other are refused with both names."""
    base = {ENDPOINT: HERE}
    with pytest.raises(ValueError, match="zstd is not built in over gRPC"):
        configured(base | {"OTEL_EXPORTER_OTLP_COMPRESSION": "zstd"})
    sizes = {"OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "11"}
    with pytest.raises(ValueError, match="OTEL_BSP_MAX_QUEUE_SIZE"):
        configured(base | sizes)
    with pytest.raises(ValueError, match="OTEL_EXPORTER_OTLP_INSECURE: contradicts https"):
        configured({ENDPOINT: "https://collector:4317", "OTEL_EXPORTER_OTLP_INSECURE": "true"})
    with pytest.raises(ValueError, match="go together"):
        configured(base | {"OTEL_EXPORTER_OTLP_CLIENT_KEY": str(Path(__file__))})


def test_a_small_queue_is_legal() -> None:
    """A queue smaller than our usual batch makes the batch smaller."""
    (route,) = configured({ENDPOINT: HERE, "OTEL_BSP_MAX_QUEUE_SIZE": "1"}).routes["traces"]
    batching = route.batching
    assert (batching.queue, batching.batch) == (1, 1)


def test_nothing_that_opentelemetry_reads_is_ignored() -> None:
    """Each variable that the SDK of this language knows is read here, or refused."""
    known = {value for key, value in vars(sdk).items() if key.startswith("OTEL_")}
    known |= {value for key, value in vars(api).items() if key.startswith("OTEL_")}
    silent = [name for name in known if name not in variables.READ and not faults({name: "x"})]
    assert len(known) > 60
    assert silent == []
