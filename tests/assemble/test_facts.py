"""Where a server keeps facts."""

from pathlib import Path

import pytest

from dealgate.assemble.facts import open_state
from dealgate.assemble.sealing import sealing
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.sealed.master import new_master_key
from dealgate.journal.urls import open_journal
from dealgate.model.decision import Entity
from dealgate.model.entity_state import Upsert
from dealgate.settings import Settings
from dealgate.telemetry import setup
from dealgate.v1.lead_pb2 import Lead


@pytest.mark.parametrize(
    ("told", "facts"),
    [("true", "1"), ("ON", "1"), ("1", "1"), ("0", ""), ("off", ""), ("x.db", "x.db")],
)
def test_the_setting_takes_the_usual_words(told: str, facts: str) -> None:
    """As other switches do; anything else is a place."""
    assert Settings(facts=told).facts == facts


async def test_beside_an_encrypted_journal_facts_are_encrypted(tmp_path: Path) -> None:
    """Under the journal's keys, by the same settings: nothing personal is there to be read."""
    key = tmp_path / "master.key"
    new_master_key(key)
    settings = Settings(journal=str(tmp_path / "j.db"), journal_master_key=key, facts="1")
    journal = await open_journal(settings.journal, DEFAULTS, sealing(settings))
    state = await open_state(settings, DEFAULTS, setup.start())
    assert state is not None
    await state.put("t", [Upsert(Entity("lead", "L-ann"), Lead(id="L-ann", title="VP of Ann"))])
    assert await state.entities("t", "lead", "", 10) == ["L-ann"]
    await state.close()
    await journal.close()
    assert _secrets(tmp_path / "j.facts.db") == []


def _secrets(file: Path) -> list[bytes]:
    data = file.read_bytes()
    assert data
    return [secret for secret in (b"L-ann", b"VP of Ann") if secret in data]
