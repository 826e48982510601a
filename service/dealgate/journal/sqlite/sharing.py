"""How several processes write one journal: each commit has the file to itself, as has a chore.

The locks are the operating system's, on files beside the journal, and end with the process that
holds them, however it ends. A process that waits for one sleeps; SQLite's own waiting polls, and
starves.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dealgate.journal.sqlite.file import open_private


class Sharing:
    """One process among those that write a journal."""

    def __init__(self, journal: Path) -> None:
        """Nothing is held yet."""
        self._commits = _lock_file(journal, "commits")
        self._chores = _lock_file(journal, "chores")

    @contextmanager
    def commit(self) -> Iterator[None]:
        """Wait for the turn to write; nobody else writes within the block. Not from two threads."""
        fcntl.flock(self._commits, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._commits, fcntl.LOCK_UN)

    def alone(self, chore: Callable[[], bool]) -> Callable[[], bool]:
        """Return the chore as it is done by one process at a time; others leave it to that one."""

        def run() -> bool:
            try:
                fcntl.flock(self._chores, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            try:
                return chore()
            finally:
                fcntl.flock(self._chores, fcntl.LOCK_UN)

        return run

    def close(self) -> None:
        """Let go."""
        self._commits.close()
        self._chores.close()


class Sole:
    """The only process that writes a journal: it waits for nobody."""

    @contextmanager
    def commit(self) -> Iterator[None]:
        """Write."""
        yield

    def alone(self, chore: Callable[[], bool]) -> Callable[[], bool]:
        """Return the chore."""
        return chore

    def close(self) -> None:
        """Nothing is held."""


def _lock_file(journal: Path, name: str) -> IO[str]:
    return open_private(journal.with_name(f"{journal.name}.{name}"))
