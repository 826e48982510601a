"""Commands for whoever runs a server: settings, a probe, the journal's file."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dealgate.journal.sqlite.journal import SqliteJournal
from tests.cli.saying import said
from tests.journal.decisions import decision
from tests.wire.conftest import House, opened


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that sets nothing of ours."""
    for name in os.environ:
        if name.startswith(("OTEL_", "DEALGATE_")):
            monkeypatch.delenv(name)
    return monkeypatch


def test_config_says_what_counts_and_whence(alone: pytest.MonkeyPatch) -> None:
    """Each setting with its value and source; secrets are not shown."""
    alone.setenv("DEALGATE_GRACE", "7")
    alone.setenv("DEALGATE_LAME_DUCK", "")
    alone.setenv("DEALGATE_PSEUDONYM_KEY", "0123456789abcdef")
    alone.setenv("DEALGATE_JOURNAL", "postgresql://ann:s3cret@db/sales")
    alone.setenv(
        "DEALGATE_OUTBOX",
        "a=jsonl:///out b=nats://ann:s3cret@bus/out?format=json c=nats://s3cret@bus/out",
    )
    alone.setenv("DEALGATE_FACTS", "postgresql://ann:s3cret@db/facts?keys=s3cret")
    alone.setenv("DEALGATE_OUTBOX_SECRET", "whsec_s3cret")
    alone.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317")
    alone.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret")
    told = json.loads(said("config --format json"))
    assert told["DEALGATE_GRACE"] == {"value": "7.0", "source": "environment"}
    assert told["DEALGATE_LAME_DUCK"] == {"value": "5.0", "source": "default"}
    assert told["OTEL_TRACES_EXPORTER"] == {"value": "otlp", "source": "default"}
    assert told["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"]["value"] == "http://collector:4317"
    assert told["OTEL_EXPORTER_OTLP_HEADERS"]["value"] == "***"
    assert told["DEALGATE_OUTBOX"]["value"] == (
        "a=jsonl:///out b=nats://ann:***@bus/out?*** c=nats://***@bus/out"
    )
    assert told["OTEL_BSP_MAX_QUEUE_SIZE"] == {"value": "8192", "source": "default"}
    text = said("config --all")
    assert "DEALGATE_GRACE" in text
    assert "OTEL_BSP_MAX_QUEUE_SIZE" in text
    assert "s3cret" not in text + json.dumps(told)
    assert "0123456789abcdef" not in text + json.dumps(told)


DECLARED = """
file_format: "1.0"
tracer_provider:
  processors:
    - batch:
        max_queue_size: 5000
        exporter: {otlp_http: {endpoint: "https://a:4318/v1/traces", compression: gzip}}
meter_provider:
  readers: [{pull: {exporter: {prometheus/development: {host: 0.0.0.0, port: 9464}}}}]
resource: {attributes: [{name: service.name, value: sales}]}
"""


def test_config_says_what_a_file_says(alone: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And what it leaves as it is, which no variable says then."""
    path = tmp_path / "otel.yaml"
    path.write_text(DECLARED)
    alone.setenv("OTEL_CONFIG_FILE", str(path))
    told = json.loads(said("config --format json"))
    of_file = {name: one["value"] for name, one in told.items() if one["source"] == str(path)}
    assert of_file == {
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_METRICS_EXPORTER": "prometheus",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://a:4318/v1/traces",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "gzip",
        "OTEL_BSP_MAX_QUEUE_SIZE": "5000",
        "OTEL_PROPAGATORS": "none",
        "OTEL_SERVICE_NAME": "sales",
    }
    assert told["OTEL_TRACES_SAMPLER"] == {"value": "always_on", "source": "default"}
    assert told["OTEL_BSP_SCHEDULE_DELAY"]["source"] == "default"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DEALGATE_LAMEDUCK", "0", "did you mean DEALGATE_LAME_DUCK?"),
        ("DEALGATE_GRACE", "-1", "DEALGATE_GRACE: "),
        ("DEALGATE_GRACE", "inf", "DEALGATE_GRACE: "),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://ann:s3cret@host", "OTEL_EXPORTER_OTLP_ENDPOINT: "),
        ("OTEL_TRACES_SAMPLER", "nonsense", "OTEL_TRACES_SAMPLER: "),
        ("OTEL_CONFIG_FILE", "x.yaml", "OTEL_CONFIG_FILE: "),
        ("OTEL_METRICS_EXPORTER", "prometheus", "DEALGATE_METRICS_LISTEN: is 127.0.0.1:9999, and"),
    ],
)
def test_config_and_serve_refuse_alike(
    alone: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, says: str
) -> None:
    """What would keep a server from starting is named, before it is tried and when it is."""
    alone.setenv(name, value)
    alone.setenv("DEALGATE_METRICS_LISTEN", "127.0.0.1:9999")
    alone.chdir(tmp_path)
    refused = said("config")
    assert says in refused
    assert "[exit status 2]" in refused
    if name.startswith("DEALGATE_"):
        assert says in said("serve")


def test_consume_refuses_what_nobody_reads(alone: pytest.MonkeyPatch) -> None:
    """As a server does: a misspelt setting is not found out when it is needed."""
    alone.setenv("DEALGATE_TOKENFILE", "/run/token")
    refused = said("consume")
    assert "DEALGATE_TOKENFILE: is not a setting of Dealgate" in refused
    assert "[exit status 2]" in refused


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A server that leaves at once."""
    async with opened() as house:
        yield house


async def test_health(house: House) -> None:
    """A probe has the status in its words and in its exit."""
    address = f"0.0.0.0:{house.port}"
    assert await asyncio.to_thread(said, f"health --address {address}") == "SERVING\n"
    await house.server.tell_journal(sound=False)
    told = await asyncio.to_thread(said, f"health --address {address} --service dealgate.journal")
    assert told == "NOT_SERVING\n[exit status 1]\n"
    told = await asyncio.to_thread(said, f"health --address {address} --service nothing")
    assert told == "UNKNOWN\n[exit status 1]\n"


def test_health_of_nobody() -> None:
    """Nobody there is another status than not serving."""
    told = said("health --address 127.0.0.1:1 --timeout 2")
    assert "127.0.0.1:1: " in told
    assert "[exit status 2]" in told


async def test_the_journal_is_looked_after(tmp_path: Path) -> None:
    """Counted, verified, copied, archived and pruned by one command each."""
    journal = await SqliteJournal.open(tmp_path / "j.db")
    for number in range(3):
        await journal.append(decision(number))
    await journal.close()
    at = f"--journal {tmp_path}/j.db"
    assert "default/qualify" in said(f"journal stats {at}")
    assert said(f"journal verify {at}") == "3 records are sound, 0 faults\n"
    assert "bytes" in said(f"journal backup {tmp_path}/b.db {at}")
    assert "3 decisions" in said(f"journal archive {tmp_path}/a.db --before 2099-01-01 {at}")
    pruned = said(f"journal prune --archive {tmp_path}/a.db --before 2099-01-01 {at}")
    assert "deleted 3 decisions, which remain in" in pruned
    assert said(f"journal verify {at}") == "0 records are sound, 0 faults\n"
    assert "exists already" in said(f"journal backup {tmp_path}/b.db {at}")
    assert "pg_dump" in said("journal stats --journal postgresql://db/x")
