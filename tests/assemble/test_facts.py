"""Where a server keeps facts, and where it does not."""

from pathlib import Path

import pytest

from dealgate.assemble.facts import open_state
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.limits import DEFAULTS
from dealgate.settings import Settings
from dealgate.telemetry import setup


async def test_facts_are_not_kept_in_the_clear_beside_an_encrypted_journal(tmp_path: Path) -> None:
    """Nothing personal is on disk in the clear, whatever is switched on beside it."""
    key = tmp_path / "master.key"
    settings = Settings(journal=str(tmp_path / "j.db"), journal_master_key=key, facts="1")
    with pytest.raises(JournalUnusable, match="in the clear"):
        await open_state(settings, DEFAULTS, setup.start())


@pytest.mark.parametrize(
    ("told", "facts"),
    [("true", "1"), ("ON", "1"), ("1", "1"), ("0", ""), ("off", ""), ("x.db", "x.db")],
)
def test_the_setting_takes_the_usual_words(told: str, facts: str) -> None:
    """As other switches do; anything else is a place."""
    assert Settings(facts=told).facts == facts
