"""What is observed of a running server, besides its calls and decisions."""

import logging
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from dealgate.assemble.queues import Queues
from dealgate.assemble.worker_process import restarts
from dealgate.journal.locations import file_of
from dealgate.journal.port import Journal
from dealgate.model.editions import Reload
from dealgate.rulebook.live import LiveCatalog
from dealgate.settings import Settings
from dealgate.telemetry import names
from dealgate.telemetry.active import Watcher, observe_active, releases_told
from dealgate.telemetry.certificates import Certificate, observe_certificate
from dealgate.telemetry.events import Seldom, tell
from dealgate.telemetry.held import observe_held
from dealgate.telemetry.journals import observe_commits, observe_files, size
from dealgate.telemetry.load import observe_load, observe_work
from dealgate.telemetry.otlp import Value
from dealgate.telemetry.reloads import measured, traced
from dealgate.telemetry.saturation import observe_process, watching
from dealgate.telemetry.setup import Telemetry
from dealgate.wire.admission import Admission
from dealgate.wire.server import Server

SHED_EVERY = 10.0  # seconds between two lines about one reason


@asynccontextmanager
async def observed(
    settings: Settings,
    telemetry: Telemetry,
    live: LiveCatalog,
    server: Server,
    queues: Queues,
    journal: Journal,
) -> AsyncIterator[Callable[[Reload], None]]:
    """Within the block everything is measured; yields the observer of reloads."""
    meter = telemetry.meter
    observe_load(meter, server.admission)
    observe_held(meter, telemetry.held)
    observe_work(meter, queues.all)
    observe_commits(meter, journal.commits, telemetry.later)
    observe_files(meter, file_of(settings.journal))
    observe_active(meter, live)
    meter.observe(names.WORKER_RESTARTS, lambda: [(restarts(os.environ), ())])
    certificate = Certificate(settings.tls_certificate)
    observe_certificate(meter, certificate)
    close = observe_process(meter)
    count, trace = measured(meter, live), traced(telemetry.tracer, live)
    watcher = Watcher(live, telemetry.tracer)

    def told(reload: Reload) -> None:
        count(reload)
        trace(reload)
        watcher.look()

    looks = {
        "counting calls that were sent away": Shed(server.admission).look,
        "reading the server's certificate": certificate.look,
    }
    if meter.is_on:
        held = partial(telemetry.held.look, server.admission.knocks)
        looks["counting the calls that gRPC holds"] = held
    try:
        async with watching(meter, looks), releases_told(watcher):
            yield told
    finally:
        close()


class Shed:
    """Tells in the log of calls that were sent away, now and then for each reason."""

    def __init__(self, admission: Admission) -> None:
        """Look at `admission`."""
        self._admission = admission
        self._told: Counter[str] = Counter()
        self._seldom: dict[str, Seldom] = {}

    def look(self) -> None:
        """Tell of those that came since the last line."""
        for reason, many in list(self._admission.rejected.items()):
            new = many - self._told[reason]
            if new and self._seldom.setdefault(reason, Seldom(SHED_EVERY)).may():
                self._told[reason] = many
                words = f"{new} calls were rejected before they began: {reason}"
                told: dict[str, Value] = {
                    names.RPC_REJECTED_REASON: reason,
                    names.LOG_SUPPRESSED_COUNT: new,
                }
                tell(names.EVENT_RPC_SHED, words, told, logging.WARNING)


@contextmanager
def journal_told(path: Path | None) -> Iterator[None]:
    """Tell of the journal that is opened within the block: its size, and whether it was closed.

    A log beside it says that the process before this one ended without closing it.
    """
    left = 0 if path is None else size(path.with_name(f"{path.name}-wal"))
    yield
    if path is None:
        return
    told = {names.JOURNAL_SIZE: size(path)}
    if left:
        words = f"journal {path} was not closed; {left} bytes of its log are part of it again"
        tell(names.EVENT_JOURNAL_RECOVERED, words, told)
    tell(names.EVENT_JOURNAL_OPENED, f"journal {path} is open: {size(path)} bytes", told)
