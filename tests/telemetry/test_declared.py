"""OTEL_CONFIG_FILE: what is built in is honoured; all else is refused by place, with the cure."""

from pathlib import Path

import pytest

from dealgate.telemetry import setup
from dealgate.telemetry.configuration import configured
from dealgate.telemetry.routes import Configuration
from dealgate.telemetry.spans import Parent
from tests.cli.saying import said
from tests.telemetry.receiver import Receiver

# In the shape of the starting point that OpenTelemetry publishes: every section, its defaults.
WHOLE = """\
file_format: "1.0"
disabled: false
log_level: info
resource:
  attributes:
    - name: service.name
      value: ${SERVICE:-gate}
    - {name: replicas, value: 3}
    - {name: beta, value: true}
    - {name: share, value: 0.5}
    - {name: build, value: "7"}
    - {name: regions, value: [eu, us], type: string_array}
  attributes_list: team=revops,service.name=lost
  detection/development:
    detectors: [{service: }, {host: }, {process: }]
attribute_limits: {attribute_value_length_limit: , attribute_count_limit: 128}
propagator:
  composite: [{tracecontext: }, {baggage: }]
  composite_list: b3,tracecontext
tracer_provider:
  processors:
    - batch:
        schedule_delay: 500
        export_timeout: 20000
        max_queue_size: 100
        exporter:
          otlp_http: &collector
            endpoint: http://collector:4318/v1/traces
            tls: {ca_file: , key_file: , cert_file: }
            headers: [{name: API-Key, value: "${KEY}"}]
            headers_list: api-key=other,team=a%20b
            compression: gzip
            timeout: 5000
    - batch: {exporter: {otlp_grpc: }}
  limits: {attribute_count_limit: 128, event_count_limit: 128, link_count_limit: 128}
  sampler:
    parent_based:
      root: {trace_id_ratio_based: {ratio: 0}}
      remote_parent_not_sampled: {always_on: }
      local_parent_sampled: {always_on: }
meter_provider:
  readers:
    - periodic:
        interval: 10000
        exporter: {console: {temporality_preference: cumulative}}
        cardinality_limits: {default: 2000}
    - pull: {exporter: {prometheus/development: {port: 9999}}}
  views:
    - selector: {meter_name: another.library}
      stream: {name: x}
  exemplar_filter: always_off
logger_provider:
  processors: [{batch: {exporter: {otlp_http: *collector}}}]
instrumentation/development: {java: {}}
distribution: {other: {}}
"""


def of(folder: Path, text: str, **environ: str) -> Configuration:
    """Return what a file says."""
    file = folder / "otel.yaml"
    file.write_text(text)
    return configured({"OTEL_CONFIG_FILE": str(file), **environ})


def test_all_of_a_file_is_followed(tmp_path: Path) -> None:
    """Each section, with variables put in, aliases, and what is absent at its default."""
    told = of(tmp_path, WHOLE, SERVICE="desk", KEY="s3cret")
    assert told.exporters == {
        "traces": ("otlp", "otlp"),
        "metrics": ("console", "prometheus"),
        "logs": ("otlp",),
    }
    first, second = told.routes["traces"]
    assert first.target.endpoint == "http://collector:4318/v1/traces"
    assert first.target.headers == (("api-key", "s3cret"), ("team", "a b"))
    assert (first.target.compression, first.target.timeout) == ("gzip", 5.0)
    assert (first.batching.queue, first.batching.batch, first.batching.delay) == (100, 100, 0.5)
    assert (second.target.protocol, second.target.endpoint) == ("grpc", "http://localhost:4317")
    assert told.routes["logs"][0].target == first.target
    assert told.routes["metrics"][0].interval == 10
    assert (told.prometheus, told.exemplars) == ("localhost:9999", False)
    assert told.propagators == ("tracecontext", "baggage", "b3")
    described = dict(told.resource)
    assert described["service.name"] == "desk"
    assert described["team"] == "revops"
    assert [described[name] for name in ("replicas", "beta", "share", "build", "regions")] == [
        *(3, True, 0.5, "7"),
        ["eu", "us"],
    ]
    assert "process.pid" in described
    assert told.sampler is not None
    assert not told.sampler(bytes(16), None)
    for sampled in (False, True):
        assert told.sampler(bytes(16), Parent(bytes(16), bytes(8), sampled))


def test_a_file_that_says_nothing_exports_nothing(tmp_path: Path) -> None:
    """Unlike an endpoint in the environment, a file names each signal."""
    told = of(tmp_path, "file_format: '1.1'\n")
    assert told.exporters == {"traces": (), "metrics": (), "logs": ()}
    disabled = of(tmp_path, "file_format: '1.1'\ndisabled: true\nlogger_provider: {}\n")
    assert disabled.exporters == {}


def test_callers_cannot_switch_traces_off_unless_the_file_lets_them(tmp_path: Path) -> None:
    """Without a sampler all is traced: the specification would ask the caller."""
    batch = "processors: [{batch: {exporter: {console: }}}]"
    told = of(tmp_path, f"file_format: '1.0'\ntracer_provider: {{{batch}}}\n")
    assert told.sampler is None


