"""The page of the rules tells each rule's reason, condition, claim and example."""

from pathlib import Path

import pytest

from dealgate.desk.handbook import handbook
from dealgate.language.cel import CelChecker
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.rulebook.checking import check_folder
from dealgate.rulebook.digest import digest
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

RULES = """\
ruleset: approve
version: 1
owner: sales
because: The first.
constants:
  least: 10
facts:
  is_small: deal.employees < least
rules:
  - id: too-small
    when: is_small || deal.employees == 11
    then: {verdict: refuse, points: -5}
    because: Small deals cost more than they bring.
"""
CASES = """\
cases:
  - case: ten people are not small
    as_of: 2026-06-01T00:00:00Z
    facts: {deal: {id: D1, employees: 10}}
    fired: []
  - case: nine people are small
    as_of: 2026-06-01T00:00:00Z
    facts: {deal: {id: D1, employees: 9}}
    fired: [too-small]
"""
RELEASE = """\
- version: 1
  from: 2026-01-01
  sha256: {digest}
  by: ann@example.com
  because: To begin with.
"""


@pytest.fixture
def page(tmp_path: Path, approve: AnyKind, checker: CelChecker) -> str:
    """The page of one rule set."""
    home = tmp_path / "rules" / "approve"
    home.mkdir(parents=True)
    (home / "v1.yaml").write_text(RULES)
    (home / "v1.cases.yaml").write_text(CASES)
    faults: list[Fault] = []
    document = read_yaml(Source("v1.yaml", RULES), faults)
    assert document is not None
    (home / "releases.yaml").write_text(RELEASE.format(digest=digest(document)))
    return handbook(*check_folder(home.parent, {"approve": approve}, checker))


def test_a_rule_is_told_whole(page: str) -> None:
    """Its reason, its condition, what it claims, and the first case that it fires in."""
    rule = page.partition("### too-small\n")[2]
    assert rule.strip().splitlines() == [
        "Small deals cost more than they bring.",
        "",
        "* When `is_small || deal.employees == 11` ([file](../rules/approve/v1.yaml#L10))",
        "* Then: verdict **refuse**, points **-5**",
        "* For example: [nine people are small](../rules/approve/v1.cases.yaml#L6)",
    ]


def test_names_are_told_with_what_they_stand_for(page: str) -> None:
    """Constants and named facts stand in tables, so that a condition can be read."""
    assert "| `least` | `10` |" in page
    assert "| `is_small` | `deal.employees < least` |" in page
    assert "decides from 2026-01-01T00:00:00Z on" in page
