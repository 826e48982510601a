"""Decisions in an experiment: both arms lie in one record."""

from dataclasses import replace
from decimal import Decimal

import pytest

from dealgate.journal.port import Journal
from dealgate.model.challengers import Challenger
from dealgate.model.decision import Decision, Trial
from dealgate.model.provenance import Provenance
from tests.journal.decisions import decision

TRIED = Challenger(3, "f" * 64, "q4 ✓", Decimal("0.1"), 5000, Decimal("0.01"), 90, 5_000_000, "EUR")
MADE = Provenance("a", "b", "c", "holidays 1", "2026a")


def other(taken: Decision) -> Decision:
    """Return what the other version decided."""
    return replace(
        taken,
        version=3,
        digest="d" * 64,
        outcome="MQL",
        fired=("x",),
        answer=b"\0\1",
        provenance=MADE,
    )


@pytest.mark.parametrize("share", [Decimal("0.1"), None])
async def test_both_arms_come_back_exactly(journal: Journal, share: Decimal | None) -> None:
    """The answer, its part in the experiment, and what the other version decided."""
    taken = decision(1, provenance=MADE)
    trial = Trial(replace(TRIED, share=share), 2, is_challenged=False, other=other(taken))
    kept = await journal.append(replace(taken, trial=trial))
    assert await journal.get("default", taken.id) == replace(taken, trial=trial) == kept


async def test_a_challenger_that_refused_is_remembered(journal: Journal) -> None:
    """Its reason, and the champion's answer whole."""
    taken = decision(1, answer=b"whole")
    trial = Trial(TRIED, 2, is_challenged=True, other=None, refusal="BAD_QUESTION")
    await journal.append(replace(taken, trial=trial))
    again = await journal.get("default", taken.id)
    assert (again.trial, again.answer) == (trial, b"whole")
