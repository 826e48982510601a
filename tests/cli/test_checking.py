"""What authors read when their rules are sound files and still cannot mean what they say."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.saying import said

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden" / "checking.txt"
COMMANDS = ("check qualify@9 --verbose", "check qualify@1")
MISTAKES = """
  - id: small-and-large
    when: lead.company.employees < 50 && lead.company.employees >= 200
    then: {disposition: nurture, code: TEST-01}
    because: A limit was turned round.
  - id: british
    when: lead.country == "UK"
    then: {disposition: nurture, code: TEST-02}
    because: That is not how ISO writes it.
  - id: senior
    when: lead.seniority in [SENIORITY_C_LEVEL, SENIORITY_VP] && lead.seniority != SENIORITY_INTERN
    then: {disposition: nurture, code: TEST-03}
    because: The second half says nothing.
  - id: twenty-to-forty
    when: scores.fit >= 20 && scores.fit < 40
    then: {disposition: nurture, code: TEST-04}
    because: The next two cover it together.
  - id: below-thirty
    when: scores.fit < 30
    then: {disposition: nurture, code: TEST-04}
    because: One half.
  - id: from-thirty
    when: scores.fit >= 30
    then: {disposition: nurture, code: TEST-04}
    because: The other half.
  - id: seven-digits
    when: lead.phone.matches("^[0-9]{7}$")
    then: {disposition: nurture, code: TEST-05}
    because: Nobody tries patterns.
tables:
  - id: size
    hit: first
    because: By size.
"""
TABLE = """\
id,lead.company.employees,lead.country,then.disposition,then.code
small,< 50,-,nurture,SIZE-01
large,>= 50,DE,nurture,SIZE-02
small-german,< 20,DE,nurture,SIZE-03
"""
TABLES_ONLY = "\n" + MISTAKES[MISTAKES.index("tables:") :]
SOUND = """\
id,lead.company.employees,then.disposition,then.code
small,< 50,nurture,SIZE-01
large,>= 200,nurture,SIZE-02
"""
CASES = """\
# yaml-language-server: $schema=cases.schema.json
cases:
  - case: nothing is known
    as_of: 2026-06-01T00:00:00Z
    facts: {lead: {id: L1}}
    fired: []
