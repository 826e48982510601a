"""What people read when they begin a version, a rule or a kind: a golden transcript."""

import os
from pathlib import Path

import pytest

from tests.cli.saying import said
from tests.small import copied

GOLDEN = Path(__file__).parent / "golden" / "editing.txt"
COMMANDS = (
    'new-version qualify --because "Autumn: we sell to banks."',
    "new-rule qualify too-odd",
    "new-rule qualify too-odd",
    "new-rule qualify Too_Odd",
    "new-rule kwalify too-odd",
    "check qualify@3",
    "digest qualify 2",
    "digest qualify 9",
    "fmt --check qualify",
    "fmt --diff score",
    "fmt score",
)


def test_transcript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written, and each refusal, reads exactly like this.

    One file of score is untidy. `REGENERATE=1 .venv/bin/pytest tests/cli/test_editing.py` writes it
    anew: read it.
    """
    copied(tmp_path)
    monkeypatch.chdir(tmp_path)
    untidy = Path("rules/score/v2.yaml")
    untidy.write_text(untidy.read_text().replace("constants:\n", "\n\nconstants:   # for now\n"))
    shown = "\n".join(f"$ dealgate {command}\n{said(command)}" for command in COMMANDS)
    if os.environ.get("REGENERATE"):
        GOLDEN.write_text(shown)
    assert shown == GOLDEN.read_text()
