"""The case that is missing is found, is right, and once it is pasted there is nothing to miss."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dealgate.cli import app
from tests.cases.asking import case, rule, written

SHIPPED = Path(__file__).parents[2] / "rules"
NOTHING = "cases:\n" + case("nobody special", "{}", "fired: []")


def rules_with(tmp_path: Path, rules: str, cases: str, *, before: str = "") -> Path:
    """Return a folder with every shipped kind, and these rules as all of qualify's."""
    folder = tmp_path / "rules"
    shutil.copytree(SHIPPED, folder)
    shutil.rmtree(folder / "qualify")
    return written(tmp_path, rules, cases, before=before)


def run(folder: Path, *arguments: str) -> Result:
    """Run `dealgate test` on qualify."""
    return CliRunner().invoke(app, ["test", "qualify", "--rules", str(folder), *arguments])


def pasted(folder: Path) -> str:
    """Paste what is suggested below the cases; return it without its first comment."""
    result = run(folder, "--suggest")
    path = folder / "qualify" / "v1.cases.yaml"
    path.write_text(path.read_text() + result.stdout)
    return result.stdout


def missed(folder: Path) -> list[str]:
    """Return what no case shows of rules, facts and constants."""
    told = run(folder, "--mutate").stderr
    return re.findall(r"^rules/\S+: ((?:rule|fact|constant) .*) \[[a-z-]+\]$", told, re.MULTILINE)


PLANTED = {
    "limit": ("lead.company.employees < 50", ""),
    "money": ('annual_contract_value >= money("EUR", "5000")', ""),
    "day": ("has(history.recycle_until) && date(as_of) < history.recycle_until", ""),
    "age": ("activities.exists(a, days_between(a.at, as_of) <= 90)", ""),
    "list": ("lower(lead.country) in near", 'constants:\n  near: ["de", "at"]\n'),
    "enum": ("lead.seniority in [SENIORITY_VP, SENIORITY_C_LEVEL]", ""),
    "masked": ("lead.do_not_call && (scores.fit >= 40 || lead.has_opted_out_of_email)", ""),
    "named": (
        "big && !gone",
        "facts:\n  big: lead.company.employees >= 50\n  gone: has(lead.email)\n",
    ),
    "sum": (
        "points == 1",
        "facts:\n  points: '(has(lead.email) ? 1 : 0) + (has(lead.phone) ? 1 : 0)'\n",
    ),
}


@pytest.mark.parametrize("planted", sorted(PLANTED))
def test_pasted_suggestions_leave_nothing_to_miss(tmp_path: Path, planted: str) -> None:
    """Boundary, presence, lists, names, sums: what survived before is noticed afterwards."""
    when, before = PLANTED[planted]
    nobody = NOTHING.replace("{}", "{lead: {company: null}}")
    folder = rules_with(tmp_path, rule("it", when), nobody, before=before)
    assert "rule it: no case sees it fire" in missed(folder)
    pasted(folder)
    assert missed(folder) == []


def test_suggestion_stands_at_the_limit_and_says_what_follows(tmp_path: Path) -> None:
    """A reader sees what it is for, what differs from a case there is, and what is decided."""
    cases = "cases:\n" + case("small", "{lead: {company: {employees: 20}}}", "fired: [small]")
    cases += case("large", "{lead: {company: {employees: 200}}}", "fired: []")
    cases += case("unknown", "{lead: {company: null}}", "fired: []")
    folder = rules_with(tmp_path, rule("small", "lead.company.employees < 50"), cases)
    assert (
        "  # rule small: no case notices `< 50` changed to `<= 50`. It expects what the rules"
        " decide now: review it.\n"
        "  - case: small, lead.company.employees = 50\n"
    ) in pasted(folder)


def test_missing_case_is_named_where_the_mutant_is_told(tmp_path: Path) -> None:
    """The fault points at the operator and says which facts would show it."""
    cases = "cases:\n" + case("small", "{lead: {company: {employees: 20}}}", "fired: [small]")
    cases += case("large", "{lead: {company: {employees: 200}}}", "fired: []")
    folder = rules_with(tmp_path, rule("small", "lead.company.employees < 50"), cases)
    told = run(folder, "--mutate").stderr
    assert (
        "rules/qualify/v1.yaml:9:30: rule small: no case notices `< 50` changed to `<= 50` "
        "[mutant-survives]\n"
        "  |       lead.company.employees < 50\n"
        "  |                              ^\n"
        '  the case that is missing: lead.company.employees = 50, else as in "small"\n'
    ) in told


def test_what_cannot_be_shown_is_said(tmp_path: Path) -> None:
    """A condition that is decided elsewhere gets no invented case, but the way out."""
    when = "lead.company.employees >= 50 && lead.company.employees > 10"
    folder = rules_with(tmp_path, rule("it", when), NOTHING.replace("fired: []", "fired: [it]"))
    result = run(folder, "--suggest")
    assert "no case notices `lead.company.employees > 10` left out" in result.stderr
    assert "- {mutant: rules.it.when, from: 10, to: 11, because: …}" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--filter", "x", "--mutate"], "need all cases"),
        (["--suggest", "--format", "json"], "--suggest writes YAML to the screen"),
        (["--output", "/nowhere/at/all.xml", "--format", "junit"], "cannot be written"),
    ],
)
def test_command_that_cannot_be_done_is_refused(
    tmp_path: Path, arguments: list[str], told: str
) -> None:
    """What makes no sense together ends with 2 and says why."""
    folder = rules_with(tmp_path, rule("it", "has(lead.email)"), NOTHING)
    result = run(folder, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_cases_that_fail_come_first(tmp_path: Path) -> None:
    """As long as a case fails, nothing is disturbed: who would notice?"""
    cases = "cases:\n" + case("wrong", "{}", "fired: [it]")
    folder = rules_with(tmp_path, rule("it", "has(lead.email)"), cases)
    assert "fix the failing cases first" in run(folder, "--suggest").stderr
    mutated = run(folder, "--mutate")
    assert mutated.exit_code == 1
    assert "mutants" not in mutated.stdout


def test_filter_tries_only_cases_of_that_name(tmp_path: Path) -> None:
    """One case can be tried alone, and then nothing is said of what the others see."""
    cases = "cases:\n" + case("One", "{}", "fired: []") + case("two", "{}", "fired: [it]")
    folder = rules_with(tmp_path, rule("it", "has(lead.email)"), cases)
    result = run(folder, "--filter", "one")
    assert (result.exit_code, result.stdout) == (0, "qualify@1: 1 passed, 0 failed\n")
