"""Alerts and dashboards: each query asks for what a server really tells, and is answered."""

import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dealgate.telemetry import names
from dealgate.telemetry.metric import Metric
from dealgate.telemetry.scrape import prometheus_name
from dealgate_client import Client, InvalidQuestion, Lead
from deploy.observability import dashboards
from tests.ports import free_port
from tests.serving.conftest import PATIENCE, ROOT, Process
from tests.small import RULES
from tests.telemetry.receiver import Receiver

FOLDER = ROOT / "deploy/observability"
TOOLS = ROOT / ".venv/prometheus/usr/bin"
METRICS = [value for value in vars(names).values() if isinstance(value, Metric)]
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
IN_BRACES = re.compile(r"\{[^}]*\}|by \([^)]*\)|on \([^)]*\)|\[[^\]]*\]")
LABEL = re.compile(r'([a-z_]+)\s*(?:=~|!=|=)\s*"|by \(([^)]*)\)|on \(([^)]*)\)')
# What is only told once it happens, which a sound server with sound callers has no cause to.
QUIET = (
    "rejected",
    "wrong",
    "Changes in",
    "lost",
    "certificate",
    "releases",
    "Rejected",
    "at the source",
    "not known",
)
needs_prometheus = pytest.mark.skipif(
    not (TOOLS / "prometheus").exists(), reason="Prometheus is not here: make prometheus"
)


def plain(query: str) -> str:
    """Return a query with Grafana's variables filled in."""
    for name, value in {"$__rate_interval": "30s", "$job": ".*", "$instance": ".*"}.items():
        query = query.replace(name, value)
    return query


def all_queries() -> list[tuple[str, str]]:
    """Return every query of dashboards, recording rules and alerts."""
    ruled = [(rule.get("alert") or rule["record"], rule["expr"]) for rule in ALERTS]
    return [*((title, plain(query)) for title, query in dashboards.queries()), *ruled]


def test_dashboards_are_fresh() -> None:
    """What is committed is what `make generate` writes."""
    for dashboard in dashboards.DASHBOARDS:
        path = dashboards.FOLDER / f"{dashboard.uid}.json"
        assert path.read_text() == dashboards.written(dashboard)
        assert json.loads(path.read_text())["uid"] == dashboard.uid


@pytest.mark.parametrize("query", [query for _, query in all_queries()])
def test_queries_use_names_of_the_registry(query: str) -> None:
    """A metric or label that is renamed cannot leave a panel empty in silence."""
    known = {
        "up",
        "vector",
        "time",
        "offset",
        *(rule["record"] for rule in ALERTS if "record" in rule),
    }
    labels = {"le", "job", "instance"}
    for metric in METRICS:
        name = prometheus_name(metric)
        known |= {name, f"{name}_total", *(f"{name}_{end}" for end in ("bucket", "count", "sum"))}
        labels |= {attribute.replace(".", "_") for attribute in metric.attributes}
    functions = {
        "sum",
        "rate",
        "increase",
        "avg",
        "max",
        "min_over_time",
        "count",
        "topk",
        "abs",
        "histogram_quantile",
    }
    words = {*functions, "avg_over_time", "predict_linear", "and", "or", "unless", "by", "on"}
    bare = WORD.findall(IN_BRACES.sub(" ", query))
    assert {word for word in bare if len(word) > 2} <= known | words | {"group_left"}
    used = {
        part.strip() for match in LABEL.findall(query) for one in match for part in one.split(",")
    }
    assert used - {""} <= labels


def test_every_metric_is_on_a_page() -> None:
    """What is measured is looked at: in a panel or by an alert."""
    asked = " ".join(query for _, query in all_queries())
    unseen = [metric.name for metric in METRICS if prometheus_name(metric) not in asked]
    assert unseen == []


def test_each_alert_has_its_runbook() -> None:
    """Whoever is woken up finds what to do under the link."""
    headings = re.findall(r"^## (\w+)$", (FOLDER / "runbooks.md").read_text(), re.MULTILINE)
    alerts = [rule["alert"] for rule in ALERTS if "alert" in rule]
    assert headings == alerts
    for rule in ALERTS:
        if "alert" in rule:
            link = f"deploy/observability/runbooks.md#{rule['alert'].lower()}"
            assert rule["annotations"]["runbook_url"] == link
            assert rule["labels"]["severity"] in {"page", "ticket"}


