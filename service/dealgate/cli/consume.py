"""`dealgate consume`: events in, decisions out, until a signal ends it."""

import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealgate.assemble.process import run_loop
from dealgate.cli.echo import echo
from dealgate.cli.shown import faults_shown, give_up
from dealgate.desk.expressions import expression_checker
from dealgate.model.errors import DealgateError

if TYPE_CHECKING:
    from dealgate.assemble.consuming import Consumption
    from dealgate.assemble.following_signals import Followed
    from dealgate.inbox.consumer import Reader
    from dealgate.inbox.mapping import Mapped
    from dealgate.rulebook.document import Node

FAILED = 1
GRACE = 25.0  # seconds for what is in flight, once a signal came

log = logging.getLogger("dealgate")


def consume(  # noqa: PLR0913, PLR0917  # options of a command
    source: Annotated[
        str,
        typer.Argument(
            help="-, jsonl:///path, nats://host/subject, kafka://host/topic or http://host/path."
        ),
    ] = "-",
    server: Annotated[
        str, typer.Option(help="host:port of the server that decides.", envvar="DEALGATE_SERVER")
    ] = "127.0.0.1:50051",
    tenant: Annotated[
        str, typer.Option(help="The tenant of the decisions.", envvar="DEALGATE_TENANT")
    ] = "default",
    answers: Annotated[
        str, typer.Option(help="Where answers are published; a URL as in DEALGATE_OUTBOX.")
    ] = "",
    dead_letters: Annotated[
        str, typer.Option(help="Where rejected events are published; a broker needs it.")
    ] = "",
    mapping: Annotated[
        list[Path] | None,
        typer.Option(
            "--map",
            help="File that maps other payloads to questions or facts; may be repeated.",
        ),
    ] = None,
    check: Annotated[  # noqa: FBT002  # typer's way
        bool, typer.Option("--check", help="Check the file of --map, run its cases, and exit.")
    ] = False,
    signals: Annotated[
        Path | None,
        typer.Option(help="Rules folder with the signals to follow."),
    ] = None,
    state: Annotated[
        str,
        typer.Option(
            help="Where the state of signals is kept: a file, or postgresql://…; by default with "
            "the journal, if that is in PostgreSQL."
        ),
    ] = "",
    signals_to: Annotated[
        str, typer.Option(help="Where signals are published; a URL as in DEALGATE_OUTBOX.")
    ] = "",
    lateness: Annotated[
        str, typer.Option(help="How late an event for signals may be: 90s, 10m, 1d.")
    ] = "10m",
    until: Annotated[
        str, typer.Option(help="Instant at which the clock of signals stops, for tests.")
    ] = "",
    metrics_listen: Annotated[
        str, typer.Option(help="host:port where Prometheus scrapes the consumer's metrics.")
    ] = "",
    in_flight: Annotated[
        int, typer.Option(min=1, max=100_000, help="Maximum number of events in flight.")
    ] = 768,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the token to send.", envvar="DEALGATE_TOKEN_FILE"),
    ] = None,
    ca: Annotated[
        Path | None, typer.Option(help="PEM file of the CA that signed the server's certificate.")
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM file, for mTLS.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM file, for mTLS.")] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Connect with TLS.")] = False,  # noqa: FBT002  # typer's way
    inbox_secret: Annotated[
        str,
        typer.Option(
            help="Secret that webhooks must be signed with.",
            envvar="DEALGATE_INBOX_SECRET",
            hidden=True,
        ),
    ] = "",
    outbox_secret: Annotated[
        str,
        typer.Option(
            help="Secret that signs webhooks.", envvar="DEALGATE_OUTBOX_SECRET", hidden=True
        ),
    ] = "",
    journal: Annotated[
        str,
        typer.Option(help="The server's journal.", envvar="DEALGATE_JOURNAL", hidden=True),
    ] = "",
) -> None:
    """Decide questions that arrive as CloudEvents, each event exactly once.

    Answers are published as CloudEvents, and an event is acknowledged after its decision is
    committed and its answer published. An event that can never be decided goes to the dead
    letters, with the reason. With --signals, activities and recorded decisions are followed, and
    signals that fire are published. On SIGTERM, events in flight are finished first.
    """
    if check:
        _check(mapping or [])
        return
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    try:
        # Imported here alone: consuming needs the client, which a server does not.
        from dealgate.assemble.consuming import Consumption, Secrets  # noqa: PLC0415
        from dealgate_client.connect import Tls  # noqa: PLC0415
    except ModuleNotFoundError as error:
        give_up(f"{error}: a server is called as others call it; install dealgate-client")
    try:
        secured = Tls(ca, certificate, key) if tls or ca or certificate or key else None
        wanted = Consumption(
            source,
            server,
            tenant,
            answers,
            dead_letters,
            in_flight,
            secured,
            Secrets(token_file, inbox_secret, outbox_secret),
            _reader(mapping or [], signals),
            _followed(signals, tenant, (state, journal), signals_to, lateness, until),
            metrics_listen,
        )
        run_loop(_until_told(wanted))
    except (DealgateError, OSError, ValueError) as error:
        give_up(str(error))


def _reader(mappings: Sequence[Path], signals: Path | None) -> "Reader":
    """Return what reads deliveries; raises RulebookFaults."""
    from dealgate.inbox import reader  # noqa: PLC0415 - as above
    from dealgate.signals.arriving import TYPES  # noqa: PLC0415 - as above

    mapped = [_mapped(path)[0] for path in mappings]
    if sum(mapping.asks for mapping in mapped) > 1:
        give_up("two files of --map ask a question: an event asks one; run a consumer for each")
    if mapped:
        read = reader.reading_all([mapping.read for mapping in mapped])
        return read if signals is None else reader.leaving_activities(read)
    return reader.read_question if signals is None else reader.reader_hearing(TYPES)


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


def _check(paths: Sequence[Path]) -> None:
    """Say what is wrong with mappings, and which of their cases do not hold."""
    from dealgate.inbox.map_cases import failed_cases  # noqa: PLC0415 - as above

    if not paths:
        give_up("--check is about a file: dealgate consume --map crm.yaml --check")
    for path in paths:
        mapped, document = _mapped(path)
        number, faults = failed_cases(mapped, document)
        if faults:
            give_up("\n".join(map(str, faults)), FAILED)
        echo(f"{path}: {number} case(s) passed")


def _mapped(path: Path) -> "tuple[Mapped, Node]":
    from dealgate.inbox.map_file import read_map  # noqa: PLC0415 - as above

    with faults_shown():
        return read_map(path, expression_checker())


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
        log.warning("what is in flight could not be finished; it comes again")
        work.cancel()
        return
    consumer = work.result()
    if consumer is None:
        log.info("told to leave before its turn came")
        return
    log.info("decided %d, rejected %d", consumer.decided, consumer.rejected)
