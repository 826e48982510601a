"""Whether decisions can be recorded, as the health service reports it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dealgate.aside.lasting import beside
from dealgate.journal.port import Journal
from dealgate.wire.server import Server

LOOK = 0.25  # seconds


@asynccontextmanager
async def journal_in_health(journal: Journal, server: Server) -> AsyncIterator[None]:
    """Within the block, health reports the journal's state within a second."""
    told = True

    async def tell() -> None:
        nonlocal told
        while True:
            sound = journal.fault is None
            if sound is not told:
                await server.tell_journal(sound=sound)
                told = sound
            await asyncio.sleep(LOOK)

    async with beside("reporting the journal's health", tell):
        yield
