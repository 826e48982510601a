"""Editors, differences and suggestions know properties by their types, and words of our own."""

from pathlib import Path

import pytest
from lsprotocol.types import MarkupContent
from typer.testing import CliRunner, Result

from dealgate.cli import app
from dealgate.lsp.checking import RememberingChecker
from dealgate.lsp.completion import completions
from dealgate.lsp.files import Texts, file_of, uri_of
from dealgate.lsp.hover import hover
from dealgate.lsp.names import Types
from dealgate.lsp.positions import Positions
from dealgate.lsp.workspace import Desk

PROPERTIES = """\
lead:
  tier: {type: enum, values: [gold, silver], because: Set by the partner desk.}
  webinars: {type: int, at_least: 0, at_most: 50, unit: webinars, because: Counted by marketing.}
activity:
  type: {type: enum, values: [podcast], because: What marketing buys.}
"""
RULES = """\
ruleset: qualify
version: 1
owner: sales
because: By properties.
parameters: {currency: EUR, min_completeness: 0, recycle: {}, recycle_days: 90, nurture_days: 30}
rules:
  - id: keen
    when: lead.properties.tier == "gold" && lead.properties.webinars >= 3
    then: {disposition: mql, code: OWN-01}
    because: Gold partners who come to webinars buy.
  - id: listener
    each: {a: activities}
    when: a.type == ACTIVITY_TYPE_PODCAST
    then: {disposition: mql, code: OWN-02}
    because: Listeners are warm.
"""
CASES = """\
cases:
  - case: nobody special
    as_of: 2026-06-01T00:00:00Z
    facts: {lead: {id: L1}}
    fired: []
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder whose rules read properties, in two versions."""
    home = tmp_path / "rules" / "qualify"
    home.mkdir(parents=True)
    (tmp_path / "rules" / "properties.yaml").write_text(PROPERTIES)
    (home / "v1.yaml").write_text(RULES)
    (home / "v1.cases.yaml").write_text(CASES)
    return tmp_path / "rules"


def desk(rules: Path, text: str = RULES) -> Desk:
    """Return the rule file as an editor has it open."""
    path = rules / "qualify" / "v1.yaml"
    file = file_of(uri_of(path))
    assert file is not None
    return Desk(file, text, Texts({path: text}), Types(RememberingChecker()))


def hovered(rules: Path, word: str) -> str:
    """Return what is shown of a word."""
    found = hover(desk(rules), RULES.index(word) + 1, Positions(RULES))
    assert found is not None
    assert isinstance(found.contents, MarkupContent)
    return found.contents.value


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("tier ==", "Set by the partner desk. (enum; one of gold, silver)"),
        ("webinars >=", "Counted by marketing. (int; at least 0; at most 50; unit webinars)"),
        ("ACTIVITY_TYPE_PODCAST", "What marketing buys. (enum; one of podcast)"),
    ],
)
def test_hover_says_what_is_declared(rules: Path, word: str, told: str) -> None:
    """The reason that properties.yaml gives, with type, values, bounds and unit."""
    assert told in hovered(rules, word)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("lead.properties.", {"tier", "webinars"}),
        ("lead.properties.webinars >= 3 && lead.properties.", {"tier", "webinars"}),
        ("a.type == ", {"ACTIVITY_TYPE_PODCAST", "ACTIVITY_TYPE_DEMO_REQUEST"}),
    ],
)
def test_completion_offers_what_is_declared(rules: Path, typed: str, names: set[str]) -> None:
    """Properties after the point, and words of our own among those of the contract."""
    text = RULES.replace("a.type == ACTIVITY_TYPE_PODCAST", typed)
    index = text.index(f"when: {typed}") + len(f"when: {typed}")
    offered = {item.label for item in completions(desk(rules, text), index, Positions(text))}
    assert names <= offered


def run(rules: Path, *arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(app, [*arguments, "--rules", str(rules)])


def test_a_difference_is_told_by_properties(rules: Path) -> None:
    """In words, and by facts in which they stand."""
    home = rules / "qualify"
    changed = RULES.replace("version: 1", "version: 2").replace(">= 3", ">= 5")
    (home / "v2.yaml").write_text(changed)
    (home / "v2.cases.yaml").write_text(CASES)
    shown = run(rules, "diff", "qualify@1", "qualify@2").output
    assert "the limit of lead.properties.webinars rises from 3 to 5" in shown
    assert "webinars: 3" in shown
    assert 'tier: "gold"' in shown


def test_pasted_suggestions_leave_nothing_to_miss(rules: Path) -> None:
    """Cases are suggested for properties and words; once they are there nothing is missed."""
    path = rules / "qualify" / "v1.cases.yaml"
    suggested = run(rules, "test", "qualify", "--suggest").stdout
    assert "tier: gold" in suggested
    assert "ACTIVITY_TYPE_PODCAST" in suggested
    path.write_text(path.read_text() + suggested)
    missed = [
        line
        for line in run(rules, "test", "qualify", "--mutate").stderr.splitlines()
        if ": rule " in line
    ]
    assert missed == []
