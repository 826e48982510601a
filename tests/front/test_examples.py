"""The examples in Go and Java work as they stand, where their toolchains are."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.front.conftest import Pair, needs_envoy
from tests.serving.conftest import ROOT, Process

JAVA = ROOT / "clients/java"
REFUSED = "facts.lead.company.employees must not be negative"
SECONDS = 120


def run(command: list[str], folder: Path) -> str:
    """Return what a command prints."""
    ran = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=True
    )
    return ran.stdout


@needs_envoy
@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not here: apt-get install golang-go")
def test_the_example_in_go(front: Pair) -> None:
    """It scores a lead by JSON, and reads what is wrong with another."""
    assert REFUSED in run(["go", "run", ".", front.http.base], ROOT / "clients/go")


@pytest.mark.skipif(
    shutil.which("java") is None or not (JAVA / "out/classpath").exists(),
    reason="the example in Java is not built: clients/java/build",
)
def test_the_example_in_java(server: Process) -> None:
    """It scores a lead by gRPC, and reads what is wrong with another."""
    classpath = "out:" + (JAVA / "out/classpath").read_text().strip()

    assert REFUSED in run(["java", "-cp", classpath, "Example", server.target], JAVA)
