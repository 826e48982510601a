"""`dealgate compare`: arms that a challenger left in the journal, in one plain sentence."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealgate.cli import app
from dealgate.journal.urls import open_journal
from dealgate.model.challengers import Challenger
from dealgate.model.decision import Trial
from tests.foresight.test_serving import with_challenger
from tests.journal.decisions import decision

TRIED = Challenger(3, "0" * 64, "q4", Decimal("0.5"), 1000, Decimal("0.05"), 1)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A journal with 40 entities of an experiment, half of them in each arm."""
    path = str(tmp_path_factory.mktemp("arms") / "journal.db")

    async def fill() -> None:
        kept = await open_journal(path)
        for number in range(40):
            taken = decision(number, version=2 + number % 2)
            other = replace(taken, version=3 - number % 2, outcome="MQL")
            trial = Trial(TRIED, 2, is_challenged=number % 2 == 1, other=other)
            await kept.append(replace(taken, trial=trial))
        await kept.append(decision(99, kind="score"))
        await kept.close()

    asyncio.run(fill())
    return path


def run(*arguments: str) -> tuple[int, str]:
    """Run the command; return its status and what it says."""
    done = CliRunner().invoke(app, ["compare", *arguments])
    return done.exit_code, done.output


def test_a_kind_is_enough(journal: str) -> None:
    """The terms are those of the experiment; too little is said to be too little."""
    status, told = run("qualify", "--journal", journal)
    assert status == 0
    assert told.startswith("qualify, q4: not enough data: ")
    assert "@2: 20 entities" in told
    assert "@3: 20 entities" in told
    assert "on the same facts 40 of 40 outcomes differ" in told
    status, told = run("qualify", "--journal", journal, "--format", "json", "--seed", "q4")
    assert (json.loads(told)["seed"], json.loads(told)["pairs"]) == ("q4", 40)


def test_a_kind_without_code_is_known_by_its_folder(journal: str) -> None:
    """As everywhere, by --rules."""
    examples = str(Path(__file__).parents[2] / "examples")
    told = run("discount", "--journal", journal, "--rules", examples)
    assert told == (2, told[1])
    assert "nothing was recorded of an experiment yet" in told[1]


def test_named_versions_are_compared_as_ever(journal: str) -> None:
    """With the terms of the options, of which the share is needed."""
    status, told = run("qualify@2", "qualify@3", "--share", "0.5", "--journal", journal)
    assert (status, told.splitlines()[0].partition(":")[0]) == (0, "qualify")
    status, told = run("qualify@2", "qualify@3", "--journal", journal)
    assert (status, "--share" in told) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("score",), "nothing was recorded of an experiment yet"),
        (("qualify", "--seed", "q9"), "there are: q4"),
        (("qualify@2",), "name two versions, or only the kind"),
        (("qualify@2", "score@3", "--share", "0.1"), "name two versions of one kind"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    journal: str, arguments: tuple[str, ...], says: str
) -> None:
    """With what to write instead."""
    status, told = run(*arguments, "--journal", journal)
    assert (status, says in told) == (2, True), told


def test_releases_show_who_is_tried(tmp_path: Path) -> None:
    """With its share and seed, below the line that names it."""
    rules = str(with_challenger(tmp_path))
    told = CliRunner().invoke(app, ["releases", "qualify", "--rules", rules]).output
    assert "    qualify@1 answers 50 % of entities: q4\n" in told
    shown = CliRunner().invoke(app, ["releases", "qualify", "--rules", rules, "--format", "json"])
    assert json.loads(shown.output)[0]["releases"][-1]["challenger"] == {
        "version": 1,
        "seed": "q4",
        "share": 0.5,
    }
