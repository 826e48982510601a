"""What the machine refuses a command is told in a line: no traceback, and not the rules' status."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving.conftest import ROOT

FULL = Path("/dev/full")


@pytest.mark.parametrize("asked", ["--version", "--help", "schema", "config"])
@pytest.mark.skipif(not FULL.exists(), reason="has no device that is always full")
def test_an_output_that_is_full_is_told_in_a_line(asked: str) -> None:
    """Status 2: the command could not be done; 1 would say that rules are at fault."""
    with FULL.open("w") as out:
        command = [sys.executable, "-m", "dealgate", asked]
        run = subprocess.run(
            command, cwd=ROOT, stdout=out, stderr=subprocess.PIPE, text=True, check=False
        )
    assert run.stderr == "what the command reads or writes: No space left on device\n"
    assert run.returncode == 2


@pytest.mark.skipif(not FULL.exists(), reason="has no device that is always full")
def test_where_errors_cannot_be_told_the_status_tells() -> None:
    """Both streams lead to a full disk."""
    with FULL.open("w") as out:
        command = [sys.executable, "-m", "dealgate", "schema"]
        run = subprocess.run(command, cwd=ROOT, stdout=out, stderr=out, check=False)
    assert run.returncode == 2
