"""`dealgate impact`: what a version would have done, held to a bound, in each of its forms."""

import asyncio
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from dealgate.aside.pool import chunked, in_order
from dealgate.assemble.impacts import Spec, assess_of
from dealgate.cli import app
from dealgate.foresight.assessing import Clock
from dealgate.foresight.impact import Impact
from dealgate.journal.urls import open_journal, reader
from dealgate.model.instants import DAY
from tests.foresight.recording import asked, cases, recorded

RULES = Path(__file__).parents[2] / "rules"
KEPT = 150


def run(*options: object) -> tuple[int, str]:
    """Run it on qualify; return its status and what it said."""
    result = CliRunner().invoke(app, ["impact", *map(str, options), "--rules", str(RULES)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with decisions of qualify."""
    path = tmp_path_factory.mktemp("impact") / "journal.db"

    async def fill() -> None:
        kept = await open_journal(str(path))
        questions = Random(7).sample(list(cases("qualify")), KEPT)
        await recorded(kept, [asked(question) for question in questions])
        await kept.close()

    asyncio.run(fill())
    return path


def told(journal: Path, *options: object) -> dict[str, Any]:
    """Return the impact of qualify@2 against @1 as JSON."""
    where = ("qualify@2", "--against", 1, "--journal", journal, "--format", "json")
    document: dict[str, Any] = json.loads(run(*where, *options)[1])
    return document


def test_an_impact_is_told_in_each_form(journal: Path, tmp_path: Path) -> None:
    """Text, JSON, JUnit and a page say the same number of flips."""
    document = told(journal)
    flips = document["flips"]["decisions"]
    assert (document["decisions"], flips > 0) == (KEPT, True)
    where = ("qualify@2", "--against", 1, "--journal", journal)
    _, text = run(*where)
    assert text.startswith(f"qualify@2 against qualify@1: {flips} of {KEPT} decisions flip")
    suite = ET.fromstring(run(*where, "--format", "junit")[1])[0]
    assert suite[0].get("name") == f"{flips} of {KEPT} decisions flip"
    page = tmp_path / "impact.html"
    pytest.importorskip("matplotlib")
    assert run(*where, "--format", "html", "-o", page)[0] == 0
    assert f"{flips} of {KEPT} recorded decisions flip" in page.read_text()
    assert page.read_text().count("<svg") >= 3


def test_a_bound_is_held_to(journal: Path) -> None:
    """Beyond a share, or an amount, the command leaves with 1; within them with 0."""
    where = ("qualify@2", "--against", 1, "--journal", journal)
    assert run(*where, "--fail-over", "100%", "--fail-over", "EUR 999999999")[0] == 0
    assert run(*where, "--fail-over", "1%")[0] == 1
    assert run(*where, "--fail-over", "EUR 1")[0] == 1
    nobody = run(*where, "--fail-over", "100%", "--tenant", "nobody")
    assert (nobody[0], "0 of 0 decisions" in nobody[1]) == (2, True)
    status, text = run(*where, "--fail-over", "1 %", "--format", "junit")
    assert (status, ET.fromstring(text).get("failures")) == (1, "1")
    assert run(*where, "--fail-over", "a lot")[0] == 2


def test_a_version_against_itself_has_none(journal: Path) -> None:
    """Nothing flips, and nothing moves."""
    status, text = run("qualify@2", "--against", 2, "--journal", journal, "--fail-over", "0%")
    assert (status, f"0 of {KEPT} decisions flip" in text) == (0, True)


def test_a_sample_is_the_same_each_time(journal: Path) -> None:
    """So many decisions as if by lot, and the same lot."""
    few = told(journal, "--sample", 30)
    assert (few["decisions"], told(journal, "--sample", 30)) == (30, few)
    assert told(journal, "--since", "2027-01-01")["decisions"] == 0


def test_a_case_can_be_pasted(journal: Path) -> None:
    """Each sort of flip comes as YAML of a case, with the rules that fire under the draft."""
    for cause in told(journal)["causes"]:
        (case,) = yaml.safe_load(cause["case"])
        assert {"case", "as_of", "facts", "fired"} <= case.keys()


def test_what_cannot_be_assessed_says_why(journal: Path) -> None:
    """No version, one that decides already, no journal, no instant: status 2."""
    assert run("qualify", "--journal", journal)[0] == 2
    assert run("qualify@99", "--journal", journal)[0] == 2
    assert run("qualify@2", "--against", 1, "--journal", journal.with_name("none.db"))[0] == 2
    assert run("qualify@2", "--against", 1, "--journal", journal, "--since", "soon")[0] == 2


def test_several_processes_come_to_the_same(journal: Path) -> None:
    """Whoever counts, the parts add up to what one process counts."""
    spec = Spec(str(RULES), "qualify", 1, 2, Clock(10**20, 90 * DAY))
    records = list(reader(str(journal)).of_tenant("default")(["qualify"]))
    alone = assess_of(spec)(records)
    together = Impact()
    for part in in_order(assess_of, spec, chunked(records, 40), 2):
        together.merge(part)
    assert together == alone
