"""A copy of the shipped rules to edit, with the contracts beside it."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = ("qualify", "score")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A checkout's rules folder, with the kinds that these tests edit."""
    shutil.copytree(ROOT / "proto", tmp_path / "proto")
    for kind in KINDS:
        shutil.copytree(ROOT / "rules" / kind, tmp_path / "rules" / kind)
    for pipelines in (ROOT / "rules").glob("pipelines.v*.yaml"):
        shutil.copy(pipelines, tmp_path / "rules")
    return tmp_path / "rules"


@pytest.fixture
def with_advance(rules: Path) -> Path:
    """The same with another kind, which takes as long to check as both."""
    shutil.copytree(ROOT / "rules" / "advance", rules / "advance")
    return rules
