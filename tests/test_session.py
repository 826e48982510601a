"""The session in the docs is what happens."""

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_session_is_fresh() -> None:
    """Its commands are run anew, and say what stands there: `make session` after a change."""
    run = subprocess.run(
        [sys.executable, DOCS / "session.py"], capture_output=True, text=True, check=True
    )
    assert run.stdout == (DOCS / "session.md").read_text()
