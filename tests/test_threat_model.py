"""docs/threat-model.md names tests, and they are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUARD = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
GUARDS = GUARD.findall((ROOT / "docs/threat-model.md").read_text())


@pytest.mark.parametrize(("file", "name"), GUARDS)
def test_each_boundary_has_its_test(file: str, name: str) -> None:
    """The test that guards a boundary exists under that name."""
    text = (ROOT / file).read_text()
    assert re.search(rf"^(async )?def {name or 'test_'}", text, re.MULTILINE)


def test_the_table_is_read() -> None:
    """Each row of the table names one."""
    rows = (ROOT / "docs/threat-model.md").read_text().count("\n| ") - 2
    assert len(GUARDS) == rows
