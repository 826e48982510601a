"""Settings in, a server that listens out."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from dealgate.aside.large import LargeAside
from dealgate.aside.threads import in_thread
from dealgate.assemble.access import guarded
from dealgate.assemble.assessments import assess_port
from dealgate.assemble.deciders import Deciders, Rooms
from dealgate.assemble.engines import Startable, make_engine
from dealgate.assemble.facts import completing, facts_port, open_state
from dealgate.assemble.following import live_catalog, telling
from dealgate.assemble.keeping import journal_in_health
from dealgate.assemble.listening import listening
from dealgate.assemble.observing import journal_told, observed
from dealgate.assemble.outboxes import publishing
from dealgate.assemble.ports import changes_port, fit_port, insights_port
from dealgate.assemble.process import loading, shorten_thread_turns
from dealgate.assemble.queues import Queues
from dealgate.assemble.release_log import ReleaseLog
from dealgate.assemble.replays import replay_port
from dealgate.assemble.scratch import find_scratch
from dealgate.assemble.sealing import sealing
from dealgate.assemble.seals import refuse_other_rules
from dealgate.assemble.subjects import subjects_port
from dealgate.decide import here
from dealgate.engine.native import NativeEngine
from dealgate.explain.answering import Explainer
from dealgate.journal.feed import JournalFeed
from dealgate.journal.limits import Limits
from dealgate.journal.locations import file_of
from dealgate.journal.port import Journal
from dealgate.journal.signing import signer
from dealgate.journal.urls import open_journal
from dealgate.kinds import KINDS
from dealgate.lookup.around import Lookups
from dealgate.model.business_time import load_calendars
from dealgate.model.properties import Arrival
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.live import LiveCatalog
from dealgate.rulebook.watching import following
from dealgate.settings import Settings
from dealgate.telemetry import setup
from dealgate.telemetry.facts import WatchedFacts
from dealgate.telemetry.journals import WatchedJournal
from dealgate.telemetry.logs import Logs
from dealgate.telemetry.lookups import WatchedResolver
from dealgate.telemetry.rpcs import RpcTelemetry
from dealgate.telemetry.setup import Telemetry
from dealgate.wire.auditing import Auditor
from dealgate.wire.server import Server
from dealgate.wire.services import Ports

LAST_SECONDS = 5.0  # for the last spans


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens on `port`; `look_now` makes it check the rules folder at once."""

    server: Server
    port: int
    live: LiveCatalog
    look_now: Callable[[], None]


@asynccontextmanager
async def serving(
    settings: Settings, logs: Logs | None = None, opening: Callable[[], None] = lambda: None
) -> AsyncIterator[Running]:
    """Serve until the block is left; then everything accepted has been answered and kept.

    `logs` go out over OTLP as well, if they are to. `opening` is called before it listens.
    Raises RulebookFaults (rules or access.yaml cannot be used), JournalUnusable and SinkUnusable
    before it listens.
    """
    engine, live = _loaded(settings)
    shorten_thread_turns()
    server: Server | None = None
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.close)
        telemetry = _telemetry(settings, logs)
        stack.push_async_callback(lambda: telemetry.stop(_patience(server)))
        journal = await _journal(settings)
        stack.push_async_callback(journal.close)
        await _check_files(settings, live.edition.catalog)
        queues = Queues()
        queues.watch(telemetry.tracer)
        stack.push_async_callback(queues.close)
        watched = _watched(journal, telemetry)
        state = await open_state(settings, _limits(settings), telemetry)
        if state is not None:
            stack.push_async_callback(state.close)
        deciders = _deciders(settings, live, engine, watched, queues, telemetry, state)
        ports = _ports(settings, live, deciders, journal, queues, telemetry, state)
        await stack.enter_async_context(publishing(settings, ports.feed, journal, telemetry.meter))
        server = await stack.enter_async_context(_guarded(settings, ports, journal, telemetry))
        journal.commits.press(server.admission.has_waiting)
        opening()
        port = await server.start()
        stack.push_async_callback(server.stop)
        await stack.enter_async_context(journal_in_health(journal, server))
        watching = observed(settings, telemetry, live, server, queues, journal)
        told = await stack.enter_async_context(watching)
        live.tell(telling(live.edition, engine, server, told))
        look_now = await stack.enter_async_context(_followed(settings, live, journal))
        yield Running(server, port, live, look_now)


