"""Samples out of a journal."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dealgate.cli import app
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.kinds import KINDS
from dealgate.learn.recorded import doubts, journal_samples
from dealgate.learn.samples import Sample
from dealgate.v1.lead_pb2 import Lead
from dealgate.v1.score_pb2 import ScoreFacts
from tests.journal.decisions import decision
from tests.journal.test_results import result

SCORE = KINDS["score"]
RULES = Path(__file__).parents[2] / "rules"


async def test_decisions_whose_end_is_known_are_samples(tmp_path: Path) -> None:
    """Converted and not; neither what nobody told, nor what was known before the decision."""
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path)
    told = (
        {"type": "CONVERTED"},
        {"type": "LOST"},
        None,
        {"type": "FIRST_VALUE"},
        {"happened_at": 0},
    )
    for number, changes in enumerate(told):
        facts = ScoreFacts(lead=Lead(id=f"L{number}")).SerializeToString()
        of = await journal.append(decision(number, kind="score", facts=facts))
        if changes is not None:
            await journal.attach(result(of, **changes))
    samples: Any = journal_samples(str(path), "default", SCORE)
    found = [(one.facts.lead.id, one.converted) for one in samples]
    assert found == [("L0", True), ("L1", False)]
    assert not journal_samples(str(path), "acme", SCORE)
    await journal.close()


def test_what_cannot_be_learnt_from_is_named(tmp_path: Path) -> None:
    """No journal, and neither or both of the two sources."""
    with pytest.raises(JournalUnusable, match="there is no journal here"):
        journal_samples(str(tmp_path / "none.db"), "default", SCORE)
    done = CliRunner().invoke(app, ["calibrate", "2", "--rules", str(RULES)])
    assert done.exit_code == 2
    assert "name a file of --samples, or a --journal" in done.output


def test_facts_that_may_have_known_the_answer_are_doubted() -> None:
    """Asked after the end was known, or judged as of long before: counted, whatever they hold."""
    day, facts = 86_400 * 10**9, ScoreFacts()
    sound = Sample(facts, 10 * day, converted=True, decided_at=10 * day, happened_at=20 * day)
    late = Sample(facts, 10 * day, converted=True, decided_at=30 * day, happened_at=20 * day)
    typed = Sample(facts, 10 * day, converted=True)
    assert not list(doubts([sound, typed]))
    told = list(doubts([sound, late]))
    assert [line.split()[0] for line in told] == ["1", "1"]
    assert "after their result" in told[0]
