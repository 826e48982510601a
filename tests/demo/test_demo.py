"""The demo, on the shipped rules: what it shows must be there, and true."""

import io
import time
from pathlib import Path

import pytest
from rich.console import Console

from dealgate.assemble.process import run_loop
from dealgate.assemble.server import serving
from dealgate.demo.tour import tour
from dealgate.settings import Settings
from tests.shipped import catalog

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the tour prints on a wide terminal."""
    journal = tmp_path_factory.mktemp("demo") / "journal.db"
    settings = Settings(address="localhost:0", rules=RULES, journal=str(journal), lame_duck=0)
    console = Console(file=io.StringIO(), width=160, record=True)

    async def take() -> None:
        async with serving(settings) as running:
            await tour(f"localhost:{running.port}", console)

    run_loop(take())
    return console.export_text()


def test_every_kind_answers_from_the_rules_of_today(shown: str) -> None:
    """Each service shows some of its kinds, which decide by a version that is in force."""
    leads = ("score", "qualify", "verify")
    deals = ("advance", "attribute", "forecast", "recognize", "quota", "health")
    for kind in (*leads, *deals):
        assert f"rules  {catalog().at(kind, time.time_ns()).name}" in shown


def test_every_answer_can_be_found_again(shown: str) -> None:
    """Thirteen questions, each with the id of its decision and of the one trace they belong to."""
    proofs = [line.split() for line in shown.splitlines() if "proof  decision" in line]
    assert len({decision for _, _, decision, *_ in proofs}) == 13
    (trace,) = {proof[-1] for proof in proofs}
    assert len(trace) == 32


def test_the_story_has_every_turn(shown: str) -> None:
    """One lead for sales, one on hold, one turned away; one deal moves, one waits, one may not."""
    for answer in ("SQL", "hold", "ineligible", "allow", "requires approval", "block"):
        assert f"answer  {answer}" in shown


def test_what_is_promised_is_checked(shown: str) -> None:
    """The cents add up, the repeated key gave the same bytes, one bad question spoiled nothing."""
    assert "every column adds up to the cent" in shown
    assert "the first answer, byte for byte" in shown
    assert "198 answered, 2 refused" in shown


def test_a_bad_question_is_told_everything_at_once(shown: str) -> None:
    """Six things are wrong with it, and six are named."""
    refused = shown.split("several things wrong?")[1].split("200 questions", maxsplit=1)[0]
    assert sum(line.strip().startswith("facts.") for line in refused.splitlines()) == 6


def test_a_condition_is_shown_with_what_it_read(shown: str) -> None:
    """The rule that asks for the approval is taken apart down to the discount itself."""
    assert 'opportunity.discount = decimal("0.25")' in shown


def test_what_happened_comes_back_as_an_insight(shown: str) -> None:
    """A result is recorded, and the rules that fired are seen beside it."""
    told = shown.split("What do we learn from it?")[1]
    assert "3 of 3 known results are successes" in told
    assert "succeeded in" in told
