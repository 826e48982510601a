"""Whatever reads rules tells what is wrong with them to people, programs and code hosts."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dealgate.cli import COMMANDS, app
from dealgate.cli.lazy import light
from tests.small import copied

# Commands that read rules and tell of them in another way, or of other things.
OTHERWISE = {
    "serve": "logs faults, as a server does",
    "repl": "is a conversation",
    "lsp": "speaks the Language Server Protocol",
    "schema": "writes shapes, and reads no rules",
    "releases": "lists releases, as text or JSON",
    "approve": "signs one line of releases.yaml",
    "explain": "tells of a decision, as text or JSON",
    "replay": "tells of recorded decisions, as text or JSON",
    "compare": "tells of two versions on the same entities, as text or JSON",
    "consume": "follows events",
    "demo": "is a guided tour",
    "report": "writes a page on recorded decisions",
    "signals": "keeps the state of signals",
    "export": "writes recorded decisions",
}


def leaves() -> Iterator[tuple[str, Any]]:
    """Yield every command, those of groups by both names."""
    for name in COMMANDS:
        command = light(name)
        inner = getattr(command, "commands", None)
        for under, each in (inner or {"": command}).items():
            yield f"{name} {under}".strip(), each


def takes(command: Any, option: str) -> bool:
    """Tell whether a command has an option."""
    return any(option in each.opts for each in command.params)


def test_what_reads_rules_takes_every_format() -> None:
    """All commands are walked: one that reads rules says what it tells to code hosts."""
    lacking = []
    for name, command in leaves():
        if takes(command, "--rules") and name.split()[0] not in OTHERWISE:
            told = CliRunner().invoke(app, [*name.split(), "--help"]).output
            if not takes(command, "--format") or "github" not in told or "sarif" not in told:
                lacking.append(name)

    assert lacking == []


def test_exceptions_are_commands_without_these_formats() -> None:
    """A name on the list is a command, and has not got them in the meantime."""
    assert set(OTHERWISE) <= set(COMMANDS)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return rules of which the draft score@2 has a fault."""
    rules = copied(tmp_path)
    path = rules / "score" / "v2.yaml"
    path.write_text(path.read_text().replace("lead.", "leed.", 1))
    return rules


@pytest.mark.parametrize("format_", ["json", "github", "sarif"])
@pytest.mark.parametrize(
    "command",
    [
        "digest score@2",
        "docs score@2",
        "discard score@2 --yes",
        "new-version score@2",
        "new-rule score a-new-one",
        "new-scope score/dach --tenant a",
        "diff score@1 score@2",
        "impact score@2",
        "calibrate score@2",
        "table export score@2",
    ],
)
def test_faults_are_told_in_every_format(broken: Path, command: str, format_: str) -> None:
    """And nothing else stands on the output, whatever else the command would have said."""
    result = CliRunner().invoke(
        app, [*command.split(), "--rules", str(broken), "--format", format_]
    )

    assert result.exit_code != 0
    if format_ == "github":
        lines = result.stdout.splitlines()
        assert lines
        assert all(line.startswith("::error file=rules/score/") for line in lines)
    else:
        assert "leed" in json.dumps(json.loads(result.stdout))


def test_a_digest_is_part_of_its_json(tmp_path: Path) -> None:
    """Beside the findings, of which there are none."""
    run = partial(CliRunner().invoke, app)
    given = ["digest", "score@1", "--rules", str(copied(tmp_path))]
    told = json.loads(run([*given, "--format", "json"]).stdout)

    assert told["findings"] == []
    assert told["digest"] == run(given).stdout.strip()


def test_a_difference_stands_beside_its_rule(tmp_path: Path) -> None:
    """In the later version; the status says that there is one."""
    rules = copied(tmp_path)
    given = ["diff", "score@1", "score@2", "--rules", str(rules), "--format"]
    run = partial(CliRunner().invoke, app)
    lines = run([*given, "github"])

    assert lines.exit_code == 1
    assert all(line.startswith("::notice file=rules/score/v") for line in lines.stdout.splitlines())
    (log,) = json.loads(run([*given, "sarif"]).stdout)["runs"]
    assert len(log["results"]) == len(lines.stdout.splitlines())


@pytest.mark.parametrize(
    "command",
    [
        "test qualify@2",
        "releases",
        "diff qualify@1 qualify@2",
    ],
)
def test_faults_are_told_as_asked_by_whatever_meets_them(command: str, tmp_path: Path) -> None:
    """A program that asked for JSON reads JSON, also where the rules cannot be read."""
    rules = copied(tmp_path)
    path = rules / "qualify" / "v2.yaml"
    path.write_text(path.read_text().replace("when: ", "when: (", 1))
    result = CliRunner().invoke(app, [*command.split(), "--rules", str(rules), "--format", "json"])
    assert result.exit_code in {1, 2}
    assert "expression-invalid" in json.dumps(json.loads(result.stdout))
