"""What people read when they compare two versions: golden transcripts, and every refusal."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dealgate.cli import app

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
# Which facts show a region depends on the cases, which may grow.
FACTS = re.compile(r"facts: \{.*?(?=\n[│ ]*[├└]|\n\Z)", re.DOTALL)


def run(command: str, rules: Path = ROOT / "rules") -> Result:
    """Run a command; whatever it meets, no traceback gets out."""
    result = CliRunner().invoke(app, [*shlex.split(command), "--rules", str(rules)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """The shipped rules, and a draft qualify@9 that is qualify@2 but for what a test changes."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    text = (rules / "qualify" / "v2.yaml").read_text()
    (rules / "qualify" / "v9.yaml").write_text(text.replace("version: 2", "version: 9", 1))
    return rules


def write(rules: Path, was: str, is_: str) -> None:
    """Change the draft in one place."""
    path = rules / "qualify" / "v9.yaml"
    text = path.read_text()
    assert text.count(was) == 1
    path.write_text(text.replace(was, is_))


@pytest.mark.parametrize("kind", ["qualify", "attribute"])
def test_a_difference_reads_as_it_did(kind: str) -> None:
    """Rules added, gone and changed, in words and by regions with facts, in plain text."""
    told = run(f"diff {kind}@1 {kind}@2")
    assert told.exit_code == 1
    text = FACTS.sub("facts: {…}", told.output)
    golden = GOLDEN / f"diff_{kind}.txt"
    if "DEALGATE_GOLDEN" in os.environ:
        golden.write_text(text)
    assert text == golden.read_text()


def test_a_version_does_not_differ_from_itself() -> None:
    """Nothing is listed, and the exit status is 0."""
    told = run("diff attribute@2 attribute@2")
    assert (told.exit_code, told.output) == (0, "attribute@2 → attribute@2\n└── no difference\n")


def test_a_draft_that_is_only_reworded_means_the_same(draft: Path) -> None:
    """Exit status 0, and the rule is named with the proof's word for it."""
    write(draft, "lead.company.employees < small", "small > lead.company.employees")
    write(draft, "&& scores.engagement >= mql_engagement", "&& mql_engagement <= scores.engagement")
    told = run("diff qualify@2 qualify@9", draft)
    assert told.exit_code == 0
    write(draft, "scores.composite >= mql_composite", "!(scores.composite < mql_composite)")
    told = run("diff qualify@2 qualify@9", draft)
    assert "Rules written otherwise, and proved to fire on the same facts" in told.output
    assert (told.exit_code, "both mean the same" in told.output) == (0, True)


def test_a_changed_effect_is_told_field_by_field(draft: Path) -> None:
    """The condition stayed, so the answer on its facts is what differs."""
    write(draft, "{disposition: nurture, code: FIT-01}", "{disposition: hold, code: FIT-09}")
    told = run("diff qualify@2 qualify@9 --format json", draft)
    (entry,) = json.loads(told.output)["entries"]
    assert entry["lines"] == [
        "claims disposition hold instead of nurture",
        "claims code FIT-09 instead of FIT-01",
    ]
    (region,) = entry["regions"]
    assert region["sense"] == "claims otherwise"
    assert region["witness"]["details"] or region["witness"]["old"] != region["witness"]["new"]


def test_a_reason_alone_is_a_difference_that_comes_last(draft: Path) -> None:
    """Callers read it, so the two are not the same; no facts are shown for it."""
    write(draft, "because: Colleagues test our forms.", "because: Colleagues test forms.")
    told = run("diff qualify@2 qualify@9 --format json", draft)
    (entry,) = json.loads(told.output)["entries"]
    assert (told.exit_code, entry["lines"], entry["regions"]) == (1, [], [])
    assert entry["because"] == [
        "now: Colleagues test forms.",
        "was: Colleagues test our forms.",
    ]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("diff qualify@1 qualify@99", "there is no qualify@99"),
        ("diff qualify qualify@2", "'qualify' names no version; write for example qualify@2"),
        ("diff qualify@1 qualify@two", "'qualify@two' names no version"),
        ("diff kwalify@1 qualify@2", "there are no rules for kind 'kwalify'"),
        ("diff qualify@1 score@1", "qualify@1 and score@1 are of different kinds"),
    ],
)
def test_what_cannot_be_compared_is_refused(command: str, says: str) -> None:
    """With what to write instead, and exit status 2."""
    told = run(command)
    assert told.exit_code == 2
    assert says in told.output


def test_faults_in_rules_come_first(draft: Path) -> None:
    """What cannot be read cannot be compared: every fault is told by place."""
    write(draft, "lead.company.employees < small", "lead.company.employes < small")
    told = run("diff qualify@2 qualify@9", draft)
    assert told.exit_code == 2
    assert "rules/qualify/v9.yaml:" in told.output
    assert "did you mean 'employees'?" in told.output


def test_a_draft_is_compared_with_what_it_was(draft: Path) -> None:
    """--rev reads the earlier version from git; what is no revision is refused in git's words."""

    def git(*arguments: str) -> None:
        me = ("-c", "user.name=ann", "-c", "user.email=ann@example.com")
        subprocess.run(["git", *me, *arguments], cwd=draft, check=True, capture_output=True)

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "As it was")
    write(draft, "small: 200", "small: 300")
    told = run("diff qualify@9 qualify@9 --rev HEAD", draft)
    assert told.exit_code == 1
    assert "the limit of lead.company.employees rises from 200 to 300" in told.output
    told = run("diff qualify@9 qualify@9 --rev nowhere", draft)
    assert (told.exit_code, "--rev nowhere: " in told.output) == (2, True)
