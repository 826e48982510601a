"""What the commands of an author and a keystroke in the editor cost: CPU time.

Usage: python -m bench.commands [ROUNDS]     (also a part of `make bench`)

Commands are processes of their own, which take turns on a copy of the shipped rules; a keystroke is
an edit of one version in the process that checks for an editor, without the proofs that wait for a
rest, and with them. Only ratios mean anything on another machine: `--version` loads next to
nothing.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.local_server import RULES
from bench.series import Series
from dealgate.lsp.checking import RememberingChecker
from dealgate.lsp.folder import Folder

ROUNDS = 3
KIND, BASE = "qualify", "--version"
COMMANDS = {
    BASE: "--version",
    "--help": "--help",
    "check of one version, nothing known": "check qualify@3",
    "check of one version": "check qualify@3",
    "check of all": "check",
    "test of one version": "test qualify@3",
    "fmt --check": "fmt --check",
    "diff": "diff qualify@2 qualify@3",
    "releases": "releases",
    "docs": "docs",
}
UNKNOWN = ", nothing known"
NUMBER = re.compile(r"when: [^\n]*?\b(\d+)\b")
KEYSTROKES = 8
DRAFTS, EDITS = ("qualify", "advance"), 3  # those that take longest
DIFFERS = 1  # what `diff` ends with if there is a difference


def compared(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return what each command and keystroke cost, and its ratio to the cheapest command."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        shutil.copytree(RULES, home / "rules")
        commands = _commands(home, rounds)
        keys = _keystrokes(home / "rules", home)
    return {**commands.told(BASE), **keys.told()}


def _commands(home: Path, rounds: int) -> Series:
    series = Series("ms")
    environment = {**os.environ, "DEALGATE_CACHE": str(home / "cache")}
    for command in ("check", "fmt --check"):  # what a first run finds out is known afterwards
        _cost(command, home, environment)
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            given = dict(environment)
            if name.endswith(UNKNOWN):
                given["DEALGATE_CACHE"] = tempfile.mkdtemp(dir=home)
            series.add(name, _cost(command, home, given))
    _drafts(home, environment, series)
    return series


def _drafts(home: Path, environment: Mapping[str, str], series: Series) -> None:
    """Check a draft that is saved again and again with another number, of each kind in DRAFTS."""
    for kind in DRAFTS:
        path = _draft(home / "rules" / kind)
        command, text = f"check {kind}@{path.stem[1:]}", path.read_text()
        _cost(command, home, environment)
        for edited in islice(_numbers(text), EDITS):
            path.write_text(edited)
            series.add(f"check of an edited draft of {kind}", _cost(command, home, environment))
        for file in path.parent.glob(f"{path.stem}.*"):
            file.unlink()


def _cost(command: str, home: Path, environment: Mapping[str, str]) -> float:
    """Return the CPU time of a command in ms, its children's included; raises if it cannot run."""
    dealgate = Path(sys.executable).with_name("dealgate")
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        [dealgate, *command.split()], cwd=home, env=environment, stdout=quiet, stderr=quiet
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode > DIFFERS:
        raise RuntimeError(f"dealgate {command} ended with {process.returncode}")
    return (used.ru_utime + used.ru_stime) * 1e3


def _keystrokes(rules: Path, scratch: Path) -> Series:
    """Type in a draft of the newest version; it is checked as an editor's child does."""
    path = _draft(rules / KIND)
    text, folder = path.read_text(), Folder(rules, RememberingChecker(), scratch)
    folder.told({path: text})
    series = Series("ms")
    for name, edits in {"comment": _comments, "number in a condition": _numbers}.items():
        for edited in islice(edits(text), KEYSTROKES):
            for proofs in (False, True):
                start = time.process_time_ns()
                folder.told({path: edited}, prove=proofs)
                rest = ", the proofs at rest" if proofs else ""
                took = (time.process_time_ns() - start) / 1e6
                series.add(f"keystroke, {name}{rest}", took)
    return series


def _draft(home: Path) -> Path:
    """Write the newest version once more, as the next one, and return its rule file."""
    versions = [int(path.name[1:-5]) for path in home.glob("v*.yaml") if path.stem[1:].isdigit()]
    old, new = max(versions), max(versions) + 1
    for path in [*home.glob(f"v{old}.*")]:
        text = path.read_text().replace(f"version: {old}\n", f"version: {new}\n", 1)
        (home / path.name.replace(f"v{old}.", f"v{new}.", 1)).write_text(text)
    return home / f"v{new}.yaml"


def _comments(text: str) -> Iterator[str]:
    yield from (f"# {'typed'[:number]}\n{text}" for number in range(1, KEYSTROKES + 1))


def _numbers(text: str) -> Iterator[str]:
    found: list[re.Match[str]] = [*NUMBER.finditer(text)]
    for count, number in enumerate(cycle(found)):
        yield text[: number.start(1)] + str(int(number[1]) + 1 + count) + text[number.end(1) :]


def main(rounds: int) -> None:
    """Measure and print."""
    table = Table("CPU time", "median, ms", "range", f"to {BASE}", box=None, pad_edge=False)
    for name, one in compared(rounds).items():
        ratio = f"{one['ratio']:.1f}" if "ratio" in one else ""
        span = f"{one['low']:,.0f} - {one['high']:,.0f}"
        table.add_row(name, f"{one['median']:,.0f}", span, ratio)
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)