HEAD = "file_format: '1.0'\n"
TRACES = HEAD + "tracer_provider:\n  processors:\n  - batch:\n      "
OTLP = TRACES + "exporter: {otlp_http: {%s}}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ": file_format is not a version"),
        ("file_format: '0.3'\n", ":1:14: file_format: file_format is not a version"),
        ("a: [1\n", ":2:1: is not valid YAML"),
        ("a: 1\n---\nb: 1\n", ":2:1: is not valid YAML"),
        (HEAD + "traces_provider: 1\n", ":2:1: traces_provider is not known: did you mean"),
        (HEAD + "disabled: 1\n", ":2:11: disabled: is not one of true, false"),
        (HEAD + "disabled: true\ndisabled: true\n", ":3:1: disabled is there twice"),
        (HEAD + "log_level: debug\n", ":2:12: log_level: is not one of info"),
        (HEAD + "tracer_provider: [1]\n", ":2:18: tracer_provider: is not a mapping"),
        (HEAD + "tracer_provider: {processors: 1}\n", "processors: is not a list of at most 64"),
        (
            HEAD + "attribute_limits: {attribute_value_length_limit: 100}\n",
            ":2:50: attribute_limits.attribute_value_length_limit: is less than the 4096",
        ),
        (
            TRACES + "max_queue_size: 5\n      max_export_batch_size: 6\n      "
            "exporter: {console: }\n",
            ":6:30: tracer_provider.processors[0].batch.max_export_batch_size: is more than",
        ),
        (TRACES + "schedule_delay: 0\n", "schedule_delay: is not a number of milliseconds"),
        (TRACES + "schedule_delay: [0]\n", "schedule_delay: is not a single value"),
        (TRACES + "max_queue_size: 5\n", "exporter: is not one of otlp_http, otlp_grpc, console"),
        (TRACES + "exporter: {otlp_file/development: }\n", "is not built in: otlp_file/develop"),
        (TRACES.replace("batch", "simple") + "exporter: {console: }\n", "write batch"),
        (TRACES.replace("batch", "other") + "exporter: {console: }\n", "write batch, simple"),
        (OTLP % "endpoint: 'localhost:4318'", "otlp_http.endpoint: is not a URL; write http://"),
        (OTLP % "encoding: json", "encoding: is not one of protobuf"),
        (OTLP % "compression: brotli", "compression: is not one of none, gzip, zstd"),
        (OTLP % "headers: [{name: a b, value: c}]", "headers[0]: is not a header"),
        (OTLP % "headers: [{value: c}]", "headers[0]: has no name"),
        (OTLP % "tls: {insecure: true}", "insecure is not known"),
        (OTLP % "tls: {ca_file: /none.pem}", "tls.ca_file: names no file that can be read"),
        (OTLP % f"tls: {{key_file: {__file__}}}", "cert_file: goes together with key_file"),
        (
            TRACES + "exporter: {otlp_grpc: {compression: zstd}}\n",
            "compression: is not one of none, gzip",
        ),
        (
            TRACES + "exporter: {otlp_grpc: {endpoint: 'https://a', tls: {insecure: true}}}\n",
            "tls.insecure: contradicts https://a",
        ),
        (
            HEAD + "meter_provider: {readers: [{periodic: {exporter: {console: "
            "{temporality_preference: delta}}}}]}\n",
            "temporality_preference: is not one of cumulative",
        ),
        (
            HEAD + "meter_provider: {readers: [{pull: {exporter: {prometheus/development: "
            "{port: 99999}}}}]}\n",
            "port: is not a whole number from 1 to 65535",
        ),
        (
            HEAD + "meter_provider: {readers: [{periodic: {exporter: {console: }, "
            "cardinality_limits: {default: 10}}}]}\n",
            "is less than the 2000 series",
        ),
        (
            HEAD + "meter_provider: {views: [{selector: {instrument_name: '*'}, stream: {}}]}\n",
            "meter_provider.views[0]: is not built in: what is measured is fixed",
        ),
        (HEAD + "meter_provider: {exemplar_filter: always_on}\n", "trace_based, always_off"),
        (HEAD + "propagator: {composite: [{jaeger: }]}\n", "is not built in: jaeger; write"),
        (HEAD + "tracer_provider: {sampler: {jaeger_remote/development: }}\n", "is not built in"),
        (
            HEAD + "tracer_provider: {sampler: {trace_id_ratio_based: {ratio: 2}}}\n",
            "ratio: is not a number from 0 to 1",
        ),
        (
            HEAD + "tracer_provider: {sampler: &a {parent_based: {root: *a}}}\n",
            "is not a mapping",
        ),
        (
            HEAD + "resource: {detection/development: {detectors: [{container: }]}}\n",
            "is not built in: container; write service, host, process",
        ),
        (HEAD + "resource: {attributes: [{name: a, value: b, type: int}]}\n", "not of type int"),
        (HEAD + "resource: {attributes: [{value: b}]}\n", "attributes[0]: has no name"),
        (
            HEAD + "resource: {attributes: [{name: a, value: b}, {name: a, value: c}]}\n",
            "attributes[1]: a is there twice",
        ),
        (HEAD + "resource: {attributes_list: 'a=%ff'}\n", "is not UTF-8"),
        (HEAD + 'resource: {attributes: [{name: "a\\0", value: b}]}\n', "control characters"),
        (HEAD + "resource: !!python/object:os.system {}\n", ":2:11: tag:yaml.org,2002:python"),
        (HEAD + "resource: {attributes: !own []}\n", ":2:24: !own is not a type"),
        (HEAD + "resource: " + "[" * 500 + "]" * 500 + "\n", "is nested too deeply"),
        (HEAD + "? [a]\n: b\n", ":2:3: has a key that is not a name"),
        (OTLP % "endpoint: '${1X}'", "has a ${ that names no variable"),
        (OTLP % "endpoint: '${A:-${B}}'", "has a ${ that names no variable"),
        (OTLP % "endpoint: '${A'", "has a ${ that names no variable"),
        (OTLP % "endpoint: http://ann:s3cret@host", "holds more than a host"),
        (OTLP % "headers: [{name: a, value: b}, {name: A, value: c}]", "headers[1]: A is there"),
        (OTLP % "headers: [{name: Host, value: b}]", "Host is what the export itself sets"),
        (OTLP % "headers_list: 'a=%zz'", "write %25 for a percent sign"),
        (
            OTLP % "endpoint: 'https://a', tls: {ca_file: /etc/passwd}",
            "holds no certificate in PEM",
        ),
        (OTLP % "tls: {ca_file: /etc/passwd}", "write https://, or unset it"),
        (
            TRACES + "exporter: {otlp_grpc: {endpoint: 'http://a/v1/traces'}}\n",
            "endpoint: has a path, which gRPC does not send; delete it, or set otlp_http",
        ),
        (HEAD + "tracer_provider: {sampler: {trace_id_ratio_based: {ratio: .nan}}}\n", "0 to 1"),
    ],
)
def test_what_cannot_be_followed_is_named_by_its_place(
    tmp_path: Path, text: str, says: str
) -> None:
    """File, line, column and path, and what to write instead."""
    with pytest.raises(ValueError, match=r"^OTEL_CONFIG_FILE: ") as caught:
        of(tmp_path, text)
    assert says in str(caught.value)
    assert str(tmp_path / "otel.yaml") in str(caught.value)


