"""Entity state, as the setting `facts` says: opened, watched, and joined to what decides."""

import os

from dealgate.assemble.worker_process import is_worker
from dealgate.entities.around import Completion, Recalls
from dealgate.entities.checking import Checking
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.facts.urls import facts_url, open_facts
from dealgate.journal.limits import Limits
from dealgate.journal.locations import MEMORY
from dealgate.journal.urls import keys_of
from dealgate.rulebook.live import LiveCatalog
from dealgate.settings import Settings
from dealgate.telemetry.facts import WatchedFacts
from dealgate.telemetry.setup import Telemetry
from dealgate.wire.facts import Keeping


async def open_state(
    settings: Settings, limits: Limits, telemetry: Telemetry
) -> WatchedFacts | None:
    """Open the store of entity state, if there is to be one; raises JournalUnusable."""
    if not settings.facts:
        return None
    url = facts_url(settings.facts, settings.journal)
    if url == MEMORY and is_worker(os.environ):
        raise JournalUnusable("workers cannot share facts in memory; name a file in DEALGATE_FACTS")
    return WatchedFacts(
        await open_facts(url, limits, keys_of(settings.journal), settings.journal_master_key),
        telemetry.tracer,
        telemetry.meter,
    )


def completing(state: WatchedFacts | None, journal: Recalls) -> Completion | None:
    """Return what completes questions from state; None: nothing does."""
    return None if state is None else Completion(state, journal)


def facts_port(state: WatchedFacts | None, live: LiveCatalog) -> Keeping | None:
    """Return what keeps facts, which are checked by the catalog in use; None: nothing does."""
    return None if state is None else Keeping(state, lambda: Checking(live.edition.catalog))
