"""The thread that notices what no commit does: files that moved, a disk with room again."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Event

from dealgate.aside.lasting import lasting_thread
from dealgate.journal.sqlite.guard import Guard
from dealgate.journal.standing import JournalHealth

TICK = 0.25  # seconds
SCARCE = 256 * 1024  # bytes: a disk with less may be too full for the next commit


class Watch:
    """Looks at the files several times a second, and has the writer try what may fail."""

    def __init__(
        self,
        journal: Path,
        guard: Guard,
        standing: JournalHealth,
        rescue: Callable[[], None],
        probe: Callable[[], None],
    ) -> None:
        """`rescue` saves what the log holds into the journal; `probe` has the writer write."""
        self._folder = journal.parent
        self._guard = guard
        self._standing = standing
        self._rescue = rescue
        self._probe = probe
        self._closed = Event()
        self._thread = lasting_thread("journal-watch", self._run, self._closed)

    def close(self) -> None:
        """Stop. Blocks."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(TICK):
            self._look()

    def _look(self) -> None:
        moved = self._guard.moved()
        if moved is not None:
            if self._standing.fault is None:
                self._rescue()
            self._standing.failed(moved)
        elif self._standing.fault is not None or self._is_scarce():
            self._probe()

    def _is_scarce(self) -> bool:
        try:
            disk = os.statvfs(self._folder)
        except OSError:
            return True
        return disk.f_bavail * disk.f_frsize < SCARCE