def test_all_faults_of_a_file_at_once(tmp_path: Path) -> None:
    """Whoever wrote two wrong values reads of both."""
    with pytest.raises(ValueError, match="OTEL_CONFIG_FILE") as caught:
        of(tmp_path, HEAD + "disabled: 1\nlog_level: debug\n")
    assert len(str(caught.value).splitlines()) == 2


def test_variables_beside_a_file_are_not_ignored_in_silence(tmp_path: Path) -> None:
    """They would count for nothing; those that the file puts in are its own."""
    with pytest.raises(ValueError, match=r"^OTEL_TRACES_SAMPLER: is not read beside") as caught:
        of(tmp_path, HEAD, OTEL_TRACES_SAMPLER="always_on")
    assert "write ${OTEL_TRACES_SAMPLER} in the file" in str(caught.value)
    put_in = HEAD + "resource: {attributes: [{name: service.name, value: '${OTEL_SERVICE_NAME}'}]}"
    told = of(tmp_path, put_in, OTEL_SERVICE_NAME="$$desk")
    assert told.resource["service.name"] == "$$desk"


def test_a_secret_of_a_file_is_not_repeated(tmp_path: Path) -> None:
    """Headers hold keys: a wrong one is named, and its value is not."""
    with pytest.raises(ValueError, match="headers") as caught:
        of(tmp_path, OTLP % 'headers: [{name: key, value: "s3cret\\n"}], headers_list: s3cret')
    assert "s3cret" not in str(caught.value)


async def test_each_exporter_of_a_file_gets_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two collectors for one signal, resource and all; and `dealgate config` says so."""
    collectors = Receiver(), Receiver()
    processors = "".join(
        f"  - batch: {{exporter: {{otlp_grpc: {{endpoint: '{collector.endpoint}'}}}}}}\n"
        for collector in collectors
    )
    named = "resource: {attributes: [{name: service.name, value: desk}]}\n"
    file = tmp_path / "otel.yaml"
    file.write_text(f"{HEAD}{named}tracer_provider:\n  processors:\n{processors}")
    environ = {"OTEL_CONFIG_FILE": str(file)}
    telemetry = setup.start(environ)
    telemetry.tracer.start("x").end()
    assert await telemetry.stop(20)
    for collector in collectors:
        assert len(collector.named("x")) == 1
        assert collector.resources[0]["service.name"] == "desk"
        collector.close()
    monkeypatch.setenv("OTEL_CONFIG_FILE", str(file))
    told = said("config")
    assert f"{collectors[0].endpoint},{collectors[1].endpoint}" in told
    assert str(file) in told
