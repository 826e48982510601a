"""The one thread that writes a journal: whatever waits when it is free becomes one commit."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from typing import Protocol

from dealgate.aside.lasting import Outlived, lasting_thread
from dealgate.journal.commits import Commit, Commits
from dealgate.journal.draft import CommitVerdict, Entry, rows_in
from dealgate.journal.limits import Limits
from dealgate.model.errors import Overloaded, Unavailable

# Decisions in a commit from which on commits are paced, as they are while questions wait to be
# decided: callers who come one by one never wait.
CROWD = 4
GAP = 0.001  # seconds in which a busy event loop brings more; if it brings none, all who ask wait
# While questions wait to be decided, a commit delays them by more than it saves those who wait for
# it: it begins after this many times the pace, or once it has enough decisions.
PRESSED_PACES = 4
ENOUGH = 8
LARGEST_BATCH = 1024  # entries of callers' batches are not torn apart: a commit may hold more
RETRY_OVERLOADED = 0.25  # seconds: a queue of 4096 drains in about that time
RETRY_CLOSED = 1.0


class Committer(Protocol):
    """Commits batches, on the writer's thread."""

    @property
    def synced(self) -> float:
        """How long the last commit was written and synced, in seconds; 0: not known."""

    def commit(self, entries: Sequence[Entry]) -> Sequence[CommitVerdict]:
        """Return, durable, what each append or attachment returns, or the error it raises."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Decisions or results to keep, and the caller who waits for all of them."""

    entries: Sequence[Entry]
    caller: asyncio.Future[Sequence[CommitVerdict]] | None


class Writer:
    """Commits in batches, without lingering for more; callers hear only after the commit."""

    def __init__(
        self,
        committer: Committer,
        loop: asyncio.AbstractEventLoop,
        limits: Limits,
        after_commit: Callable[[int], None],
    ) -> None:
        """Callers are on `loop`; `after_commit(rows)` is called on the writer's thread."""
        self._committer = committer
        self._loop = loop
        self._queue_limit = limits.queue
        self._pace = limits.pace.total_seconds()
        self._after_commit = after_commit
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        # Entries, not callers; those that the writer has taken already no longer count.
        self._put = 0
        self._taken = 0
        self._probing = False
        self._closed = False
        self.commits = Commits(lambda: self._put - self._taken)
        # Daemon: a process that forgets to close dies as if killed, which loses nothing.
        self._after = Outlived("what follows a commit of the journal")
        self._thread = lasting_thread("journal-writer", self._run)

    def keep(self, entries: Sequence[Entry]) -> asyncio.Future[Sequence[CommitVerdict]]:
        """Queue `entries`; raise Overloaded rather than wait for room. On the event loop only.

        A batch is taken whole if there is any room at all: it may be longer than the queue.
        """
        if self._closed:
            raise Unavailable("the journal is closed; ask another server", RETRY_CLOSED)
        if self._put - self._taken >= self._queue_limit:
            raise Overloaded("the journal's queue is full; try again", RETRY_OVERLOADED)
        caller: asyncio.Future[Sequence[CommitVerdict]] = self._loop.create_future()
        self._put += rows_in(entries)
        self._queue.put(Waiting(entries, caller))
        return caller

    def probe(self) -> None:
        """Have a write tried, unless one is being tried. From any thread."""
        if not self._probing:
            self._probing = True
            self._queue.put(Waiting((), None))

    def refuse(self) -> None:
        """Take no more appends. On the event loop only."""
        self._closed = True

    def close(self) -> None:
        """Write what waits, then stop; blocks. After `refuse`."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going, crowded, begun = True, False, -inf
        while going:
            first = self._queue.get()
            if crowded or self.commits.is_pressed:
                self._let_gather(begun)
            begun = monotonic()
            batch, going = self._take(first)
            if batch:
                entries = [entry for waiting in batch for entry in waiting.entries]
                crowded = len(entries) >= CROWD
                rows = rows_in(entries)
                verdicts = self._committer.commit(entries)
                self._probing = False
                synced = self._committer.synced
                with self._after:  # whatever it raises, callers wait for their verdicts
                    self.commits.committed(Commit(begun, monotonic(), synced, rows))
                self._deliver(batch, verdicts)
                with self._after:
                    self._after_commit(rows)

    def _let_gather(self, begun: float) -> None:
        """Wait for more entries, for a time counted from when the last commit began."""
        while (left := self._next_due(begun) - monotonic()) > 0:
            size = self._queue.qsize()
            sleep(min(GAP, left))
            if self._queue.qsize() == size and not self.commits.is_pressed:
                return

    def _next_due(self, begun: float) -> float:
        if not self.commits.is_pressed:
            return begun + self._pace
        is_enough = self._queue.qsize() >= ENOUGH
        return -inf if is_enough else begun + PRESSED_PACES * self._pace

    def _take(self, first: Waiting | None) -> tuple[Sequence[Waiting], bool]:
        """Take `first` and all that wait behind it; False: the journal is closed."""
        batch: list[Waiting] = []
        rows, waiting = 0, first
        with suppress(Empty):
            while waiting is not None:
                batch.append(waiting)
                rows += rows_in(waiting.entries)
                if rows >= LARGEST_BATCH:
                    break
                waiting = self._queue.get_nowait()
        self._taken += rows
        return batch, waiting is not None

    def _deliver(self, batch: Sequence[Waiting], verdicts: Sequence[CommitVerdict]) -> None:
        with suppress(RuntimeError):  # the loop is closed, and with it went all who waited
            self._loop.call_soon_threadsafe(_resolve, batch, verdicts)


def _resolve(batch: Sequence[Waiting], verdicts: Sequence[CommitVerdict]) -> None:
    start = 0
    for waiting in batch:
        end = start + len(waiting.entries)
        caller = waiting.caller
        if caller is not None and not caller.done():  # cancelled: nobody waits
            caller.set_result(verdicts[start:end])
        start = end
