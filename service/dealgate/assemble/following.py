"""The catalog in use, which follows the rules folder, and what follows from its changes."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from dealgate.assemble.engines import Startable
from dealgate.desk.expressions import expression_checker, remember
from dealgate.kinds import KINDS
from dealgate.model.editions import Edition, Outcome, Reload
from dealgate.model.faults import Fault
from dealgate.model.properties import Arrival
from dealgate.model.rules import Location
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.faults import RulebookFaults, did_you_mean
from dealgate.rulebook.kind_file import KIND
from dealgate.rulebook.kind_folder import KnownShelf
from dealgate.rulebook.live import LiveCatalog, Tell
from dealgate.rulebook.loading import load_usable
from dealgate.rulebook.unreleased import stands
from dealgate.wire.server import Server


def live_catalog(
    folder: Path,
    engine: Startable,
    served: Sequence[str] = (),
    arrival: Arrival = Arrival.REFUSE,
    approvals: Path | None = None,
) -> LiveCatalog:
    """Return the catalog in `folder`, compiled; raises RulebookFaults.

    Of the kinds that are `served`; without any, of those that have rules. `arrival` says what
    becomes of properties that nobody declared, `approvals` who must sign releases, unless that is
    the folder's own file.
    """
    checker, known = expression_checker(), dict[str, KnownShelf]()
    only = _known(served, folder) or None

    def read() -> Catalog:
        catalog = load_usable(folder, KINDS, checker, known, only, arrival, approvals)
        for ruleset in catalog.all():
            engine.prepare(ruleset)
        remember()
        return catalog

    return LiveCatalog(folder, read, time.time_ns)


def _known(served: Sequence[str], folder: Path) -> Sequence[str]:
    """Return the kinds to serve; raise RulebookFaults for what has no code and is not declared."""
    location = Location("DEALGATE_KINDS", 1, 1)
    faults = [
        Fault(location, f"unknown kind '{name}'", did_you_mean(name, KINDS))
        for name in served
        if name not in KINDS and not stands(folder / name / KIND)
    ]
    if faults:
        raise RulebookFaults(faults)
    return served


def telling(
    first: Edition[Catalog], engine: Startable, server: Server, count: Callable[[Reload], None]
) -> Tell:
    """Return what everyone is to do when the rules folder has changed."""
    # Batches that began on the catalog before still decide by it.
    recent = deque([first.catalog], maxlen=2)

    async def tell(edition: Edition[Catalog], reload: Reload) -> None:
        count(reload)
        if edition.catalog is not recent[-1]:
            recent.append(edition.catalog)
        engine.keep([ruleset for catalog in recent for ruleset in catalog.all()])
        await server.tell_rules(sound=reload.outcome is not Outcome.REFUSED)

    return tell
