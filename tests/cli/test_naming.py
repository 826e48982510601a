"""Versions are named `qualify@3` everywhere; drafts may lie side by side, and be given up."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dealgate.cli import app
from tests.small import copied


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The tests' own rules."""
    return copied(tmp_path)


def run(rules: Path, *arguments: str) -> Result:
    """Run a command on the copy."""
    return CliRunner().invoke(app, [*arguments, "--rules", str(rules)])


def test_both_ways_name_the_same_version(rules: Path) -> None:
    """`digest qualify@2` is `digest qualify 2`."""
    assert run(rules, "digest", "qualify@2").output == run(rules, "digest", "qualify", "2").output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("digest", "qualify"), "the version is missing; write for example qualify@2"),
        (("digest", "qualify@two"), "'two' is not a version"),
        (("digest", "qualify@0"), "'0' is not a version"),
        (("digest", "qualify@٢"), "is not a version"),
        (("digest", "qualify@99999999999999999999"), "is not a version"),
        (("digest", "qualify@2", "2"), "name the version once"),
        (("digest", "qualifi@2"), "did you mean 'qualify'?"),
        (("check", "rules/score/v2.cases.yaml"), "is a path; name a kind or a version, score@2"),
        (("test", "./score"), "is a path; name a kind or a version, score,"),
        (("check", "v3.yaml"), "is a path; name a kind or a version, qualify@3"),
        (("check", "kwalify"), "there are no rules for kind 'kwalify'"),
        (("calibrate", "qualify@2"), "only scores are calibrated"),
        (("discard", "qualify@77", "--yes"), "there is no qualify@77"),
        (("discard", "qualify@2", "--yes"), "qualify@2 was released"),
    ],
)
def test_a_name_that_names_nothing_is_told(
    rules: Path, arguments: tuple[str, ...], told: str
) -> None:
    """Each misspelling says what to write, and changes nothing."""
    before = sorted(rules.rglob("*"))
    result = run(rules, *arguments)
    assert (result.exit_code, told in result.output) == (2, True), result.output
    assert sorted(rules.rglob("*")) == before


def test_two_drafts_lie_side_by_side_until_one_is_given_up(rules: Path) -> None:
    """The second is begun by naming what it copies; discarding it leaves the first alone."""
    home = rules / "qualify"
    assert run(rules, "new-version", "qualify").exit_code == 0
    first = max(int(path.name[1:-5]) for path in home.glob("v?.yaml"))
    again = run(rules, "new-version", "qualify")
    assert (again.exit_code, f"qualify@{first} is a draft already" in again.output) == (2, True)
    assert run(rules, "new-version", f"qualify@{first - 1}").exit_code == 0
    assert f"version: {first + 1}\n" in (home / f"v{first + 1}.yaml").read_text()
    assert run(rules, "check", f"qualify@{first + 1}").exit_code == 0
    assert run(rules, "discard", f"qualify@{first + 1}", "--yes").exit_code == 0
    assert list(home.glob(f"v{first + 1}.*")) == []
    assert (home / f"v{first}.yaml").exists()


def test_a_broken_draft_is_not_copied(rules: Path) -> None:
    """What cannot be read is a draft too: it is changed or given up, not doubled."""
    home = rules / "qualify"
    assert run(rules, "new-version", "qualify").exit_code == 0
    number = max(int(path.name[1:-5]) for path in home.glob("v?.yaml"))
    (home / f"v{number}.yaml").write_text("ruleset: [")
    refused = run(rules, "new-version", "qualify")
    assert (refused.exit_code, f"qualify@{number} is a draft already" in refused.output) == (
        2,
        True,
    )
    assert run(rules, "discard", f"qualify@{number}", "--yes").exit_code == 0