# The settings that the components read, as their sources or pages declare them (mapstructure, in
# opentelemetry-collector and -contrib, read on 30 November 2026); another would keep it from
# starting. No collector of OpenTelemetry's own is to be had from a package registry.
SETTINGS = {
    "otlp receiver": {"protocols"},
    "grpc": {"endpoint", "max_recv_msg_size_mib"},
    "http": {"endpoint"},
    "memory_limiter": {"check_interval", "limit_percentage", "spike_limit_percentage"},
    "redaction": {
        *("allow_all_keys", "allowed_keys", "blocked_key_patterns", "ignored_keys"),
        *("redact_all_types", "blocked_values", "allowed_values", "summary"),
    },
    "tail_sampling": {"decision_wait", "num_traces", "expected_new_traces_per_sec", "policies"},
    "batch": {"send_batch_size", "send_batch_max_size", "timeout"},
    "status_code": {"status_codes"},
    "string_attribute": {
        *("key", "values", "enabled_regex_matching", "cache_max_size", "invert_match"),
    },
    "latency": {"threshold_ms"},
    "probabilistic": {"hash_salt", "sampling_percentage"},
}


def test_the_collectors_settings_are_those_that_it_reads() -> None:
    """Of each receiver, processor and policy."""
    config = yaml.safe_load((FOLDER / "collector.yaml").read_text())
    (receiver,) = config["receivers"].values()
    parts = {"otlp receiver": receiver, **receiver["protocols"], **config["processors"]}
    for name, settings in parts.items():
        assert set(settings) <= SETTINGS[name], name
    for policy in config["processors"]["tail_sampling"]["policies"]:
        assert set(policy) == {"name", "type", policy["type"]}
        assert set(policy[policy["type"]]) <= SETTINGS[policy["type"]]


def test_the_collector_looks_at_names_of_the_registry() -> None:
    """Sampling goes by attributes that are sent, and every pipeline has what it names."""
    config = yaml.safe_load((FOLDER / "collector.yaml").read_text())
    declared = {value for value in vars(names).values() if isinstance(value, str)}
    for policy in config["processors"]["tail_sampling"]["policies"]:
        told = policy.get("string_attribute")
        assert told is None or told["key"] in declared
    for pipeline in config["service"]["pipelines"].values():
        for part in ("receivers", "processors", "exporters"):
            assert set(pipeline[part]) <= set(config[part])
    blocked = config["processors"]["redaction"]["blocked_key_patterns"]
    ignored = config["processors"]["redaction"]["ignored_keys"]
    ours = declared - set(ignored)
    hidden = {name for name in ours for pattern in blocked if re.fullmatch(pattern, name)}
    assert hidden <= {names.SERVER_ADDRESS}  # where the server listens, in one event


