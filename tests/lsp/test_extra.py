"""The language server is an extra: a server of decisions does without it."""

import subprocess
import sys
from pathlib import Path


def test_without_pygls_the_command_names_the_extra(tmp_path: Path) -> None:
    """Whoever has not installed the extra is told how, and sees no traceback."""
    blocked = "import sys; sys.modules['pygls'] = None; from dealgate.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", blocked, "lsp"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert result.returncode == 2
    assert "pip install 'dealgate[authoring]'" in result.stderr
    assert "Traceback" not in result.stderr
