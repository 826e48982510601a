"""What an author reads when a file has a fault: one golden text for each fault."""

import os
from pathlib import Path

import pytest

from dealgate.engine.cel import CelChecker
from dealgate.model.kind import AnyKind
from dealgate.rulebook.checking import check_folder
from dealgate.rulebook.faults import RulebookFaults

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


def placed(path: Path, folder: Path) -> Path:
    """Lay the faulty file where it belongs, beside good ones, and return the rules folder."""
    rules = folder / "rules"
    home = rules / "approve"
    home.mkdir(parents=True)
    (home / "v1.yaml").write_text(GOOD)
    (home / "v1.cases.yaml").write_text(GOOD_CASES)
    kind = path.name.split(".")[1]
    name = {"yaml": "v1.yaml", "releases": "releases.yaml", "cases": "v1.cases.yaml"}[kind]
    (home / name).write_bytes(path.read_bytes())
    return rules


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_author_reads_every_fault(
    path: Path, tmp_path: Path, approve: AnyKind, checker: CelChecker
) -> None:
    """A faulty file is refused with exactly the text beside it.

    `REGENERATE=1 .venv/bin/pytest tests/rulebook/test_bad.py` writes the texts anew: read every
    one that changed as the person who has to mend the file, before you commit it.
    """
    rules = placed(path, tmp_path)
    kinds = {"approve": approve}
    with pytest.raises(RulebookFaults) as refused:
        check_folder(rules, kinds, checker)
    golden = path.with_suffix(".txt")
    if os.environ.get("REGENERATE"):
        golden.write_text(f"{refused.value}\n")
    assert f"{refused.value}\n" == golden.read_text()


def test_there_are_enough_of_them() -> None:
    """At least forty different faults have a golden text, and no text is without its file."""
    inputs = {path.stem for path in BAD.glob("*.yaml")}
    assert len(inputs) >= 40
    assert {path.stem for path in BAD.glob("*.txt")} == inputs
