"""What signals ask of `serve` and `consume`, from the first line to the last: imported first.

In the first process of a container, SIGTERM and SIGINT would otherwise be ignored, and SIGHUP,
which asks a server to check its rules, would end one that is still starting.

A handler runs wherever the interpreter happens to be, so none of these raises: what is raised in
a finalizer, or in a callback of a weak reference or a C library, is printed and ignored, and the
signal would be lost. Nor are they handed to the event loop, which would put the system's own
handlers back when it closes, and those end a process that is about to leave with status 0.
"""

import os
import signal
import sys
from collections.abc import Callable

LEAVE = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Takes note of signals, and passes them on to a server once it can act on them."""

    def __init__(self) -> None:
        """Heed them: until `hold`, nobody has been served, and leaving is done at once."""
        self._asked_to_leave = self._asked_to_look = False
        self._leave: Callable[[], object] = _leave_at_once
        self._look: Callable[[], object] = _later
        for number in LEAVE:
            signal.signal(number, self._on_leave)
        signal.signal(signal.SIGHUP, self._on_hang_up)

    def hold(self) -> None:
        """Callers may be served from now on: leaving waits for `heed`."""
        self._leave = _later

    def heed(self, leave: Callable[[], object], look: Callable[[], object]) -> None:
        """Call `leave` and `look` when asked to, and at once if that was before."""
        self._leave, self._look = leave, look
        if self._asked_to_look:
            look()
        if self._asked_to_leave:
            leave()

    def ignore(self) -> None:
        """Let nothing interrupt what is left of the process: the server has left."""
        for number in (*LEAVE, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    def _on_leave(self, *_: object) -> None:
        self._asked_to_leave = True
        self._leave()

    def _on_hang_up(self, *_: object) -> None:
        self._asked_to_look = True
        self._look()


def _leave_at_once() -> None:
    os._exit(0)


def _later() -> None:
    """Do nothing yet: it has been noted."""


SIGNALS = Signals() if sys.argv[1:2] in (["serve"], ["consume"]) else None
# The container's entry point blocks them: what comes while the interpreter starts would be lost to
# the first process of a container, and waits until here.
signal.pthread_sigmask(signal.SIG_UNBLOCK, (*LEAVE, signal.SIGHUP))
