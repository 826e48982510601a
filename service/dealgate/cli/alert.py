"""Signals to `dealgate serve` are heeded from the first line on: imported before all else.

As the first process of a container nothing else would heed SIGTERM and SIGINT, and SIGHUP, which
asks a server to look at its rules, would end one that is still starting.
"""

import signal
import sys


class EarlySignals:
    """What is heeded before there is an event loop that does; nobody has been served by then."""

    def __init__(self) -> None:
        self.hung_up = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._leave)
        signal.signal(signal.SIGHUP, self._hang_up)

    def _leave(self, *_: object) -> None:
        raise SystemExit(0)

    def _hang_up(self, *_: object) -> None:
        self.hung_up = True


SIGNALS = EarlySignals() if sys.argv[1:2] == ["serve"] else None
