"""The TypeScript client, from Node, against a real server: by gRPC, gRPC-Web and Connect."""

import os
import shutil
import subprocess

import pytest

from dealgate.v1.decision_service_pb2 import Question
from tests.front.conftest import Pair, needs_envoy
from tests.serving.conftest import ROOT

CLIENT = ROOT / "clients/typescript"
SECONDS = 120


needs_client = pytest.mark.skipif(
    shutil.which("node") is None or not (CLIENT / "dist").exists(),
    reason="the client is not built: make typescript",
)


def run_node(pair: Pair, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Node, which is told where the server and the front are."""
    found = {
        "DEALGATE_TARGET": f"http://{pair.server.target}",
        "DEALGATE_FRONT": pair.http.base,
    }
    return subprocess.run(
        ["node", *arguments],
        cwd=CLIENT,
        env={**os.environ, **found},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@needs_envoy
@needs_client
def test_calls_of_the_typescript_client(front: Pair) -> None:
    """Its own tests pass, and none is skipped."""
    ran = run_node(front, "--test", "dist/test/")

    assert ran.returncode == 0, ran.stdout
    assert "# skipped 0" in ran.stdout


@needs_envoy
@needs_client
def test_the_typescript_example(front: Pair) -> None:
    """The example of its README is the file beside it, and works."""
    example = (CLIENT / "example.ts").read_text("utf-8")
    shown = example.replace("./src/index.js", "@dealgate/client")
    assert shown.replace("./src/node.js", "@dealgate/client/node") in (
        CLIENT / "README.md"
    ).read_text("utf-8")

    assert "not known:" in run_node(front, "dist/example.js").stdout


def test_every_call_has_a_method() -> None:
    """A kind of decision that the contracts have is a method of the client, and a kind there."""
    text = (CLIENT / "src/client.ts").read_text("utf-8")
    questions = (CLIENT / "src/questions.ts").read_text("utf-8")
    kinds = {field.name for field in Question.DESCRIPTOR.fields} - {"declared"}

    assert {kind for kind in kinds if f"  {kind}: MessageInitShape" in questions} == kinds
    assert {kind for kind in kinds if f'FactsByKind["{kind}"]' in text} == kinds
