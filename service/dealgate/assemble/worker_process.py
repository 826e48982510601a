"""What a process that is one of several workers knows of it: its environment, and its watcher."""

import os
import select
import signal
from collections.abc import Mapping

from dealgate.aside.lasting import lasting_thread
from dealgate.journal.locations import shared
from dealgate.settings import Settings

WORKER = "DEALGATE_WORKER"


def environment(settings: Settings, address: str) -> Mapping[str, str]:
    """Return what a worker is set to, besides what it inherits."""
    return {
        "DEALGATE_ADDRESS": address,
        "DEALGATE_RULES": str(settings.rules),
        "DEALGATE_JOURNAL": shared(settings.journal),
        "DEALGATE_ENGINE": settings.engine,
        "DEALGATE_WORKERS": "1",
    }


def is_worker(environ: Mapping[str, str]) -> bool:
    """Tell whether this process is one of several."""
    return WORKER in environ


def restarts(environ: Mapping[str, str]) -> int:
    """Return how often this worker was restarted after a crash; 0 of a server that is alone."""
    return int(environ[WORKER].split(",")[2]) if is_worker(environ) else 0


def told_ready(environ: Mapping[str, str]) -> None:
    """Tell the process that watches that this worker listens."""
    if is_worker(environ):
        tells = int(environ[WORKER].split(",")[0])
        os.write(tells, b"!")
        os.close(tells)


def follow_the_watcher(environ: Mapping[str, str]) -> None:
    """Leave in order when the process that watches has ended, killed perhaps."""
    if not is_worker(environ):
        return
    kept = int(environ[WORKER].split(",")[1])

    def wait() -> None:
        select.select([kept], [], [])  # nobody writes: it becomes readable when it ends
        os.kill(os.getpid(), signal.SIGTERM)

    lasting_thread("following the watcher", wait)
