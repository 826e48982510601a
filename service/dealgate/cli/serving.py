"""Runs the server of `dealgate serve`, from its start to its end."""

import asyncio
import faulthandler
import logging
import os
import signal
from typing import Any

from pydantic import ValidationError

from dealgate.assemble.process import run_loop
from dealgate.assemble.server import Running, serving
from dealgate.assemble.worker_process import follow_the_watcher, restarts, told_ready
from dealgate.assemble.workers import Workers
from dealgate.cli.alert import SIGNALS, Signals
from dealgate.cli.shown import give_up
from dealgate.journal.locations import shown
from dealgate.model.errors import DealgateError
from dealgate.settings import Settings
from dealgate.settings.faults import setting_faults, unknown
from dealgate.telemetry import names
from dealgate.telemetry.logs import Logs, begin
from dealgate.telemetry.pipeline import Losses

# What keeps a server from starting, said in one line: its rules, its journal, its address, its
# certificates, its telemetry.
UNSTARTABLE = (DealgateError, OSError, RuntimeError, ValueError)
STOPPED = {"event": names.EVENT_SERVER_STOPPED}

log = logging.getLogger("dealgate")


def run(options: dict[str, Any]) -> None:
    """Serve with these settings, and the environment's, until a signal ends it."""
    settings = _settings(options)
    logs = begin(settings.log_level, settings.log_format, Losses())
    faulthandler.register(signal.SIGUSR1, all_threads=True)  # where every thread is, on stderr
    try:
        if settings.workers > 1:
            raise SystemExit(Workers(settings).run())
        follow_the_watcher(os.environ)
        run_loop(_serve(settings, logs))
    except UNSTARTABLE as error:
        logs.close()
        give_up(str(error))
    finally:
        logs.close()
        if SIGNALS is not None:
            SIGNALS.ignore()


def _settings(given: dict[str, Any]) -> Settings:
    unread = unknown(os.environ)
    if unread:
        give_up("\n".join(unread))
    try:
        return Settings(**given)
    except ValidationError as error:
        give_up("\n".join(setting_faults(error)))


async def _serve(settings: Settings, logs: Logs) -> None:
    signals = SIGNALS or Signals()
    leave = asyncio.Event()
    soon = asyncio.get_running_loop().call_soon_threadsafe
    async with serving(settings, logs, signals.hold) as running:
        signals.heed(lambda: soon(leave.set), lambda: soon(running.look_now))
        _announce(settings, running)
        try:
            await running.server.run(leave)
        finally:
            signals.ignore()
        # Within: the end of the block is the end of what is sent over OTLP.
        log.info("stopped: everything accepted is answered and kept", extra=STOPPED)


def _announce(settings: Settings, running: Running) -> None:
    """Say that it listens; whoever reads this may send a signal at once."""
    log.info(
        "listening on %s (port %d), engine %s, journal %s, rule sets %s",
        settings.address,
        running.port,
        settings.engine,
        shown(settings.journal),
        ", ".join(ruleset.name for ruleset in running.live.edition.catalog.all()),
        extra={
            "event": names.EVENT_SERVER_STARTED,
            "attributes": {names.SERVER_ADDRESS: settings.address},
        },
    )
    if times := restarts(os.environ):
        # The process that watches workers exports nothing: the new one tells of the one before it.
        words = f"this worker was restarted after a crash, {times} times so far"
        log.warning(words, extra={"event": names.EVENT_WORKER_RESTARTED})
    told_ready(os.environ)
