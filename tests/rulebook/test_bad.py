"""What an author reads when a file has a fault: one golden text for each fault."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from dealgate.language.cel import CelChecker
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.rulebook.checking import read_folder

BAD = Path(__file__).parent / "bad"
GOOD = """\
ruleset: approve
version: 1
owner: sales
because: First floor.
rules:
  - id: small
    when: deal.employees < 50
    then: {points: 1}
    because: Small deals need no look.
"""
GOOD_CASES = """\
cases:
  - case: a small deal
    as_of: 2026-06-01T00:00:00Z
    fired: [small]
"""
# What the CSV of a faulty table stands beside, and the CSV beside a faulty entry for a table.
GOOD_ENTRY = """\
ruleset: approve
version: 1
owner: sales
because: First floor.
constants:
  floor: 50
  near: ["DE", "AT"]
rules:
  - id: near-and-large
    when: deal.country in near && deal.employees > floor
    then: {points: 1}
    because: Both constants have a use.
tables:
  - id: size
    hit: unique
    because: Sizes differ.
"""
GOOD_TABLE = """\
id,deal.employees,then.points,because
small,< 50,1,Small deals need no look.
large,>= 50,2,
"""
NAMES = {
    "yaml": "v1.yaml",
    "tables": "v1.yaml",
    "csv": "v1.size.csv",
    "cases": "v1.cases.yaml",
    "releases": "releases.yaml",
}
FAULTY = sorted([*BAD.glob("*.yaml"), *BAD.glob("*.csv")])


def placed(path: Path, folder: Path) -> Path:
    """Lay the faulty file where it belongs, beside good ones, and return the rules folder."""
    rules = folder / "rules"
    home = rules / "approve"
    home.mkdir(parents=True)
    (home / "v1.yaml").write_text(GOOD)
    (home / "v1.cases.yaml").write_text(GOOD_CASES)
    kind = path.name.split(".")[1]
    name = NAMES[kind]
    if kind == "csv":
        (home / "v1.yaml").write_text(GOOD_ENTRY)
    if kind == "tables":
        (home / "v1.size.csv").write_text(GOOD_TABLE)
    (home / name).write_bytes(path.read_bytes())
    return rules


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.stem)
def test_author_reads_every_fault(
    path: Path, tmp_path: Path, approve: AnyKind, checker: CelChecker
) -> None:
    """A faulty file is refused with exactly the text beside it.

    `REGENERATE=1 .venv/bin/pytest tests/rulebook/test_bad.py` writes the texts anew: read every
    one that changed as the person who has to mend the file, before you commit it.
    """
    told = "\n".join(str(fault) for fault in told_of(placed(path, tmp_path), approve, checker))
    golden = path.with_suffix(".txt")
    if os.environ.get("REGENERATE"):
        golden.write_text(f"{told}\n")
    assert f"{told}\n" == golden.read_text()


def told_of(rules: Path, approve: AnyKind, checker: CelChecker) -> Sequence[Fault]:
    """Return every fault and warning about the folder."""
    faults = read_folder(rules, {"approve": approve}, checker).faults
    return sorted([*faults.all, *faults.warnings])


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.stem)
def test_every_fault_has_its_cure(
    path: Path, tmp_path: Path, approve: AnyKind, checker: CelChecker
) -> None:
    """No fault says only what is wrong: each tells what to write instead."""
    told = told_of(placed(path, tmp_path), approve, checker)
    assert told
    assert [fault.message for fault in told if not fault.hint] == []


def test_there_are_enough_of_them() -> None:
    """At least forty different faults have a golden text, and no text is without its file."""
    inputs = {path.stem for path in FAULTY}
    assert len(inputs) >= 40
    assert {path.stem for path in BAD.glob("*.txt")} == inputs