"""

Run = Callable[[str], str]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The shipped rules of qualify alone, and qualify@9 with mistakes in it."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules" / "qualify", rules / "qualify")
    text = (rules / "qualify" / "v1.yaml").read_text()
    text = re.sub(r"^version: 1$", "version: 9", text, flags=re.MULTILINE)
    (rules / "qualify" / "v9.yaml").write_text(text.rstrip() + MISTAKES)
    (rules / "qualify" / "v9.size.csv").write_text(TABLE)
    (rules / "qualify" / "v9.cases.yaml").write_text(CASES)
    return rules


@pytest.fixture
def run(rules: Path) -> Run:
    """Run a command on those rules, and return all that it says, with its exit status if not 0."""

    def running(command: str) -> str:
        return said(command, "--rules", str(rules))

    return running


def test_transcript(run: Run) -> None:
    """Every finding has its place, its facts and the cure, and faults fail the check.

    `REGENERATE=1 .venv/bin/pytest tests/cli/test_checking.py` writes it anew: read it.
    """
    shown = "\n".join(f"$ dealgate {command}\n{run(command)}" for command in COMMANDS)
    shown = re.sub(r"\b[0-9a-f]{64}\b", "<digest>", shown)
    if os.environ.get("REGENERATE"):
        GOLDEN.write_text(shown)
    assert shown == GOLDEN.read_text()


def test_notes_and_unknowns_are_for_those_who_ask(run: Run) -> None:
    """Without --verbose only what is likely a mistake is told, and how much stays unknown."""
    told = run("check qualify@9")
    assert ": note: " not in told
    assert ": unknown: " not in told
    assert "35 proved, 1 unknown (uses matches(…))" in told


def test_released_versions_are_not_warned_of(run: Run, rules: Path) -> None:
    """Nobody can change them; how many warnings there are is said, and --verbose tells them."""
    home = rules / "qualify"
    shutil.copy(home / "v1.cases.yaml", home / "v9.cases.yaml")
    text = (home / "v1.yaml").read_text().replace("version: 1\n", "version: 9\n", 1)
    (home / "v9.yaml").write_text(text.rstrip() + TABLES_ONLY)
    (home / "v9.size.csv").write_text(SOUND)
    assert ": warning: table size has no row" in run("check qualify@9")
    digest = run("check qualify@9").rsplit("draft, ")[1].split()[0]
    line = "- version: 9\n  from: 2999-01-01T00:00:00Z\n"
    line += f"  sha256: {digest}\n  by: ann@example.com\n  because: A test.\n"
    with (home / "releases.yaml").open("a") as releases:
        releases.write(line)
    told = run("check qualify@9")
    assert ": warning: " not in told
    assert ", 1 warning (--verbose), released" in told
    assert ": warning: table size has no row" in run("check qualify@9 --verbose")


def test_json_says_the_same(run: Run) -> None:
    """Tools read what people read, and the exit status too."""
    said = run("check qualify@9 --format json")
    text, status = said.rsplit("}", 1)[0] + "}", said.rsplit("}", 1)[1]
    (found,) = json.loads(text)["rulesets"]
    finding = next(each for each in found["findings"] if each["code"] == "row-masked")
    assert status.strip() == "[exit status 1]"
    assert (found["name"], found["released"]) == ("qualify@9", False)
    assert found["rules"] == found["proved"] + len(found["unknown"])
    assert finding["file"].endswith("v9.size.csv")
    assert (finding["line"], finding["severity"]) == (4, "fault")
    assert finding["witness"]["facts"].startswith("{lead: {id: ")


def test_json_tells_faults_of_files(run: Run, rules: Path) -> None:
    """A file that cannot be read is told in the same document, and what it does not spoil, too."""
    path = rules / "qualify" / "v9.yaml"
    path.write_text(path.read_text().replace("lead.country ==", "lead.contry =="))
    said = run("check qualify --format json")
    document = json.loads(said.rsplit("}", 1)[0] + "}")
    assert "qualify@9" not in {each["name"] for each in document["rulesets"]}
    assert document["not_proved"] == ["qualify@9"]
    assert [fault["message"] for fault in document["faults"]] == [
        "rule british: Lead has no field 'contry'"
    ]


OTHERS = {"qualify@1", "qualify@2"}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two small kinds of which nothing is broken."""
    return Path(shutil.copytree(ROOT / "tests" / "rules", tmp_path / "rules"))


def _appended(path: Path, text: str) -> None:
    path.write_text((path.read_text() if path.exists() else "") + text)


@pytest.mark.parametrize(
    ("file", "broken", "proved", "not_proved"),
    [
        ("score/v1.cases.yaml", "a: b: c", {*OTHERS, "score@2"}, ["score@1"]),
        ("score/v9.yaml", "a: [", {*OTHERS, "score@1", "score@2"}, ["score@9"]),
        ("score/releases.yaml", "a: [", OTHERS, ["score"]),
        ("score/v1.yaml", "a: [", OTHERS, ["score"]),
        ("score/notes.txt", "x", {*OTHERS, "score@1", "score@2"}, []),
        ("score/kind.yaml", "kind: score", {*OTHERS, "score@1", "score@2"}, []),
        ("approvals.yaml", "a: [", {*OTHERS, "score@1", "score@2"}, []),
        ("properties.yaml", "a: [", set[str](), []),
        ("mine/kind.yaml", "kind: [", {*OTHERS, "score@1", "score@2"}, ["mine"]),
    ],
)
def test_a_fault_keeps_nothing_from_being_proved_that_it_does_not_spoil(
    small: Path, file: str, broken: str, proved: set[str], not_proved: list[str]
) -> None:
    """The rest of the folder is proved, what is not is named, and the status is that of a fault."""
    path = small / file
    path.parent.mkdir(exist_ok=True)
    _appended(path, broken)
    told = said("check", "--rules", str(small))
    found = set(re.findall(r"^(\w+@\d+): .* rules?: ", told, re.MULTILINE))
    assert found == proved, told
    line = f"not proved because of the faults below: {', '.join(not_proved)}\n"
    assert (line in told) is bool(not_proved), told
    assert Path(file).name in told
    assert told.rstrip().endswith("[exit status 1]")
