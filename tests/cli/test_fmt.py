"""`dealgate fmt` on a folder of rules."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dealgate.cli import app
from tests.small import RULES, copied


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Rules in which one file is written untidily."""
    copy = copied(tmp_path)
    path = copy / "score" / "v2.yaml"
    path.write_text(path.read_text().replace("constants:\n", "\n\nconstants:   # for now\n"))
    return copy


def fmt(rules: Path, *arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["fmt", "--rules", str(rules), *arguments])


def test_one_untidy_file_is_laid_out(rules: Path) -> None:
    """It is named; its comments and meaning stay; the others are not written."""
    before = {path: path.stat().st_mtime_ns for path in rules.glob("*/*.yaml")}
    result = fmt(rules)
    path = rules / "score" / "v2.yaml"
    changed = {path for path, at in before.items() if path.stat().st_mtime_ns != at}
    assert (result.exit_code, result.output) == (0, f"{path}: laid out\n")
    assert changed == {path}
    assert "\n\nconstants:  # for now\n" in path.read_text()
    assert fmt(rules, "--check").exit_code == 0


def test_check_and_diff_write_nothing(rules: Path) -> None:
    """They say what is untidy, and fail."""
    before = (rules / "score" / "v2.yaml").read_text()
    checked, shown = fmt(rules, "--check"), fmt(rules, "score@2", "--diff")
    assert (checked.exit_code, shown.exit_code) == (1, 1)
    assert "not formatted; run `dealgate fmt`" in checked.output
    assert "-constants:   # for now\n+constants:  # for now\n" in shown.output
    assert (rules / "score" / "v2.yaml").read_text() == before


def test_if_one_file_cannot_be_read_none_is_written(rules: Path) -> None:
    """The fault is told with its place."""
    broken = rules / "score" / "v1.yaml"
    broken.write_text(broken.read_text() + "  - id: [x\n")
    before = (rules / "score" / "v2.yaml").read_text()
    result = fmt(rules)
    assert result.exit_code == 1
    assert "score/v1.yaml:" in result.output
    assert "1 fault" in result.output
    assert (rules / "score" / "v2.yaml").read_text() == before


def test_what_is_named_is_what_is_laid_out(rules: Path) -> None:
    """A kind, a version or a file; nothing else is a name."""
    untidy = rules / "score" / "v2.yaml"
    assert fmt(rules, "qualify", "score@1", "--check").exit_code == 0
    assert fmt(rules, str(untidy), "--check").exit_code == 1
    for wrong in ("qualfy", "score@x", "score@99", str(RULES / "README.md")):
        result = fmt(rules, wrong)
        assert (result.exit_code, "Traceback" in result.output) == (2, False)


def test_what_check_finds_is_told_to_tools(rules: Path) -> None:
    """As a workflow command, SARIF or JSON; only with --check, which alone finds anything."""
    path = rules / "score" / "v2.yaml"
    told = fmt(rules, "--check", "--format", "github")
    assert (told.exit_code, told.output.partition("::")[0]) == (1, "")
    assert f"file={path},line=1,col=1,title=not-formatted" in told.output
    found = json.loads(fmt(rules, "--check", "--format", "json").output)["findings"]
    assert [(each["file"], each["code"]) for each in found] == [(str(path), "not-formatted")]
    assert json.loads(fmt(rules, "--check", "--format", "sarif").output)["version"] == "2.1.0"
    assert fmt(rules, "--format", "json").exit_code == 2
