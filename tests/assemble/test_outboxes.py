"""What a server publishes is what its setting says."""

import pytest

from dealgate.assemble.outboxes import publishing
from dealgate.journal.feed import JournalFeed
from dealgate.journal.memory import MemoryJournal
from dealgate.settings import Settings
from dealgate.streams.port import SinkUnusable
from dealgate.telemetry.instruments import Meter


@pytest.mark.parametrize("outbox", ["lake", "lake=ftp://x/y", "a=jsonl:///x a=jsonl:///y"])
async def test_an_outbox_that_cannot_be_is_told_by_its_setting(outbox: str) -> None:
    """Whoever started the server learns which variable to correct."""
    journal = MemoryJournal()
    with pytest.raises(SinkUnusable, match=r"^DEALGATE_OUTBOX: "):
        async with publishing(
            Settings(outbox=outbox), JournalFeed(journal), journal, Meter(is_on=False)
        ):
            pass
