"""A copy of the shipped rules to edit, with the contracts beside it."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A checkout's rules folder."""
    shutil.copytree(ROOT / "proto", tmp_path / "proto")
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    return tmp_path / "rules"
