"""Settings in, server out: the only place where rooms are joined."""

import asyncio
import gc
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import uvloop

from dealgate.decide import Decider, Engine, Journal, Judge, here
from dealgate.engine.cel import CelChecker
from dealgate.engine.native import NativeEngine
from dealgate.insight.serving import Insights
from dealgate.journal.limits import Limits
from dealgate.journal.sqlite import SqliteJournal
from dealgate.journal.traffic import TenantReader
from dealgate.kinds import KINDS
from dealgate.large import Aside
from dealgate.lookup.around import Lookups
from dealgate.lookup.dns import DnsResolver
from dealgate.model.changes import Judged, Released, Wanted
from dealgate.model.errors import UnknownRuleSet
from dealgate.model.rules import RuleSet
from dealgate.proof import changes
from dealgate.proof.beside import Beside
from dealgate.proof.explanation.answering import Explainer
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.live import Edition, LiveCatalog, Reload, Tell
from dealgate.rulebook.loading import KnownShelf, load_catalog
from dealgate.rulebook.watching import following
from dealgate.settings import Settings
from dealgate.telemetry import setup
from dealgate.telemetry.decisions import traced
from dealgate.telemetry.interceptor import RpcTelemetry
from dealgate.telemetry.reloads import measured
from dealgate.telemetry.setup import Telemetry
from dealgate.wire.asking import Decide
from dealgate.wire.changes import Changes
from dealgate.wire.server import Listening, Server, Tls
from dealgate.wire.services import Ports

# How long a thread that computes may keep the event loop waiting; Python's own 5 ms add up.
SWITCH_SECONDS = 0.0005
CHANGE_SECONDS = 60.0  # that judging or releasing a change may take
INSIGHT_SECONDS = 60.0  # that computing one may take


class Startable(Engine, Protocol):
    """An engine with a life of its own."""

    def prepare(self, ruleset: RuleSet) -> object:
        """Compile a rule set ahead of the first question, or raise what is wrong with it."""

    def keep(self, rulesets: Iterable[RuleSet]) -> None:
        """Let go of what was compiled for any other rule set."""

    async def close(self) -> None:
        """Let go of processes and files."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens on `port`; `look_now` lets it look at the rules folder at once."""

    server: Server
    port: int
    live: LiveCatalog
    look_now: Callable[[], None]


def let_rest() -> None:
    """Have the garbage collector pass over what lives now, which is code and rules.

    That is hundreds of thousands of objects, and a look at all of them takes half a second in
    which nobody is answered. Not done again when rules change: it would take that half second.
    """
    gc.collect()
    gc.freeze()


@dataclass(frozen=True, slots=True)
class Rooms:
    """What every decider works with; `around` may have questions judged elsewhere."""

    engine: Engine
    journal: Journal
    around: Callable[[Judge], Judge]


def read_rules(folder: Path) -> Catalog:
    """Return the catalog in `folder`; raises RulebookFaults with everything wrong in it."""
    return load_catalog(folder, KINDS, CelChecker())


def make_engine(name: str) -> Startable:
    """Return the engine of that name."""
    if name == "rete":
        # Imported here alone: durable_rules is an optional extra.
        from dealgate.engine.rete import ReteEngine  # noqa: PLC0415

        return ReteEngine()
    return NativeEngine()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Running]:
    """Serve until the block is left; then everything accepted has been answered and kept.

    Raises RulebookFaults (the rules cannot be used) and JournalUnusable before it listens.
    """
    engine = make_engine(settings.engine)
    live = live_catalog(settings.rules, engine)
    let_rest()
    sys.setswitchinterval(SWITCH_SECONDS)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.close)
        telemetry = setup.start()
        stack.push_async_callback(telemetry.stop)
        journal = await SqliteJournal.open(settings.journal, Limits(queue=settings.journal_queue))
        stack.push_async_callback(journal.close)
        explainer = Explainer(KINDS, lambda: live.edition.catalog)
        stack.push_async_callback(explainer.close)
        resolver = DnsResolver(settings.name_servers) if settings.mail_lookups else None
        aside = Aside()
        stack.push_async_callback(aside.close)
        # Any other engine waits for its processes, which the event loop looks after.
        around = aside.around if isinstance(engine, NativeEngine) else here
        lookups = Lookups(journal, resolver)
        deciders = Deciders(live, Rooms(engine, journal, around), telemetry, lookups)
        ports = Ports(
            kinds=KINDS,
            current=deciders.current,
            records=journal,
            live=live,
            explain=explainer.explain,
            changes=_changes(settings, live),
            insights=_insights(settings, live),
        )
        observing = [RpcTelemetry(telemetry.tracer, telemetry.meter)]
        server = Server(listening(settings), ports, interceptors=observing)
        port = await server.start()
        stack.push_async_callback(server.stop)
        live.tell(_telling(live.edition, engine, server, measured(telemetry.meter, live)))
        every = None if settings.reload == "off" else settings.reload
        look_now = await stack.enter_async_context(following(live, settings.rules, every))
        yield Running(server, port, live, look_now)


