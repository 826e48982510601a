"""releases.yaml is a record: against main it may only have grown."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dealgate.kinds import KINDS

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("kind", KINDS)
def test_releases_only_grow(kind: str) -> None:
    """What main says was released is not rewritten: even a rollback is one more line."""
    path = f"rules/{kind}/releases.yaml"
    git = shutil.which("git")
    if git is None:
        pytest.skip("there is no git here to ask for main")
    main = subprocess.run(
        [git, "show", f"main:{path}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if main.returncode != 0:
        pytest.skip(f"main has no {path} to compare with")

    assert (ROOT / path).read_text().startswith(main.stdout)
