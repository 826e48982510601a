"""`--watch` runs again after each change, and shells complete commands and options."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
DEALGATE = str(Path(sys.executable).with_name("dealgate"))


def until_watching(output: IO[str] | None) -> str:
    """Return what is printed until the command waits for a change."""
    assert output is not None
    lines: list[str] = []
    for line in output:
        if line.startswith("watching "):
            return "".join(lines)
        lines.append(line)
    raise AssertionError("".join(lines))


def test_a_watched_check_sees_a_change_and_its_cure(tmp_path: Path) -> None:
    """A fault does not end it; after the cure the same is printed as at first."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules" / "qualify", rules / "qualify")
    path = rules / "qualify" / "v2.yaml"
    whole = path.read_text()
    command = (DEALGATE, "check", "qualify@2", "--watch", "--rules", str(rules))
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as watched:
        first = until_watching(watched.stdout)
        path.write_text(whole.replace("lead.company.employees <", "lead.company.employes <", 1))
        assert "did you mean 'employees'?" in until_watching(watched.stdout)
        path.write_text(whole)
        assert until_watching(watched.stdout) == first
        # A job in a shell's background ignores what Ctrl-C sends, and its children do too.
        watched.terminate()
    assert "proved" in first


def completed(*words: str) -> list[str]:
    """Return what a shell offers for the last of the words."""
    asked = {
        "_DEALGATE_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("dealgate", *words)),
        "COMP_CWORD": str(len(words)),
    }
    run = subprocess.run(
        [DEALGATE], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )
    return run.stdout.split()


def test_commands_and_their_options_are_completed() -> None:
    """Though commands are imported only when they are run."""
    assert completed("rele") == ["release", "releases"]
    assert completed("check", "--wa") == ["--watch"]
    script = subprocess.run(
        [DEALGATE, "completion", "bash"], capture_output=True, text=True, check=True
    )
    assert "_DEALGATE_COMPLETE=complete_bash" in script.stdout
