"""The pages of `docs/` that tell how to do something are done: their commands run, their edits fit.

In a page, a `console` block holds commands after `$ `, run in one folder for the page, each of
which must succeed unless it ends in `# status 1`. A `diff` block with a title changes a file: lines
that begin with `-` are replaced by those with `+`, beside the lines without a sign; where it only
adds, and the file has none of the rest, the lines are added at the end.
"""

import re
import shlex
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from dealgate.cli import app

FENCE = re.compile(
    r'^```(?P<sort>console|diff)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
FAILS = "# status 1"


class Wrong(Exception):
    """A page says what does not happen."""


@dataclass(frozen=True, slots=True)
class Step:
    """A block of a page: commands, or the change of a file."""

    sort: str
    title: str
    text: str


def steps(page: Path) -> Iterator[Step]:
    """Yield the blocks of a page that can be done."""
    for found in FENCE.finditer(page.read_text(encoding="utf-8")):
        yield Step(found["sort"], found["title"] or "", found["text"])


def done(page: Path, folder: Path) -> int:
    """Do what a page says in an empty folder; return how much that was, or raise Wrong."""
    count = 0
    with chdir(folder):
        for step in steps(page):
            for line in step.text.splitlines() if step.sort == "console" else ():
                _run(line.removeprefix("$ "))
            if step.sort == "diff":
                _change(folder / step.title, step.text)
            count += 1
    return count


def _run(line: str) -> None:
    command, fails = line.removesuffix(FAILS), line.endswith(FAILS)
    program, *arguments = shlex.split(command)
    if program != "dealgate":
        raise Wrong(f"{line}: not one of our commands")
    result = CliRunner().invoke(app, arguments)
    if (result.exit_code != 0) != fails:
        raise Wrong(f"{line}: status {result.exit_code}\n{result.output}{result.exception or ''}")


def _change(file: Path, text: str) -> None:
    lines = text.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
    new = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    if old and before.count(old) != 1:
        raise Wrong(f"{file.name}: these lines stand there {before.count(old)} times:\n{old}")
    after = before.replace(old, new) if old else f"{before.rstrip()}\n{new}".lstrip()
    file.write_text(after, encoding="utf-8")
