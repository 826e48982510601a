"""A command that is about one kind reads that kind: what is wrong with others stops nobody."""

from pathlib import Path

import pytest

from tests.cli.saying import said
from tests.small import copied


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Rules of two kinds, of which those of score are torn."""
    copy = copied(tmp_path)
    (copy / "score" / "v1.yaml").write_text("rules: [\n")
    (copy / "notes.txt").write_text("Nobody's.")
    return copy


@pytest.mark.parametrize(
    "command",
    [
        "check qualify@2",
        "releases qualify",
        "digest qualify 2",
        "test qualify@1",
        "diff qualify@2 qualify@2",
        "new-version qualify",
    ],
)
def test_another_kind_that_is_broken_stops_nobody(rules: Path, command: str) -> None:
    """Neither faults of another kind, nor that it is missing, keep one from working on its own."""
    told = said(command, "--rules", str(rules))
    assert "[exit status" not in told, told
    assert "score" not in told.replace("scores", "")


def test_without_a_kind_all_are_read(rules: Path) -> None:
    """Who checks everything hears of everything."""
    told = said("check", "--rules", str(rules))
    assert "rules/score/v1.yaml:" in told
    assert "[file-misplaced]" in told
    assert told.endswith("[exit status 1]\n")


def test_kind_that_is_not_there_is_told_with_the_nearest(rules: Path) -> None:
    """A typo costs no reading of all rules."""
    told = said("check qualifi", "--rules", str(rules))
    assert told.startswith("there are no rules for kind 'qualifi', only of: advance, attribute, ")
    assert "did you mean 'qualify'?" in told
    assert told.endswith("[exit status 2]\n")