def _changes(settings: Settings, live: LiveCatalog) -> Changes:
    """Return how changes of rules are judged and released, in a process beside this one."""
    beside = Beside(CHANGE_SECONDS, "this server is busy with another change of rules; try later")

    async def judge(files: Mapping[str, str], deleted: Sequence[str]) -> Judged:
        return await beside.run(changes.judge, settings.rules, files, deleted)

    async def release(wanted: Wanted, dry_run: bool) -> tuple[Released, bool]:  # noqa: FBT001
        released = await beside.run(changes.release, settings.rules, wanted, dry_run=dry_run)
        if released.line is None or dry_run:
            return released, False
        await live.reload()
        return released, released.line in live.edition.catalog.releases(wanted.kind)

    return Changes(judge, release if settings.release_rpc else None)


def _insights(settings: Settings, live: LiveCatalog) -> Insights:
    """Return how insights are computed, in a process that only reads the journal."""
    beside = Beside(INSIGHT_SECONDS, "this server is busy with another insight; try later")
    return Insights(
        beside.run,
        partial(TenantReader, settings.journal.resolve()),
        lambda: pipeline_stages(live.edition.catalog, time.time_ns()),
        tuple(KINDS),
    )


def pipeline_stages(catalog: Catalog, now: int) -> Sequence[str]:
    """Return the stages of the pipeline whose rules are in use: open ones in order, then won."""
    try:
        stages = catalog.at("advance", now).parameters.stages
    except UnknownRuleSet:
        return ()
    return [stage.name for stage in stages if stage.closed != "lost"]


def live_catalog(folder: Path, engine: Startable) -> LiveCatalog:
    """Return the catalog in `folder`, compiled; raises RulebookFaults."""
    checker, known = CelChecker(), dict[str, KnownShelf]()

    def read() -> Catalog:
        catalog = load_catalog(folder, KINDS, checker, known)
        for ruleset in catalog.all():
            engine.prepare(ruleset)
        return catalog

    return LiveCatalog(folder, read, time.time_ns)


def _telling(
    first: Edition, engine: Startable, server: Server, count: Callable[[Reload], None]
) -> Tell:
    """Return what everyone is to do when the rules folder has changed."""
    # Batches that began on the catalog before still decide by it.
    recent = deque([first.catalog], maxlen=2)

    async def tell(edition: Edition, reload: Reload) -> None:
        count(reload)
        if edition.catalog is not recent[-1]:
            recent.append(edition.catalog)
        engine.keep([ruleset for catalog in recent for ruleset in catalog.all()])
        await server.tell_rules(sound=not reload.faults)

    return tell


class Deciders:
    """Makes each catalog its own decider, which ends what it began when the catalog is replaced."""

    def __init__(
        self,
        live: LiveCatalog,
        rooms: Rooms,
        telemetry: Telemetry,
        lookups: Lookups,
    ) -> None:
        """Decide by the catalog in use."""
        self._lookups = lookups
        self._live = live
        self._rooms = rooms
        self._telemetry = telemetry
        self._made = self._make()

    def current(self) -> Decide:
        """Return how to decide by the catalog that is in use now."""
        if self._made[0] is not self._live.edition.catalog:
            self._made = self._make()
        return self._made[1]

    def _make(self) -> tuple[Catalog, Decide]:
        catalog = self._live.edition.catalog
        rooms = self._rooms
        decider = Decider(KINDS, catalog, rooms.engine, rooms.journal, rooms.around)
        telemetry = self._telemetry
        decide = self._lookups.around(decider.decide, catalog)
        return catalog, traced(decide, KINDS, telemetry.tracer, telemetry.meter)


def listening(settings: Settings) -> Listening:
    """Return how to listen."""
    tls = None
    if settings.tls_certificate is not None and settings.tls_key is not None:
        tls = Tls(settings.tls_certificate, settings.tls_key, settings.tls_client_ca)
    return Listening(
        address=settings.address,
        tls=tls,
        max_message_bytes=settings.max_message_bytes,
        lame_duck=settings.lame_duck,
        grace=settings.grace,
    )


def run(serving: Coroutine[None, None, None]) -> None:
    """Run the server's event loop: uvloop, which answers gRPC calls 1.1 to 1.2 times as fast."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serving)
