"""docs/signals.md: what it says to run is run, and comes to what it says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.signals.signal_folder import read_signals

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/signals.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_tutorial(tmp_path: Path) -> None:
    """Every command is run as it stands; what it prints is what the page shows."""
    blocks = BLOCKS[[language for language, _ in BLOCKS].index("json") :]
    (tmp_path / "rules").symlink_to(ROOT / "rules")
    (tmp_path / "visits.jsonl").write_text(blocks[0][1])
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    printed = ""
    tried = 0
    for language, text in blocks[1:]:
        if language == "sh":
            done = subprocess.run(
                ["sh", "-ec", text],
                cwd=tmp_path,
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            printed = done.stdout
            tried += 1
        elif language == "json":
            assert json.loads(printed) == json.loads(text)
    assert tried == 2


def test_signals_of_the_page(tmp_path: Path, checker: CelChecker) -> None:
    """The first is the one that is shipped; its question is one that can be asked of it."""
    first, ask = (text for language, text in BLOCKS if language == "yaml" and "cases:" not in text)
    assert first == (ROOT / "rules/signals/pricing-visits.yaml").read_text()
    (tmp_path / "rules/signals").mkdir(parents=True)
    (tmp_path / "rules/signals/pricing-visits.yaml").write_text(first + ask)
    assert read_signals(tmp_path / "rules", KINDS, checker).signals["pricing-visits"].ask


@pytest.mark.parametrize(
    "pattern", re.findall(r"^\| `((?:absence|count|crossing): .*?)` \|", PAGE, re.MULTILINE)
)
def test_patterns_of_the_page(tmp_path: Path, checker: CelChecker, pattern: str) -> None:
    """Each that the table shows can be declared."""
    on = "score" if "outcome" in pattern else "activity"
    (tmp_path / "rules/signals").mkdir(parents=True)
    text = f"signal: one\nowner: tests\nbecause: tests\non: {on}\n{pattern}\n"
    (tmp_path / "rules/signals/one.yaml").write_text(text)
    assert read_signals(tmp_path / "rules", KINDS, checker).signals
