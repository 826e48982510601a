"""What `dealgate test` prints: golden texts for people, continuous integration and programs."""

import json
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealgate.cli import app
from tests.cases.asking import case, rule
from tests.cases.test_suggestion import rules_with, run

GOLDEN = Path(__file__).parent / "golden"
RULES = rule("small", "lead.company.employees < 50") + rule("mailed", "has(lead.email)")
CASES = (
    "accepted:\n"
    "  - {finding: rule-unseen-undecided, at: rules.small, because: Our forms ask for it.}\n"
    "  - {finding: rule-unseen-firing, at: rules.small, because: It never did.}\n"
    "cases:\n"
    + case("small & <young>", "{lead: {company: {employees: 20}}}", "fired: [small]")
    + case("large", "{lead: {company: {employees: 200}}}", "fired: []")
)


@pytest.mark.parametrize("format_", ["text", "junit", "json"])
def test_results_read_as_agreed(tmp_path: Path, format_: str) -> None:
    """Every word of every format; only how long it took is left out.

    `REGENERATE=1 .venv/bin/pytest tests/cases/test_results.py` writes them anew: read them.
    """
    folder = rules_with(tmp_path, RULES, CASES)
    result = run(folder, "--mutate", "--format", format_)
    assert result.exit_code == 1
    told = re.sub(r'(time="|"seconds": )[\d.e-]+', r"\g<1>0", result.output)
    path = GOLDEN / f"results.{format_}.txt"
    if os.environ.get("REGENERATE"):
        path.write_text(told)
    assert told == path.read_text()


def test_output_goes_to_a_file_and_the_summary_to_the_screen(tmp_path: Path) -> None:
    """A build log stays readable while the build keeps the whole."""
    folder = rules_with(tmp_path, RULES, CASES)
    kept = tmp_path / "results.xml"
    result = run(folder, "--format", "junit", "--output", str(kept))
    assert result.stdout.startswith("qualify@1: 2 passed, 0 failed; ")
    assert (
        "accepted: there is no rule-unseen-firing at rules.small [acceptance-stale]"
        in result.stderr
    )
    assert ET.parse(kept).getroot().tag == "testsuites"


def test_text_goes_to_a_file_whole(tmp_path: Path) -> None:
    """What is printed to two streams is one text in a file."""
    folder = rules_with(tmp_path, RULES, CASES)
    kept = tmp_path / "results.txt"
    result = run(folder, "--output", str(kept))
    assert kept.read_text() == result.stderr + result.stdout


def test_junit_counts_what_it_lists(tmp_path: Path) -> None:
    """Suites have counts that add up, and every case and failure a file and line."""
    folder = rules_with(tmp_path, RULES, CASES)
    root = ET.fromstring(run(folder, "--mutate", "--format", "junit").stdout.encode())
    (suite,) = root.findall("testsuite")
    cases = suite.findall("testcase")
    failed = [each for each in cases if each.find("failure") is not None]
    assert root.get("tests") == suite.get("tests") == str(len(cases))
    assert root.get("failures") == suite.get("failures") == str(len(failed))
    assert len({each.get("name") for each in cases}) == len(cases)
    assert all(each.get("file", "").startswith("rules/") for each in cases)
    assert all(int(each.get("line", "")) > 0 and float(each.get("time", "")) >= 0 for each in cases)


def test_a_case_that_fails_is_a_failure_in_every_format(tmp_path: Path) -> None:
    """Nobody has to read prose to learn what failed, where and why."""
    folder = rules_with(tmp_path, RULES, "cases:\n" + case("wrong", "{}", "fired: [mailed]"))
    told = json.loads(run(folder, "--format", "json").stdout)
    (failure,) = told["rule_sets"][0]["cases"][0]["failures"]
    assert (told["passed"], failure["file"], failure["line"]) == (
        False,
        "rules/qualify/v1.cases.yaml",
        8,
    )
    assert failure["message"] == "case wrong: fired: expected mailed, got none"
    root = ET.fromstring(run(folder, "--format", "junit").stdout.encode())
    found = root.find("testsuite/testcase/failure")
    assert found is not None
    assert found.get("message") == failure["message"]


def test_shipped_rules_pass_in_every_format() -> None:
    """What we ship ends with 0 whatever it is told as."""
    for format_ in ("text", "junit", "json"):
        result = CliRunner().invoke(app, ["test", "attribute@1", "--format", format_])
        assert result.exit_code == 0


def test_only_the_newest_version_is_disturbed_if_that_is_asked_for() -> None:
    """Every case is tried all the same; what released versions say cannot change any more."""
    rules = str(Path(__file__).parents[1] / "rules")
    command = ["test", "score", "--rules", rules, "--mutate", "--newest"]
    older, newer = CliRunner().invoke(app, command).stdout.splitlines()
    assert ("mutants" in older, "mutants" in newer) == (False, True)
