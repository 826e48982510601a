"""What a check found is shown beside the line by code hosts."""

import json
import re
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealgate.cli import app
from dealgate.cli.annotations import Annotation, github, sarif
from dealgate.model.codes import Severity
from dealgate.model.rules import Location
from tests.small import copied

HERE = Location("rules/score/v3.yaml", 7, 5)
ODD = [Annotation(HERE, Severity.WARNING, "table-gap", "has 50 %\nadd a row: now")]


def test_a_workflow_command_is_one_line() -> None:
    """Line ends and percent signs of a message are escaped."""
    assert github(ODD) == (
        "::warning file=rules/score/v3.yaml,line=7,col=5,title=table-gap"
        "::has 50 %25%0Aadd a row: now"
    )


def test_sarif_names_the_rule_and_the_place() -> None:
    """As its version 2.1.0 has them."""
    (run,) = json.loads(sarif(ODD))["runs"]

    assert run["tool"]["driver"]["rules"] == [{"id": "table-gap"}]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("table-gap", "warning")
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 7, "startColumn": 5}


def test_cases_that_fail_are_shown_beside_their_line(tmp_path: Path) -> None:
    """`dealgate test` tells code hosts what it tells people, with the same status."""
    rules = copied(tmp_path)
    path = rules / "score" / "v2.cases.yaml"
    path.write_text(re.sub(r"fired: \[.*?\]", "fired: []", path.read_text(), count=1))
    run = partial(CliRunner().invoke, app)
    shown = [
        run(["test", "score@2", "--rules", str(rules), "--format", format_])
        for format_ in ("github", "sarif")
    ]
    assert [result.exit_code for result in shown] == [1, 1]
    assert shown[0].output.startswith("::error file=rules/score/v2.cases.yaml,line=")
    (run_,) = json.loads(shown[1].output)["runs"]
    assert {"id": "case-fails"} in run_["tool"]["driver"]["rules"]


@pytest.mark.parametrize("format_", ["json", "github", "sarif"])
def test_releasing_tells_faults_in_every_format(tmp_path: Path, format_: str) -> None:
    """What forbids it is told where it stands; the words of one that goes well stand beside."""
    rules = copied(tmp_path)
    given = [
        "--by",
        "ann@example.com",
        "--because",
        "x",
        "--rules",
        str(rules),
        "--format",
        format_,
    ]
    release = ["release", "qualify@1", "--from", "2999-01-01", *given]
    run = partial(CliRunner().invoke, app)

    well = run([*release, "--dry-run"])
    assert (well.exit_code, "dry run" in well.stderr, "dry run" in well.stdout) == (0, True, False)
    assert listed(well.stdout, format_) == []
    path = rules / "qualify" / "v1.yaml"
    path.write_text(path.read_text().replace("lead.", "leed.", 1))
    wrong = run(release)
    assert wrong.exit_code == 1
    assert any("rules/qualify/" in each for each in listed(wrong.stdout, format_))
    assert run(["rollback", "qualify", *given]).exit_code == 1


def listed(text: str, format_: str) -> list[str]:
    """Return the files that faults are told of."""
    if format_ == "github":
        return text.splitlines()
    found = json.loads(text)
    if format_ == "json":
        return [each["file"] for each in found["findings"]]
    return [json.dumps(each) for each in found["runs"][0]["results"]]
