"""docs/session.md: an author's walk, made by running it on a copy of the shipped rules.

Usage: python docs/session.py > docs/session.md     (or `make generate`)

To show more, add a step to STEPS: what is said before it, then an edit or commands.
"""

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from dealgate.cli import app

ROOT = Path(__file__).parent.parent
COMMAND = re.compile(
    r"(?P<words>.*?)(?: 2>(?P<errors>&1|/dev/null))?(?: \| sed -n (?P<script>.*))?", re.DOTALL
)
HEAD = """\
# An author's session

Every command below was run, and this is what it said: `make generate` runs them anew on a copy of
the first two versions of qualify. Where rules, cases and releases lie, and what may stand in
them, says [`rules/README.md`](../rules/README.md)."""
LEAD = """\
lead:
  id: 00Q1
  has_opted_out_of_email: false
  company: {employees: 230, industry: INDUSTRY_MANUFACTURING}
verification: {status: VERIFICATION_STATUS_VERIFIED}
relationship: {is_export_denied: false, is_competitor: false, is_customer: false}
scores: {fit: 30, engagement: 10, composite: 20}
"""


@dataclass(frozen=True)
class Edit:
    """In `file`, `old` becomes `new`; a file without `old` is a new one."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Step:
    """What is said, what is edited, what is run."""

    said: str
    edits: tuple[Edit, ...] = ()
    commands: tuple[str, ...] = ()


RULES, CASES = "rules/qualify/v3.yaml", "rules/qualify/v3.cases.yaml"
STEPS = (
    Step(
        "Sales wants to see companies of 200 to 249 people no more. A released version never"
        " changes, so begin the next one.",
        commands=('new-version qualify --because "Autumn review: from 250 people on."',),
    ),
    Step(
        "Change the limit; and, on purpose, misspell a fact in the rule that reads it.",
        edits=(
            Edit(RULES, "  small: 200\n", "  small: 250\n"),
            Edit(RULES, "lead.company.employees < small", "lead.company.employes < small"),
        ),
        commands=("check qualify@3",),
    ),
    Step(
        "Nothing decides by a file with a fault. Do what the last line says.",
        edits=(Edit(RULES, "lead.company.employes < small", "lead.company.employees < small"),),
        commands=("check qualify@3",),
    ),
    Step(
        "The cases still say what held before: they notice. (What no case sees is told below.)",
        commands=("test qualify@3 2>&1 | sed -n '1,6p;$p'",),
    ),
    Step(
        "Move them to both sides of the new limit.",
        edits=(
            Edit(CASES, "a company of 200 is not small", "a company of 250 is not small"),
            Edit(
                CASES,
                "facts: {lead: {company: {employees: 200}}}",
                "facts: {lead: {company: {employees: 250}}}",
            ),
        ),
        commands=("test qualify@3 2>/dev/null",),
    ),
    Step(
        "What else did the change do? The two versions, compared by what they decide.",
        commands=("diff qualify@2 qualify@3",),
    ),
    Step(
        "And what does it mean for one lead?",
        edits=(Edit("lead.yaml", "", LEAD),),
        commands=(
            (
                "explain --facts lead.yaml --kind qualify --version 3"
                " --as-of 2026-09-02T12:00:00Z | sed -n 1,28p"
            ),
        ),
    ),
    Step("Lay the files out as all others are.", commands=("fmt qualify@3", "fmt --check")),
    Step(
        "Release it. From that instant on it decides; until then qualify@2 does.",
        commands=(
            'release qualify@3 --from 2999-01-01 --by ann@example.com --because "Autumn review."',
            "releases qualify --at 2999-01-01",
        ),
    ),
    Step(
        "From now on the version is sealed: whoever changes it is told.",
        edits=(Edit(RULES, "  small: 250\n", "  small: 240\n"),),
        commands=("check qualify@3",),
    ),
)


def main() -> str:
    """Return the page."""
    with tempfile.TemporaryDirectory() as folder:
        _copy(Path(folder) / "rules" / "qualify")
        parts = [HEAD, *(part for step in STEPS for part in _shown(step, Path(folder)))]
    return "\n\n".join(parts) + "\n"


def _copy(home: Path) -> None:
    """Copy the rules of qualify as they were when two versions were released."""
    shutil.copytree(ROOT / "rules" / "qualify", home)
    for path in home.glob("v*"):
        if not path.name.startswith(("v1.", "v2.")):
            path.unlink()
    releases = home / "releases.yaml"
    lines = re.split(r"^(?=- version)", releases.read_text(), flags=re.MULTILINE)
    releases.write_text("".join(lines[:3]))


def _shown(step: Step, folder: Path) -> Iterator[str]:
    yield step.said
    for edit in step.edits:
        yield _edited(edit, folder)
    if step.commands:
        said = "\n".join(
            f"$ dealgate {command}\n{_run(command, folder)}" for command in step.commands
        )
        yield f"```\n{said.rstrip()}\n```"


def _edited(edit: Edit, folder: Path) -> str:
    path = folder / edit.file
    if not edit.old:
        path.write_text(edit.new)
        return f"`{edit.file}`:\n\n```yaml\n{edit.new.rstrip()}\n```"
    text = path.read_text()
    if edit.old not in text:
        raise SystemExit(f"{edit.file} no longer says {edit.old!r}: change STEPS in {__file__}")
    path.write_text(text.replace(edit.old, edit.new, 1))
    old, new = edit.old.strip(), edit.new.strip()
    return f"```diff\n--- {edit.file}\n-{old}\n+{new}\n```"


def _run(command: str, folder: Path) -> str:
    """Return what a reader of the page sees: the command runs in this process, `sed` does not."""
    match = COMMAND.fullmatch(command)
    if match is None:
        raise SystemExit(f"{command!r} is more than _run knows: `… 2>&1 | sed …`")
    with chdir(folder):
        environment = {"NO_COLOR": "1", "COLUMNS": "100", "HOME": str(folder)}
        result = CliRunner().invoke(app, shlex.split(match["words"]), env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    said = result.stdout if match["errors"] == "/dev/null" else result.output
    if match["script"] is not None:
        return _filtered(said, match["script"])
    status = f"[exit status {result.exit_code}]\n" if result.exit_code else ""
    return said + status


def _filtered(text: str, script: str) -> str:
    command = ["sed", "-n", *shlex.split(script)]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603


if __name__ == "__main__":
    sys.stdout.write(main())
