"""`dealgate access`, and the page that explains it."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealgate.cli.access import app as access

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
RULES, CASES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files that the page shows."""
    (tmp_path / "access.yaml").write_text(RULES)
    (tmp_path / "access.cases.yaml").write_text(CASES)
    return tmp_path


def run(*arguments: object) -> tuple[int, str]:
    """Run the command; return its status, and what it printed."""
    result = CliRunner().invoke(access, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_the_page_is_true(folder: Path) -> None:
    """The rules in docs/access.md are sound, and its cases pass."""
    status, told = run("check", folder / "access.yaml")
    assert (status, "2 rule(s) for principals, 3 role(s)" in told) == (0, True)
    assert run("test", folder / "access.yaml") == (0, "3 case(s) passed\n")


def test_a_case_that_fails(folder: Path) -> None:
    """A call that is allowed and should not be is named with its line, and the status is 1."""
    cases = folder / "access.cases.yaml"
    cases.write_text(CASES.replace("allowed: true\n  principal: crm", "allowed: false"))
    status, told = run("test", folder / "access.yaml")
    assert status == 1
    assert "access.cases.yaml:1:3: case the CRM scores for acme: is allowed to crm" in told


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("LeadService.ScoreLead", "LeadService.Score", "is not an RPC"),
        ("  tenant: acme\n", "", "add tenant"),
        ("spiffe_id:", "spife_id:", "did you mean 'spiffe_id'?"),
        ("allowed: true", "allowed: yes", "allowed"),
        ("principal: crm", "principal: erp", "the caller is crm, not erp"),
    ],
)
def test_cases_with_faults(folder: Path, right: str, wrong: str, told: str) -> None:
    """What a case says wrongly is named, with its cure."""
    (folder / "access.cases.yaml").write_text(CASES.replace(right, wrong, 1))
    status, output = run("test", folder / "access.yaml")
    assert status == 1
    assert told in output


def test_rules_with_faults(folder: Path) -> None:
    """Faults in access.yaml are printed as those of rules are."""
    (folder / "access.yaml").write_text(RULES.replace("token.email", "token.mail"))
    status, output = run("check", folder / "access.yaml")
    assert status == 1
    assert "did you mean 'email'?" in output