@asynccontextmanager
async def _guarded(
    settings: Settings, ports: Ports, journal: Journal, telemetry: Telemetry
) -> AsyncIterator[Server]:
    """Within the block access rules are followed; yields the server that they guard."""
    observe = RpcTelemetry(telemetry).observe
    auditor = Auditor(journal.note)
    async with guarded(settings.access, journal.note, settings.rules) as guarding:
        yield Server(
            listening(settings), ports, observe=observe, guarding=guarding, auditor=auditor
        )


def _loaded(settings: Settings) -> tuple[Startable, LiveCatalog]:
    with loading():
        load_calendars()
        engine = make_engine(settings.engine)
        arrival = Arrival(settings.undeclared_properties)
        live = live_catalog(settings.rules, engine, settings.served, arrival, settings.approvals)
    return engine, live


async def _check_files(settings: Settings, catalog: Catalog) -> None:
    """Refuse rules that are not those that have decided, and find room beside the journal."""
    await in_thread(refuse_other_rules, settings.journal, catalog)
    find_scratch(file_of(settings.journal))


def _patience(server: Server | None) -> float:
    """Return for how many seconds a collector that does not answer may hold up the end."""
    left = LAST_SECONDS if server is None else server.seconds_left()
    return max(min(left, LAST_SECONDS), 0.1)


@asynccontextmanager
async def _followed(
    settings: Settings, live: LiveCatalog, journal: Journal
) -> AsyncIterator[Callable[[], None]]:
    """Follow and note releases within the block; yields what checks the folder at once."""
    releases = ReleaseLog(journal)
    await releases.follow(live.edition.catalog)
    live.tell(releases.tell)
    every = None if settings.reload == "off" else settings.reload
    async with following(live, settings.rules, every) as look_now:
        yield look_now


def _telemetry(settings: Settings, logs: Logs | None) -> Telemetry:
    telemetry = setup.start(listen=settings.metrics_listen, losses=logs.losses if logs else None)
    if logs is not None:
        logs.also(telemetry.put_log)
    return telemetry


async def _journal(settings: Settings) -> Journal:
    with journal_told(file_of(settings.journal)):
        return await open_journal(settings.journal, _limits(settings), sealing(settings))


def _watched(journal: Journal, telemetry: Telemetry) -> WatchedJournal:
    return WatchedJournal(journal, telemetry.tracer, telemetry.meter, telemetry.later)


def _deciders(
    settings: Settings,
    live: LiveCatalog,
    engine: Startable,
    journal: WatchedJournal,
    queues: Queues,
    telemetry: Telemetry,
    state: WatchedFacts | None,
) -> Deciders:
    # Any other engine waits for its processes, which the event loop looks after.
    large = LargeAside(queues.large) if isinstance(engine, NativeEngine) else None
    around, ahead = (here, None) if large is None else (large.around, large.ahead)
    resolver = _resolver(settings, telemetry) if settings.mail_lookups else None
    return Deciders(
        live,
        Rooms(engine, journal, around, ahead),
        telemetry,
        Lookups(KINDS, journal, resolver),
        slow=settings.slow_decision,
        pseudonym_key=settings.pseudonym_key.encode(),
        completion=completing(state, journal),
    )


def _resolver(settings: Settings, telemetry: Telemetry) -> WatchedResolver:
    # dnspython is slow to import, and few servers ask name servers.
    from dealgate.lookup.dns import DnsResolver  # noqa: PLC0415

    return WatchedResolver(DnsResolver(settings.name_servers), telemetry.tracer)


def _ports(
    settings: Settings,
    live: LiveCatalog,
    deciders: Deciders,
    journal: Journal,
    queues: Queues,
    telemetry: Telemetry,
    state: WatchedFacts | None,
) -> Ports:
    explainer = Explainer(lambda: live.edition.catalog, queues.explanations)
    return Ports(
        kinds=KINDS,
        current=deciders.current,
        records=journal,
        live=live,
        explain=explainer.explain,
        replay=replay_port(live, queues.replays),
        changes=changes_port(settings, live, queues.changes, telemetry.tracer),
        insights=insights_port(settings, live, queues.insights),
        fit=fit_port(queues.fits),
        assess=assess_port(settings, live, queues.impacts),
        process=deciders.flows,
        feed=JournalFeed(journal),
        subjects=subjects_port(settings, journal, queues.insights),
        max_watches=settings.max_watches,
        facts=facts_port(state, live),
    )


def _limits(settings: Settings) -> Limits:
    key = settings.journal_signing_key
    return Limits(
        queue=settings.journal_queue,
        pace=timedelta(seconds=settings.journal_pace),
        key_lifetime=timedelta(seconds=settings.key_lifetime),
        sign=None if key is None else signer(key),
    )
