"""`dealgate new-version` and `dealgate new-rule`: what they write holds as it stands."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dealgate.cli import app
from tests.small import copied

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The tests' own rules, and two shipped kinds whose facts are larger."""
    copy = copied(tmp_path)
    for kind in ("attribute", "forecast"):
        shutil.copytree(RULES / kind, copy / kind)
    for pipelines in RULES.glob("pipelines.v*.yaml"):
        shutil.copy(pipelines, copy)
    return copy


def newest(rules: Path, kind: str) -> int:
    """Return the number of the last version of a kind."""
    return max(int(path.stem[1:]) for path in (rules / kind).glob("v[0-9].yaml"))


def run(rules: Path, *arguments: str) -> Result:
    """Run a command on the copy."""
    return CliRunner().invoke(app, [*arguments, "--rules", str(rules)])


@pytest.mark.parametrize("kind", ["attribute", "forecast", "qualify"])
def test_a_new_rule_passes_check_and_cases(rules: Path, kind: str) -> None:
    """The next version is begun; the rule fires in one of its two cases and in no other."""
    before, next_ = set(rules.rglob("*")), newest(rules, kind) + 1
    result = run(rules, "new-rule", kind, "too-odd")
    assert result.exit_code == 0, result.output
    written = sorted(path.name for path in set(rules.rglob("*")) - before)
    assert written == [f"v{next_}.cases.yaml", f"v{next_}.yaml"]
    assert "- id: too-odd\n" in (rules / kind / f"v{next_}.yaml").read_text()
    assert 'case: "too-odd: fires"' in (rules / kind / f"v{next_}.cases.yaml").read_text()
    assert run(rules, "check", f"{kind}@{next_}").exit_code == 0
    tried = run(rules, "test", f"{kind}@{next_}")
    assert tried.exit_code == 0, tried.output
    assert run(rules, "fmt", "--check", kind).exit_code == 0


def test_a_second_rule_joins_the_same_draft(rules: Path) -> None:
    """A draft is changed, not copied; an id is taken once."""
    next_ = newest(rules, "qualify") + 1
    for id_ in ("too-odd", "too-even"):
        assert run(rules, "new-rule", "qualify", id_).exit_code == 0
    draft = (rules / "qualify" / f"v{next_}.yaml").read_text()
    assert ("- id: too-odd\n" in draft, "- id: too-even\n" in draft) == (True, True)
    assert newest(rules, "qualify") == next_
    again = run(rules, "new-rule", "qualify", "too-odd")
    assert (again.exit_code, "choose another id" in again.output) == (2, True)


def test_a_new_version_means_what_the_last_did(rules: Path) -> None:
    """Rules and cases are copied; only number and reason differ, and it decides nothing."""
    last = newest(rules, "qualify")
    result = run(rules, "new-version", "qualify", "--because", "Autumn: we sell to banks.")
    assert result.exit_code == 0, result.output
    old, new = (rules / "qualify" / f"v{number}.yaml" for number in (last, last + 1))
    assert 'because: "Autumn: we sell to banks."' in new.read_text()
    assert (
        new.read_text().partition("\nparameters:")[2]
        == old.read_text().partition("\nparameters:")[2]
    )
    draft = f"qualify@{last + 1}"
    assert "draft" in run(rules, "check", draft).output
    assert run(rules, "test", draft).exit_code == 0
    again = run(rules, "new-version", "qualify")
    assert (again.exit_code, f"{draft} is a draft already" in again.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("new-rule", "qualfy"), "no rules for kind 'qualfy'"),
        (("new-rule", "qualify", "Too_Odd"), "is not a rule id"),
        (("new-version", "qualfy"), "no rules for kind 'qualfy'"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(
    rules: Path, arguments: tuple[str, ...], told: str
) -> None:
    """No traceback reaches an author, and nothing is written."""
    before = sorted(rules.rglob("*"))
    result = run(rules, *arguments)
    assert (result.exit_code, told in result.output) == (2, True)
    assert sorted(rules.rglob("*")) == before
