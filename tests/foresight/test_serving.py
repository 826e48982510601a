"""A real server replays what it decided, and assesses a version for its callers."""

import shutil
from pathlib import Path

import pytest

from dealgate.assemble import assessments
from dealgate.assemble.server import serving
from dealgate.settings import Settings
from dealgate_client import (
    AsyncClient,
    Company,
    ComparisonVerdict,
    InvalidQuestion,
    Lead,
    ReplayVerdict,
    RuleSetNotFound,
)
from tests import shipped


async def test_a_server_replays_and_assesses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server replays to the same bytes, and streams an impact that adds up, whole or sampled."""
    monkeypatch.setattr(assessments, "PART", 3)
    rules = shipped.folder_of(tmp_path, "qualify")
    settings = Settings(
        address="localhost:0", rules=rules, journal=f"{tmp_path}/journal.db", lame_duck=0
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


def with_challenger(folder: Path) -> Path:
    """Copy rules of two kinds, and try qualify@1 beside the version that decides."""
    rules = Path(shutil.copytree(shipped.folder_of(folder, "qualify", "score"), folder / "rules"))
    digests = {number: shipped.catalog().version("qualify", number).digest for number in (1, 3)}
    with (rules / "qualify" / "releases.yaml").open("a") as file:
        file.write(
            f"- {{version: 3, from: 2026-11-02, sha256: {digests[3]}, by: ann, because: A trial., "
            f"challenger: {{version: 1, sha256: {digests[1]}, seed: q4, share: 0.5}}}}\n"
        )
    return rules


async def test_a_server_tries_a_challenger(tmp_path: Path) -> None:
    """Entities are answered by one arm, for good; both are read back, and compared."""
    settings = Settings(
        address="localhost:0",
        rules=with_challenger(tmp_path),
        journal=f"{tmp_path}/journal.db",
        lame_duck=0,
    )
    async with (
        serving(settings) as running,
        AsyncClient(f"localhost:{running.port}", timeout=60) as client,
    ):
        versions: dict[str, set[int]] = {}
        for number in range(24):
            lead = Lead(id=f"00Q{number % 12}", company=Company(employees=400))
            answer = await client.qualify_lead(lead=lead)
            versions.setdefault(lead.id, set()).add(answer.header.rule_set_version)
        assert all(len(met) == 1 for met in versions.values())
        assert {version for met in versions.values() for version in met} == {1, 3}
        kept = (await client.get_decision(answer.header.decision_id)).trial
        assert (kept.seed, kept.champion_version, kept.challenger_version) == ("q4", 3, 1)
        assert kept.is_challenged == (answer.header.rule_set_version == 1)
        other = kept.other_answer.qualify.header
        assert {other.rule_set_version, answer.header.rule_set_version} == {1, 3}
        assert other.decision_id == answer.header.decision_id
        told = await client.compare_versions("qualify")
        assert told.verdict == ComparisonVerdict.COMPARISON_VERDICT_NOT_ENOUGH_DATA
        assert told.champion.assigned + told.challenger.assigned == 12
        assert told.basis.decisions == 24
        assert "closed window" in told.message
        with pytest.raises(InvalidQuestion, match="there are: q4"):
            await client.compare_versions("qualify", "q5")
        nothing = await client.compare_versions("score")
        assert nothing.verdict == ComparisonVerdict.COMPARISON_VERDICT_NOT_ENOUGH_DATA
