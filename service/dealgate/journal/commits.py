"""The commits of a journal, for monitoring."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit, in seconds of the monotonic clock.

    `synced` is how long it was written and synced, 0 if that is not known.
    """

    begun: float
    ended: float
    synced: float
    entries: int


class Commits:
    """The newest commit, how much waits, and who wants to hear of each."""

    def __init__(self, queued: Callable[[], int] = lambda: 0) -> None:
        """`queued` counts the decisions and results that wait."""
        self._queued = queued
        self._listeners: list[Callable[[Commit], None]] = []
        self._is_pressed: Callable[[], bool] = lambda: False
        self.last: Commit | None = None

    @property
    def queued(self) -> int:
        """How many decisions and results wait."""
        return self._queued()

    @property
    def is_pressed(self) -> bool:
        """Whether more decisions are sure to come soon. From any thread."""
        return self._is_pressed()

    def press(self, is_pressed: Callable[[], bool]) -> None:
        """Ask `is_pressed`, on the writer's thread, whether questions wait to be decided."""
        self._is_pressed = is_pressed

    def tell(self, listener: Callable[[Commit], None]) -> None:
        """Call `listener` after each commit, on the writer's thread."""
        self._listeners.append(listener)

    def committed(self, commit: Commit) -> None:
        """Note a commit."""
        self.last = commit
        for listener in self._listeners:
            listener(commit)