@needs_prometheus
def test_alerts_ring_when_they_should() -> None:
    """Promtool runs the rules over series that were made for them."""
    run = subprocess.run(
        [TOOLS / "promtool", "test", "rules", "rules.test.yml"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Any]]:
    """A real server under load, and a real Prometheus that scrapes it; asks the latter."""
    folder = tmp_path_factory.mktemp("observed")
    port, own, collector = free_port(), free_port(), Receiver()
    process = Process(
        folder,
        DEALGATE_RULES=str(RULES),
        DEALGATE_METRICS_LISTEN=f"127.0.0.1:{port}",
        DEALGATE_FACTS="memory:",
        DEALGATE_OUTBOX=f"lake=jsonl://{folder}/out.jsonl",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=collector.endpoint,
    )
    followed = free_port()
    consumer = following(folder, process.target, followed)
    (folder / "rules.yml").write_text((FOLDER / "rules.yml").read_text())
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 500ms, evaluation_interval: 500ms}\n"
        "rule_files: [rules.yml]\n"
        "scrape_configs:\n"
        f"  - {{job_name: dealgate, static_configs: [{{targets: "
        f"['127.0.0.1:{port}', '127.0.0.1:{followed}']}}]}}\n"
    )
    command: list[str | Path] = [
        TOOLS / "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{own}",
        "--enable-feature=exemplar-storage",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as prometheus:

        def asked(path: str, query: str) -> Any:
            url = f"http://127.0.0.1:{own}/api/v1/{path}?" + urllib.parse.urlencode(
                {"query": query, "start": time.time() - 60, "end": time.time()}
            )
            with urllib.request.urlopen(url, timeout=30) as response:
                return json.load(response)["data"]

        under_load(process, lambda: scrapes(asked))
        yield asked
        prometheus.terminate()
    consumer.terminate()
    consumer.communicate()
    process.end()
    collector.close()


def following(folder: Path, server: str, port: int) -> "subprocess.Popen[str]":
    """Return a consumer that follows signals in what comes from us; one has fired."""
    command = [sys.executable, "-m", "dealgate", "consume", "--server", server]
    command += ["--signals", str(ROOT / "rules"), "--state", str(folder / "signals.db")]
    command += ["--lateness", "1s", "--signals-to", f"jsonl://{folder}/signals.jsonl"]
    command += ["--metrics-listen", f"127.0.0.1:{port}"]
    consumer = subprocess.Popen(
        command, stdin=subprocess.PIPE, text=True, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    assert consumer.stdin is not None
    for number in range(5):
        event = {
            "specversion": "1.0",
            "id": f"e{number}",
            "source": "/web",
            "type": "dealgate.v1.activity.recorded",
            "subject": "lead/00Q1",
            "time": f"2026-06-01T10:0{number}:00Z",
            "data": {"type": "ACTIVITY_TYPE_PRICING_PAGE"},
        }
        consumer.stdin.write(json.dumps(event) + "\n")
    consumer.stdin.flush()
    return consumer


def under_load(process: Process, scraped: Callable[[], int]) -> None:
    """Ask until Prometheus has looked a few times while something was going on."""
    until = time.monotonic() + PATIENCE
    with Client(process.target, timeout=60) as client:
        while time.monotonic() < until and scraped() < 5:
            client.score_lead(lead=Lead(id="00Q1", country="DE"))
            client.score_lead(lead=Lead(id="00Q1"))  # the rule about countries is undecided
            client.score_lead(lead=Lead(id="00Q1"), dry_run=True)
            client.process_lead(lead=Lead(id="00Q1", country="DE"), steps=["score", "qualify"])
            client.put_facts(Lead(id="00Q1", country="DE"))
            with pytest.raises(InvalidQuestion):
                client.score_lead(lead=Lead())
            time.sleep(0.05)


def scrapes(asked: Callable[[str, str], Any]) -> int:
    """Return how many scrapes saw decisions."""
    try:
        query = 'count_over_time(dealgate_decision_duration_seconds_count{error_type!=""}[1m])'
        found = asked("query", query)["result"]
    except OSError:
        return 0
    return int(found[0]["value"][1]) if found else 0


@needs_prometheus
def test_every_query_is_answered(ask: Callable[[str, str], Any]) -> None:
    """Prometheus runs each; but for what did not happen, none of them is empty."""
    empty = [title for title, query in all_queries() if not ask("query", query)["result"]]
    unexpected = [
        title
        for title in empty
        if not title.startswith("Dealgate") or ":" in title  # an alert that does not ring is empty
        if not any(word in title for word in QUIET)
    ]
    assert unexpected == []


@needs_prometheus
def test_a_bucket_leads_to_a_trace(ask: Callable[[str, str], Any]) -> None:
    """Prometheus keeps the exemplars: the trace behind a slow decision is one click away."""
    found = ask("query_exemplars", "dealgate_decision_duration_seconds_bucket")
    ids = {exemplar["labels"]["trace_id"] for series in found for exemplar in series["exemplars"]}
    assert ids
    assert all(re.fullmatch("[0-9a-f]{32}", trace_id) for trace_id in ids)


def test_paths() -> None:
    """The page on the folder names what is in it."""
    page = (FOLDER / "README.md").read_text()
    links = re.findall(r"\]\(([^)#]+)\)", page)
    assert [link for link in links if not (Path(FOLDER) / link).exists()] == []
