"""`dealgate consume`: events in, decisions out, until a signal ends it."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dealgate.assemble.process import run_loop
from dealgate.cli.consume_options import (
    Answers,
    CheckOnly,
    DeadLetters,
    InboxSecret,
    InFlight,
    Lateness,
    Mappings,
    MetricsListen,
    OutboxSecret,
    ServerAddress,
    ServerJournal,
    SignalRules,
    SignalState,
    SignalsTo,
    SourceUrl,
    TokenFile,
    Until,
)
from dealgate.cli.mappings import check_mappings, reader_of
from dealgate.cli.options import Ca, MutualTls, TenantSetting, Tls
from dealgate.cli.shown import faults_shown, give_up
from dealgate.model.errors import DealgateError
from dealgate.settings.faults import unknown

if TYPE_CHECKING:
    from dealgate.assemble.consuming import Consumption
    from dealgate.assemble.following_signals import Followed
    from dealgate_client.connect import Tls as ClientTls

GRACE = 25.0  # seconds for what is in flight, once a signal came

log = logging.getLogger("dealgate")


def consume(  # noqa: PLR0913  # options of a command
    source: SourceUrl = "-",
    *,
    server: ServerAddress = "127.0.0.1:50051",
    tenant: TenantSetting = "default",
    answers: Answers = "",
    dead_letters: DeadLetters = "",
    mapping: Mappings = None,
    check: CheckOnly = False,
    signals: SignalRules = None,
    state: SignalState = "",
    signals_to: SignalsTo = "",
    lateness: Lateness = "10m",
    until: Until = "",
    metrics_listen: MetricsListen = "",
    in_flight: InFlight = 768,
    token_file: TokenFile = None,
    ca: Ca = None,
    certificate: MutualTls = None,
    key: MutualTls = None,
    tls: Tls = False,
    inbox_secret: InboxSecret = "",
    outbox_secret: OutboxSecret = "",
    journal: ServerJournal = "",
) -> None:
    """Decide questions that arrive as CloudEvents, each event exactly once.

    Answers are published as CloudEvents, and an event is acknowledged after its decision is
    committed and its answer published. An event that can never be decided goes to the dead
    letters, with the reason. With --signals, activities and recorded decisions are followed, and
    signals that fire are published. On SIGTERM, events in flight are finished first.
    """
    if check:
        check_mappings(mapping or [])
        return
    _begin()
    with _failures_shown():
        # Imported here alone: consuming needs the client, which a server does not.
        from dealgate.assemble.consuming import Consumption, Secrets  # noqa: PLC0415

        wanted = Consumption(
            source,
            server,
            tenant,
            answers,
            dead_letters,
            in_flight,
            _secured(ca, certificate, key) if tls or ca or certificate or key else None,
            Secrets(token_file, inbox_secret, outbox_secret),
            reader_of(mapping or [], signals),
            _followed(signals, tenant, (state, journal), signals_to, lateness, until),
            metrics_listen,
        )
        run_loop(_until_told(wanted))


def _begin() -> None:
    """Leave if a setting is misspelt; log to stderr from here on."""
    if wrong := unknown(os.environ):
        give_up("\n".join(wrong))
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)


@contextmanager
def _failures_shown() -> Iterator[None]:
    """Say why nothing can be consumed, and leave."""
    try:
        yield
    except ModuleNotFoundError as error:
        give_up(f"{error}: calling a server needs its client; install dealgate-client")
    except (DealgateError, OSError, ValueError) as error:
        give_up(str(error))


def _secured(ca: Path | None, certificate: Path | None, key: Path | None) -> "ClientTls":
    from dealgate_client.connect import Tls as ClientTls  # noqa: PLC0415 - as above

    return ClientTls(ca, certificate, key)


def _followed(
    signals: Path | None,
    tenant: str,
    named: tuple[str, str],
    sink: str,
    lateness: str,
    until: str,
) -> "Followed | None":
    """Return the signals to follow, or leave; `named` are where the state and the journal are."""
    if signals is None:
        return None
    from dealgate.assemble.following_signals import followed  # noqa: PLC0415 - as above
    from dealgate.journal.signals.port import Limits  # noqa: PLC0415 - as above
    from dealgate.journal.signals.urls import state_of  # noqa: PLC0415 - as above
    from dealgate.model.property_values import read_duration  # noqa: PLC0415 - as above
    from dealgate.rulebook.instants import nanoseconds  # noqa: PLC0415 - as above

    state = state_of(*named)
    if not state:
        give_up(
            "name where the state of signals is kept: --state /var/lib/dealgate/signals.db, or the "
            "journal's postgresql://…"
        )
    span = read_duration(lateness)
    if span is None or span.ToNanoseconds() < 0:
        give_up(f"--lateness: '{lateness}' is not a valid duration; write 90s, 10m or 1d")
    stop = nanoseconds(until) if until else None
    if until and stop is None:
        give_up(f"--until: '{until}' is not a valid instant; write 2026-06-01T00:00:00Z")
    with faults_shown():
        return followed(signals, tenant, state, sink, Limits(span.ToNanoseconds()), stop)


async def _until_told(wanted: "Consumption") -> None:
    from dealgate.assemble.consuming import consume as consuming  # noqa: PLC0415 - as above

    leave = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, leave.set)
    work = asyncio.create_task(consuming(wanted, leave))
    told = asyncio.create_task(leave.wait())
    await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    done, _ = await asyncio.wait({work}, timeout=GRACE)
    if not done:
        log.warning("events in flight could not be finished; they will be delivered again")
        work.cancel()
        return
    consumer = work.result()
    if consumer is None:
        log.info("asked to stop before its turn came")
        return
    log.info("decided %d, rejected %d", consumer.decided, consumer.rejected)
