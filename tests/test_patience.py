"""Tests have patience: what a busy machine does late is no fault of the code."""

import re
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
# Seconds that a machine may be busy with something else.
PATIENCE = 20
WAITS = re.compile(
    r"(?:\.(?:wait|join|acquire)|wait_for|timeout)\((?:[^()]*, *)?(?:timeout=)?(\d+)\)"
)
SUPPRESSED = re.compile(r"suppress_health_check=\[(.*?)\]", re.DOTALL)


def sources() -> Iterator[tuple[Path, str]]:
    """Yield the files of all tests, and what they hold."""
    for folder in ("tests", "clients/python/tests"):
        for path in (ROOT / folder).rglob("*.py"):
            yield path.relative_to(ROOT), path.read_text()


def test_who_waits_for_something_waits_long() -> None:
    """A wait in whole seconds is one for what does happen: it costs nothing to have patience."""
    short = [
        f"{path}: {found[0]}"
        for path, text in sources()
        for found in WAITS.finditer(text)
        if 0 < int(found[1]) < PATIENCE
    ]
    assert short == []


def test_no_law_fails_because_its_examples_are_drawn_slowly() -> None:
    """Nor because one of them takes long, whatever else a test asks of Hypothesis."""
    assert settings().deadline is None
    assert HealthCheck.too_slow in settings().suppress_health_check
    hasty = [
        f"{path}: {found[0]}"
        for path, text in sources()
        for found in SUPPRESSED.finditer(text)
        if "too_slow" not in found[1]
    ]
    assert hasty == []
