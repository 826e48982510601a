"""A real server replays what it decided, and assesses a version for its callers."""

from pathlib import Path

import pytest

from dealgate.assemble import assessments
from dealgate.assemble.server import serving
from dealgate.settings import Settings
from dealgate_client import AsyncClient, Company, Lead, ReplayVerdict, RuleSetNotFound
from tests.foresight.recording import RULES


async def test_a_server_replays_and_assesses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes; progress, and an impact that adds up, in parts or as a sample."""
    monkeypatch.setattr(assessments, "PART", 3)
    settings = Settings(
        address="localhost:0", rules=RULES, journal=f"{tmp_path}/journal.db", lame_duck=0
    )
    async with (
        serving(settings) as running,
        AsyncClient(f"localhost:{running.port}", timeout=60) as client,
    ):
        for employees in (10, 40, 400, 4000):
            lead = Lead(id=f"00Q{employees}", company=Company(employees=employees))
            answer = await client.qualify_lead(lead=lead)
        replayed = await client.replay_decision(answer.header.decision_id)
        assert replayed.verdict == ReplayVerdict.REPLAY_VERDICT_EQUAL
        told = [told async for told in client.assess_impact("qualify", 1, against=2)]
        impact = told[-1].impact
        assert [one.decisions for one in told] == [3, 4]
        assert (impact.old_rule_set, impact.new_rule_set) == ("qualify@2", "qualify@1")
        assert sum(one.decisions for one in impact.transitions) == impact.decisions == 4
        sampled = [told async for told in client.assess_impact("qualify", 1, sample_size=2)]
        assert [one.decisions for one in sampled] == [2]
        with pytest.raises(RuleSetNotFound):
            _ = [told async for told in client.assess_impact("qualify", 99)]
