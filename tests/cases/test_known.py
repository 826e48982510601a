"""What is known of mutants costs nothing the next time, and is never believed of other rules."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dealgate.cases.findings import Findings, mutation_of
from dealgate.cases.mutation import known
from dealgate.cases.mutation.known import KnownMutants
from dealgate.cli import mutants
from dealgate.kinds import KINDS
from dealgate.rulebook.cases import CaseFile
from tests.cli.saying import said
from tests.rulebook.test_rates import GOOD
from tests.shipped import RULES, newest_cases
from tests.small import copied

ROOT = Path(__file__).parents[2]

Edit = Callable[[Path], object]


class Mutating:
    """Stands in for the mutation of rules, and tells of which ones it was asked."""

    def __init__(self) -> None:
        """Nobody has asked."""
        self.asked: list[str] = []
        self.meanwhile: Edit | None = None

    async def __call__(self, folder: Path, _: Any, file: CaseFile, *__: Any) -> Findings:
        """Say that of seven mutants all are noticed."""
        self.asked.append(file.ruleset.name)
        if self.meanwhile is not None:
            self.meanwhile(folder)
        return Findings(7, ())


@pytest.fixture
def mutating(monkeypatch: pytest.MonkeyPatch) -> Mutating:
    """No rule is really mutated: what is asked for is what counts here."""
    stand_in = Mutating()
    monkeypatch.setattr(mutants, "mutation_of", stand_in)
    return stand_in


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The tests' own two kinds."""
    return copied(tmp_path)


def told(rules: Path, *more: str) -> str:
    """Return what is said of the newest versions, by what is known of them."""
    arguments = "--rules", str(rules), "--known", str(rules.parent / "mutants.lock")
    return said("test --mutate --newest", *arguments, *more)


def added(name: str, text: str = "# edited\n") -> Edit:
    """Return an edit that adds to a file."""

    def edit(rules: Path) -> None:
        with (rules / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


def test_what_is_known_is_not_mutated_again(rules: Path, mutating: Mutating) -> None:
    """The same is said, but for the word that tells how it is known."""
    first = told(rules)
    assert mutating.asked == ["qualify@2", "score@2"]
    again = told(rules)
    assert mutating.asked == ["qualify@2", "score@2"]
    assert (
        "score@2: 3 passed, 0 failed; 100.0 % of conditions seen; 7 of 7 mutants noticed" in first
    )
    assert again == first.replace("mutants noticed", "mutants known to be noticed")


@pytest.mark.parametrize(
    ("edit", "mutated"),
    [
        (added("score/v2.yaml"), ["score@2"]),
        (added("score/v2.cases.yaml"), ["score@2"]),
        (added("qualify/v2.yaml"), ["qualify@2"]),
        (added("rates.yaml", GOOD), ["qualify@2", "score@2"]),
        (added("score/v1.yaml"), []),
        (added("score/README.md"), []),
    ],
    ids=["rules", "cases", "another kind", "shared by all", "another version", "no rules"],
)
def test_whoever_is_concerned_by_a_change_is_mutated_again(
    rules: Path, mutating: Mutating, edit: Edit, mutated: list[str]
) -> None:
    """A changed case or rule, and what all kinds share; nobody else."""
    told(rules)
    mutating.asked.clear()
    edit(rules)
    told(rules)
    assert mutating.asked == mutated


def test_other_code_knows_nothing(
    rules: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A change of the mutator, of what judges or of a kind is a reason to mutate all again."""
    code, lock = tmp_path / "dealgate", tmp_path / "mutants.lock"
    monkeypatch.setattr("dealgate.desk.cache.CODE", code)
    for room in known.ROOMS:
        module = code / room if room.endswith(".py") else code / room / "deep" / "module.py"
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text("one")
    ruleset = newest_cases("score").ruleset
    ruleset = dataclasses.replace(ruleset, version=2)
    for module in sorted(code.rglob("*.py")):
        before = KnownMutants(lock, rules)
        before.keep(ruleset, 7, 0)
        before.save([ruleset])
        assert KnownMutants(lock, rules).of(ruleset)
        module.write_text("other")
        assert KnownMutants(lock, rules).of(ruleset) is None, module


def test_what_is_edited_meanwhile_is_not_written_down(rules: Path, mutating: Mutating) -> None:
    """What was found is of the files as they were, of which nobody knows the bytes."""
    mutating.meanwhile = added("score/v2.yaml")
    told(rules)
    assert [*lines(rules)] == ["qualify@2"]


def test_what_is_missing_is_not_written_down(rules: Path) -> None:
    """Whoever has something to mend is told of it each time."""
    first = told(rules, "qualify")
    assert "[mutant-survives]" in first
    assert told(rules, "qualify") == first
    assert not (rules.parent / "mutants.lock").exists()


@pytest.mark.parametrize("more", [(), ("--mutate", "--format", "json")])
def test_where_it_would_tell_nothing_it_is_refused(rules: Path, more: Sequence[str]) -> None:
    """It is about mutants, and knows how many there are, but not which."""
    refused = said("test", "--rules", str(rules), "--known", "mutants.lock", *more)
    assert "add --mutate, drop --format" in refused


def test_a_line_that_is_none_says_nothing(rules: Path, mutating: Mutating) -> None:
    """What was merged by halves costs time alone, and what is no file is told."""
    told(rules)
    whole = (rules.parent / "mutants.lock").read_text()
    spoilt = whole.replace("score@2: ", "<<<<<<< score@2: ")
    (rules.parent / "mutants.lock").write_text(spoilt)
    mutating.asked.clear()
    told(rules)
    assert mutating.asked == ["score@2"]
    assert (rules.parent / "mutants.lock").read_text() == whole
    refused = said("test --mutate --rules", str(rules), "--known", str(rules))
    assert "cannot be read" in refused


async def test_the_shipped_file_is_right() -> None:
    """One kind is mutated here: if its line is up to date, it says what comes of that."""
    file = newest_cases("convert")
    line = KnownMutants(ROOT / ".ci" / "mutants.lock", RULES).of(file.ruleset)
    found = await mutation_of(RULES, KINDS["convert"], file)
    assert not found.missing
    if line is not None:
        assert (line.mutants, line.accepted) == (found.demanded, len(found.accepted))


def lines(rules: Path) -> dict[str, str]:
    """Return what stands in the file, by rule set."""
    text = (rules.parent / "mutants.lock").read_text()
    return {line.partition(": ")[0]: line for line in text.splitlines()}
