"""Every OTEL_* variable is honoured, or refused at the start by name, with the cure."""

import re
from pathlib import Path

import pytest
from opentelemetry import environment_variables as api
from opentelemetry.sdk import environment_variables as sdk

from dealgate.telemetry import setup, variables
from dealgate.telemetry.configuration import configured
from dealgate.telemetry.setup import ENDPOINT
from dealgate.telemetry.variable_values import file
from dealgate.telemetry.variables import READ, faults

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
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://ann:s3cret@host:4317", "OTLP_HEADERS"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://host:4318/?token=s3cret", "OTLP_HEADERS"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://host:4318/#x", "OTLP_HEADERS"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://ho st:4317", "http://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h\u00f6st:4317", "http://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://ho\tst:4317", "control"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1:4317", "http://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://host:4317,http://b:4317", "http://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://host\\x:4317", "http://"),
        ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "brotli", "gzip"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "no equals sign", "key=value"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a b=c", "header=value"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=b%0d%0ax: y", "control"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=100%", "%25"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=%zz", "%25"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=%ff", "UTF-8"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=%c3%a9", "ASCII"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=1,A=2", "twice"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "=b", "key=value"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "content-type=text/plain", "content-type"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Host=x", "host"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "grpc-timeout=1S", "grpc-timeout"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "key-bin=x", "key-bin"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a", "key=value"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/not/there.pem", "no file"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "perhaps", "true, false"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "otlp, console"),
        ("OTEL_TRACES_EXPORTER", "otlp,none", "combined"),
        ("OTEL_TRACES_EXPORTER", ",", "otlp, console"),
        ("OTEL_LOGS_EXPORTER", "prometheus", "otlp, console"),
        ("OTEL_TRACES_SAMPLER", "nonsense", "always_on"),
        ("OTEL_TRACES_SAMPLER_ARG", "half", "from 0 to 1"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5", "from 0 to 1"),
        ("OTEL_TRACES_SAMPLER_ARG", "\u0660.\u0665", "from 0 to 1"),
        ("OTEL_TRACES_SAMPLER_ARG", "nan", "from 0 to 1"),
        ("OTEL_TRACES_SAMPLER_ARG", "0x1", "from 0 to 1"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.1", "OTEL_TRACES_SAMPLER=parentbased_traceidratio"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "\u0661\u0662", "whole number"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "1_000", "whole number"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "1e3", "whole number"),
        ("OTEL_BSP_SCHEDULE_DELAY", "\u0661", "milliseconds"),
        ("OTEL_BSP_SCHEDULE_DELAY", "5s", "milliseconds"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10,000", "milliseconds"),
        ("OTEL_SDK_DISABLED", "1", "true, false"),
        ("OTEL_SERVICE_NAME", "a\nb", "control"),
        ("OTEL_SERVICE_NAME", "a\udcffb", "UTF-8"),
        ("OTEL_SERVICE_NAME", "x" * 513, "512"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=b,c=%", "%25"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=%c3", "UTF-8"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=1,a=2", "twice"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=" + "x" * 513, "512"),
        ("OTEL_RESOURCE_ATTRIBUTES", "=x", "key=value"),
        ("OTEL_CONFIG_FILE", "/", "no file that can be read"),
        ("OTEL_EXPORTER_OTLP_ENDPONT", "http://x", "did you mean OTEL_EXPORTER_OTLP_ENDPOINT?"),
        ("OTEL_JAVAAGENT_ENABLED", "true", "unset it"),
        ("OTEL_EXPORTER_OTLP_SPAN_INSECURE", "true", "unset it"),
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_HEADERS", "s3cret"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=s3cret%zz"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=s3cret%ff"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://ann:s3cret@host"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://host?key=s3cret"),
    ],
)
def test_a_secret_is_not_repeated(name: str, value: str) -> None:
    """Headers and addresses hold keys: a wrong one is named, and its value is not."""
    found = "".join(faults({name: value}))
    assert name in found
    assert "s3cret" not in found


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({ENDPOINT: f"{HERE}/v1/traces"}, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"),
        ({"OTEL_EXPORTER_OTLP_CERTIFICATE": __file__}, "https://"),
        ({ENDPOINT: "https://host", "OTEL_EXPORTER_OTLP_CERTIFICATE": __file__}, "PEM"),
        (
            {
                ENDPOINT: "https://host",
                "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": __file__,
                "OTEL_EXPORTER_OTLP_CLIENT_KEY": __file__,
            },
            "PEM",
        ),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "x!y=1"}, "gRPC"),
        ({ENDPOINT: "HTTPS://host", "OTEL_EXPORTER_OTLP_INSECURE": "true"}, "contradicts"),
    ],
)
def test_what_would_only_fail_later(environ: dict[str, str], says: str) -> None:
    """What no export could ever do is refused at the start, not told as a loss for ever."""
    with pytest.raises(ValueError, match=re.escape(says)):
        configured({ENDPOINT: HERE} | environ)


def test_percent_encoding() -> None:
    """What is percent-encoded is decoded, commas and equals signs too."""
    environ = {
        ENDPOINT: HERE,
        "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Basic%20YTpi%3D%2C, empty=,",
        "OTEL_RESOURCE_ATTRIBUTES": "a%2Eb=%C3%A9=x,deployment.environment.name=prod",
    }
    configuration = configured(environ)
    (route,) = configuration.routes["traces"]
    assert route.target.headers == (("authorization", "Basic YTpi=,"), ("empty", ""))
    long = "a=" + "x" * 4000  # as tokens are
    assert variables.READ["OTEL_EXPORTER_OTLP_HEADERS"](long) == (("a", "x" * 4000),)
    assert configuration.resource["a.b"] == "\u00e9=x"


def test_what_kubernetes_sets_is_no_setting() -> None:
    """A service named otel-collector leaves variables in every pod beside it."""
    links = {
        "OTEL_COLLECTOR_SERVICE_HOST": "10.0.0.1",
        "OTEL_COLLECTOR_SERVICE_PORT": "4317",
        "OTEL_COLLECTOR_SERVICE_PORT_OTLP_GRPC": "4317",
        "OTEL_COLLECTOR_PORT": "tcp://10.0.0.1:4317",
        "OTEL_COLLECTOR_PORT_4317_TCP": "tcp://10.0.0.1:4317",
        "OTEL_COLLECTOR_PORT_4317_TCP_ADDR": "10.0.0.1",
    }
    assert faults(links) == []
    assert len(faults({"OTEL_COLLECTOR_PORT": "tcp://10.0.0.1:4317"})) == 1
    assert len(faults(links | {"OTEL_COLLECTOR_PORTS": "x"})) == 1


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
    with pytest.raises(ValueError, match="goes together"):
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


@pytest.mark.parametrize("name", sorted(name for name in READ if READ[name] is file))
def test_a_path_that_the_system_refuses_is_named(name: str) -> None:
    """A path that is too long, or below a folder that may not be looked into, raises OSError."""
    with pytest.raises(ValueError, match=f"^{name}: names no file that can be read"):
        configured({name: "a" * 5000})
