"""The thread for what no decision should wait for: checkpoints, index, dictionaries."""

import logging
from collections.abc import Callable, Sequence
from threading import Event

from dealgate.aside.lasting import lasting_thread

log = logging.getLogger(__name__)


class Housekeeper:
    """Does its chores in turn whenever it is woken, and once at the start.

    A chore returns True to be called again soon. One that fails is logged and tried again at the
    next wake: the journal is complete without any of them.
    """

    def __init__(self, chores: Sequence[Callable[[], bool]]) -> None:
        self._chores = chores
        self._woken = Event()
        self._woken.set()
        self._closed = False
        self._thread = lasting_thread("journal-housekeeper", self._run)

    def wake(self) -> None:
        """Ask for a round of chores, from any thread."""
        self._woken.set()

    def close(self) -> None:
        """Finish the chore at hand, then stop. Blocks."""
        self._closed = True
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._woken.wait()
            self._woken.clear()
            for chore in self._chores:
                if self._closed:
                    return
                if self._do(chore):
                    self._woken.set()

    def _do(self, chore: Callable[[], bool]) -> bool:
        try:
            return chore()
        except Exception:
            log.exception("a chore of the journal failed; decisions are not affected")
            return False
