"""The examples in Go and Java work as they stand, where they are built."""

import subprocess
from pathlib import Path

import pytest

from tests.front.conftest import Pair, needs_envoy
from tests.serving.conftest import ROOT, Process

GO, JAVA = ROOT / "clients/go/out", ROOT / "clients/java/out"
REFUSED = "facts.lead.company.employees must not be negative"
SECONDS = 120
needs_go = pytest.mark.skipif(
    not (GO / "overgrpc").exists(), reason="the examples in Go are not built: make go"
)
needs_java = pytest.mark.skipif(
    not (JAVA / "classpath").exists(), reason="the example in Java is not built: make java"
)


def run(command: list[str], folder: Path) -> str:
    """Return what a command prints."""
    ran = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=True
    )
    return ran.stdout


def told(printed: str) -> list[str]:
    """Return what an example says of its calls, in one spelling for all languages."""
    of_calls = ("one: ", "batch: ", "stream: ", "refused: ", "late: ")
    lines = [line for line in printed.splitlines() if line.startswith(of_calls)]
    return [line.replace("INVALID_ARGUMENT", "InvalidArgument") for line in lines]


# A call, a batch with an error in it, a stream, an error with its details, a deadline.
EXPECTED = [
    "one: D4",
    "batch: D4",
    f"batch: InvalidArgument 1 invalid field: questions[1].score.{REFUSED}",
    "stream: first 2 answers",
    "stream: second 2 answers",
    "refused: BAD_QUESTION",
    f"refused: {REFUSED}",
    "late: with the same key, a repeat gets the decision",
]


@needs_envoy
@needs_go
def test_the_example_over_http_in_go(front: Pair) -> None:
    """It scores a lead by JSON, and reads what is wrong with another."""
    assert REFUSED in run([str(GO / "overhttp"), front.http.base], GO)


@needs_go
def test_the_example_over_grpc_in_go(server: Process) -> None:
    """It asks by a call, a batch and a stream, and reads errors, with stubs of our contracts."""
    assert told(run([str(GO / "overgrpc"), server.target], GO)) == EXPECTED


@needs_java
def test_the_example_in_java(server: Process) -> None:
    """It asks by a call, a batch and a stream, and reads errors, with stubs of our contracts."""
    classpath = f"{JAVA}:" + (JAVA / "classpath").read_text().strip()

    assert told(run(["java", "-cp", classpath, "Example", server.target], JAVA)) == EXPECTED
