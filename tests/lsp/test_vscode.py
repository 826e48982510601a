"""The VS Code extension, against the real server."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXTENSION = Path(__file__).parents[2] / "clients" / "vscode"


def test_the_extension_starts_and_uses_the_server() -> None:
    """Its own tests pass: which program it starts, and what that tells, cures and runs."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    command = Path(sys.executable).with_name("dealgate")
    done = subprocess.run(
        [node, "--test", "test/extension.test.js"],
        cwd=EXTENSION,
        env={**os.environ, "DEALGATE_COMMAND": str(command)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
