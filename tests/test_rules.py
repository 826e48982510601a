"""The rule sets we ship: they load, they hold, and each of their rules is seen at work."""

import asyncio
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from dealgate.engine.cel import CelChecker
from dealgate.engine.native import NativeEngine
from dealgate.kinds import KINDS
from dealgate.rulebook.cases import load_cases
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.loading import load_catalog
from dealgate.rulebook.schema import schema_text
from dealgate.rulebook.trials import CaseReport, run_cases

RULES = Path(__file__).parents[1] / "rules"


@cache
def catalog() -> Catalog:
    """Load every shipped rule set."""
    return load_catalog(RULES, KINDS, CelChecker())


@cache
def reports() -> Sequence[CaseReport]:
    """Try every shipped case."""
    files = load_cases(RULES, KINDS, catalog().all())
    return asyncio.run(run_cases(catalog(), KINDS, NativeEngine(), files))


def test_every_kind_has_two_versions_and_a_release() -> None:
    """Each kind can show what a new version changes, and one of its versions decides."""
    for kind in KINDS:
        assert len([ruleset for ruleset in catalog().all() if ruleset.kind == kind]) >= 2
        assert catalog().releases(kind)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_case_holds(kind: str) -> None:
    """Every case comes out as it says, and each rule is seen to fire and to stay quiet."""
    tried = [report for report in reports() if report.ruleset.startswith(f"{kind}@")]
    failures = [str(failure) for report in tried for failure in report.failures]
    assert tried
    assert not failures, "\n".join(failures)


def test_schema_is_fresh() -> None:
    """Editors check rule files against the shapes of today.

    `REGENERATE=1 .venv/bin/pytest tests/test_rules.py` writes rules/schema.json anew.
    """
    path = RULES / "schema.json"
    if os.environ.get("REGENERATE"):
        path.write_text(schema_text(KINDS))
    assert path.read_text() == schema_text(KINDS)


@pytest.mark.parametrize("path", sorted(RULES.glob("*/v?.yaml")), ids=lambda path: str(path)[-20:])
def test_editors_are_told_of_the_schema(path: Path) -> None:
    """Every rule file names the schema on its first line."""
    first = path.read_text().split("\n", 1)[0]
    assert first == "# yaml-language-server: $schema=../schema.json"
