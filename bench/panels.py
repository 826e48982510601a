"""Draw the dashboards for docs/ from a real run: python -m bench.panels [SECONDS].

A server with four of the shipped kinds is asked what their cases ask, a version is released half
way, a consumer follows the shipped signals in what happens on a web site, Debian's Prometheus
(`make prometheus`) scrapes both, and deploy/observability/render.py draws.
"""

import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from bench.local_server import ROOT, RULES, local_server
from dealgate.desk.expressions import expression_checker
from dealgate.kinds import KINDS
from dealgate.rulebook.cases import load_cases
from dealgate.rulebook.loading import load_catalog
from dealgate_client import Client, DealgateError
from dealgate_client.questions import FIELDS
from deploy.observability.render import rendered

SECONDS, PAUSE = 60, 0.05
ASKED = {
    "score": "score_lead",
    "qualify": "qualify_lead",
    "quota": "track_quota",
    "handoff": "hand_off_customer",
}
TENANTS = ("acme", "emea", "apac")
RELEASED = "score"
PAGES = ("ACTIVITY_TYPE_PRICING_PAGE", "ACTIVITY_TYPE_KEY_PAGE", "ACTIVITY_TYPE_OF_TOMORROW")
VISITORS = 200
PICTURES = ROOT / "docs/dashboards"
PROMETHEUS = ROOT / ".venv/prometheus/usr/bin/prometheus"
OFTEN = "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"

Questions = Sequence[tuple[str, Mapping[str, Any]]]


def questions(rules: Path) -> Questions:
    """Return the method and the facts of every case."""
    types = {facts.DESCRIPTOR.name: facts for facts in FIELDS}
    asked = []
    for file in load_cases(rules, KINDS, load_catalog(rules, KINDS, expression_checker()).all()):
        for case in file.cases:
            facts = types[case.facts.DESCRIPTOR.name].FromString(case.facts.SerializeToString())
            known = {field.name: value for field, value in facts.ListFields()}
            asked.append((ASKED[file.ruleset.kind], known))
    return asked


def ask(
    target: str,
    asked: Questions,
    seconds: float,
    half_way: Callable[[], object],
    each_time: Callable[[random.Random], object],
) -> None:
    """Ask for so long, as callers do: a dry run now and then, and a question that is refused."""
    chance, began, told = random.Random(1), time.monotonic(), False
    clients = [Client(target, tenant=tenant, timeout=30) for tenant in TENANTS]
    while (passed := time.monotonic() - began) < seconds:
        client = chance.choices(clients, (6, 3, 1))[0]
        method, facts = chance.choice(asked)
        # A case may lack what the client has no default for.
        with suppress(DealgateError, TypeError):
            getattr(client, method)(**facts, dry_run=chance.random() < 0.1)
        if passed > seconds / 2 and not told:
            half_way()
            told = True
        each_time(chance)
        time.sleep(chance.expovariate(1 / PAUSE))
    for client in clients:
        client.close()


@contextmanager
def consumer(folder: Path, server: str, metrics: int) -> Iterator[Callable[[random.Random], None]]:
    """Follow signals; yields what tells the consumer that somebody looked at a page."""
    command: list[str | Path] = [
        *(sys.executable, "-m", "dealgate", "consume", "--server", server),
        *("--signals", RULES, "--state", folder / "signals.db", "--lateness", "2s"),
        *("--signals-to", f"jsonl://{folder}/signals.jsonl"),
        *("--dead-letters", f"jsonl://{folder}/letters.jsonl"),
        *("--metrics-listen", f"127.0.0.1:{metrics}"),
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, text=True, cwd=ROOT, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        yield partial(look, process.stdin)
        process.stdin.close()


def look(told: IO[str], chance: random.Random) -> None:
    """Tell that somebody looked at a page; now and then it is a page that nobody knows."""
    page = chance.choices(PAGES, (20, 20, 1))[0]
    event = {
        "specversion": "1.0",
        "id": f"{chance.getrandbits(64):x}",
        "source": "/web",
        "type": "dealgate.v1.activity.recorded",
        "subject": f"lead/{chance.randrange(VISITORS)}",
        "time": datetime.now(UTC).isoformat(),
        "data": {"type": page},
    }
    told.write(json.dumps(event) + "\n")
    told.flush()


@contextmanager
def prometheus(folder: Path, *metrics: int) -> Iterator[str]:
    """Run Prometheus with our alerts; yields its address."""
    rules = ROOT / "deploy/observability/rules.yml"
    addresses = ", ".join(f"'127.0.0.1:{port}'" for port in metrics)
    targets = f"[{{targets: [{addresses}]}}]"
    scraped = f"scrape_configs: [{{job_name: dealgate, static_configs: {targets}}}]\n"
    (folder / "prometheus.yml").write_text(f"{OFTEN}rule_files: [{rules}]\n{scraped}")
    own = free_port()
    command: list[str | Path] = [
        PROMETHEUS,
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{own}",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"http://127.0.0.1:{own}"
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def main(seconds: float) -> None:
    """Serve, ask, draw."""
    port, followed = free_port(), free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rules = folder / "rules"
        for kind in ASKED:
            shutil.copytree(RULES / kind, rules / kind)
        asked = questions(rules)
        releases = rules / RELEASED / "releases.yaml"
        text = releases.read_text()
        last = text.rindex("- version:")
        releases.write_text(text[:last])
        settings = {"DEALGATE_RULES": str(rules), "DEALGATE_METRICS_LISTEN": f"127.0.0.1:{port}"}
        settings |= {"OTEL_SDK_DISABLED": "false"}
        settings |= {"DEALGATE_OUTBOX": f"lake=jsonl://{folder}/out.jsonl"}
        with (
            local_server(settings) as server,
            consumer(folder, server.target, followed) as looked,
            prometheus(folder, port, followed) as url,
        ):
            ask(server.target, asked, seconds, lambda: releases.write_text(text), looked)
            rendered(url, PICTURES, seconds)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
