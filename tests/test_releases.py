"""releases.yaml is a record: against main it may only have grown."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dealgate.kinds import KINDS
from dealgate.model.faults import Fault
from dealgate.rulebook.document import plain
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("kind", KINDS)
def test_releases_only_grow(kind: str) -> None:
    """What main says was released is not rewritten: even a rollback is one more line.

    Comments and layout say nothing of what was released, and may change.
    """
    path = f"rules/{kind}/releases.yaml"
    git = shutil.which("git")
    if git is None:
        pytest.skip("there is no git here to ask for main")
    main = subprocess.run(
        [git, "show", f"main:{path}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if main.returncode != 0:
        pytest.skip(f"main has no {path} to compare with")

    before, now = lines(main.stdout), lines((ROOT / path).read_text())
    assert now[: len(before)] == before


def lines(text: str) -> list[Any]:
    """Return the releases in a file."""
    faults: list[Fault] = []
    document = read_yaml(Source("releases.yaml", text), faults)
    assert document is not None, faults
    found: list[Any] = plain(document)
    return found
