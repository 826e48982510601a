"""A score's history: one call, a score for each instant, as it was known then."""

import datetime as dt
from pathlib import Path

from dealgate.assemble.process import run_loop
from dealgate.assemble.server import serving
from dealgate.settings import Settings
from dealgate_client import (
    Activity,
    ActivityType,
    AsyncClient,
    Lead,
    ScoreFacts,
    ScoreLeadResponse,
    timestamp,
)
from tests.shipped import folder_of

START = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def days(number: float) -> dt.datetime:
    """Return the instant so many days after the start."""
    return START + dt.timedelta(days=number)


def test_a_score_rises_with_what_is_done_and_fades_afterwards(tmp_path: Path) -> None:
    """Nothing before the demo, 30 points at it, half of them 14 days later; nothing is recorded."""
    demo = Activity(id="a", type=ActivityType.ACTIVITY_TYPE_DEMO_REQUEST, at=timestamp(days(0)))
    facts = ScoreFacts(lead=Lead(id="L1"), activities=[demo])
    facts.history.last_attempt_at.CopyFrom(timestamp(days(1)))
    found: list[int] = []

    async def ask() -> None:
        settings = Settings(
            address="localhost:0",
            rules=folder_of(tmp_path, "score"),
            journal=str(tmp_path / "j.db"),
            lame_duck=0,
        )
        async with (
            serving(settings) as running,
            AsyncClient(f"localhost:{running.port}", timeout=60) as client,
        ):
            points = [days(-1), days(0), days(14), days(28)]
            for instant, answer in await client.score_history(facts, points):
                assert isinstance(answer, ScoreLeadResponse), (instant, answer)
                found.append(answer.outcome.engagement)
            assert [one async for one in client.list_decisions()] == []

    run_loop(ask())
    assert found == [0, 30, 15, 8]
