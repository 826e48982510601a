"""What a journal takes, waits for and needs, around its port."""

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeVar

from dealgate.model.decision import Decision
from dealgate.telemetry import names
from dealgate.telemetry.exceptions import error_type
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.later import Later
from dealgate.telemetry.limits import COMMIT_SIZES
from dealgate.telemetry.otlp import (
    SPAN_ATTRIBUTE,
    Pair,
    attributes,
    before_float,
    kept_pair,
    named,
    pair,
)
from dealgate.telemetry.spans import CURRENT, INTERNAL, Span, Tracer
from dealgate.telemetry.stencil import Stencil, number, of_span

Appended = TypeVar("Appended")

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Commit(Protocol):
    """One commit, in seconds of the monotonic clock."""

    @property
    def begun(self) -> float:
        """When the writer took its entries."""

    @property
    def ended(self) -> float:
        """When it was durable."""

    @property
    def synced(self) -> float:
        """How long it was written and synced; 0: not known."""

    @property
    def entries(self) -> int:
        """How many decisions and results it held."""


class Commits(Protocol):
    """How a journal commits."""

    @property
    def last(self) -> Commit | None:
        """The newest commit."""

    @property
    def queued(self) -> int:
        """How much waits."""

    def tell(self, listener: Callable[[Commit], None]) -> None:
        """Call `listener` after each commit, on the writer's thread."""


class Journal(Protocol):
    """What is watched."""

    @property
    def commits(self) -> Commits:
        """How it commits."""

    async def append_all(self, decisions: Sequence[Decision]) -> Sequence[Decision | Exception]:
        """Make them durable."""

    async def append_together(self, decisions: Sequence[Decision]) -> Decision:
        """Make them durable, all or none."""

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return what is under a key."""

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return decisions with a mark."""

    async def last_of(self, tenant: str, series: str) -> Decision | None:
        """Return the last of a series."""


def observe_commits(meter: Meter, commits: Commits, later: Later) -> None:
    """Measure each commit."""
    if not meter.is_on:
        return
    durations = meter.histogram(names.JOURNAL_COMMIT_DURATION, BUCKETS)
    syncs = meter.histogram(names.JOURNAL_SYNC_DURATION, BUCKETS)
    sizes = meter.histogram(names.JOURNAL_COMMIT_SIZE, COMMIT_SIZES)

    def counted(commit: Commit) -> None:
        durations.record(commit.ended - commit.begun)
        sizes.record(commit.entries)
        if commit.synced:
            syncs.record(commit.synced)

    commits.tell(lambda commit: later.from_thread(counted, commit))
    meter.observe(names.JOURNAL_QUEUE, lambda: [(commits.queued, ())])


APPEND = named("journal append", INTERNAL)


class WatchedJournal:
    """The part of a journal that decisions need, with spans around it."""

    def __init__(self, journal: Journal, tracer: Tracer, meter: Meter, later: Later) -> None:
        """Watch `journal`; what is reported is left `later`."""
        self._journal = journal
        self._tracer = tracer
        self._later = later
        self._spans = later.spans
        self._waits = meter.histogram(names.JOURNAL_WAIT_DURATION, BUCKETS)

    async def append_all(self, decisions: Sequence[Decision]) -> Sequence[Decision | Exception]:
        """Make decisions durable."""
        return await self._watched(self._journal.append_all(decisions), len(decisions))

    async def append_together(self, decisions: Sequence[Decision]) -> Decision:
        """Make decisions durable, all or none."""
        return await self._watched(self._journal.append_together(decisions), len(decisions))

    async def _watched(self, appending: Awaitable[Appended], entries: int) -> Appended:
        above = CURRENT.get()
        began = time.monotonic()
        try:
            appended = await appending
        except BaseException as error:
            if above is not None and above.is_recording:
                many = kept_pair(names.JOURNAL_ENTRY_COUNT, entries)
                pairs = (many, kept_pair(names.ERROR_TYPE, error_type(error)))
                self._later(self._tell_odd, above, began, time.monotonic(), pairs)
            raise
        commit = self._journal.commits.last
        self._later(self._tell, above, entries, began, time.monotonic(), commit)
        return appended

    def _tell(
        self, above: Span | None, entries: int, began: float, ended: float, commit: Commit | None
    ) -> None:
        self._waits.record(ended - began, (), above)
        if above is None or not above.is_recording:
            return
        many = kept_pair(names.JOURNAL_ENTRY_COUNT, entries)
        if commit is None or not began <= commit.ended <= ended:
            self._tell_odd(above, began, ended, (many,))
            return
        waited, took = max(commit.begun - began, 0.0), commit.ended - commit.begun
        if above.trace_state:
            timed = (pair(names.JOURNAL_WAIT, waited), pair(names.JOURNAL_COMMIT, took))
            self._tell_odd(above, began, ended, (many, *timed))
            return
        self._spans.append(above.child(_committed(many), began, ended, waited, took))

    def _tell_odd(self, above: Span, began: float, ended: float, pairs: Sequence[Pair]) -> None:
        told = attributes(SPAN_ATTRIBUTE, pairs)
        self._spans.append(above.odd_child(APPEND, began, ended, told))

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under a key."""
        with self._looking("key") as span:
            decision = await self._journal.recall(tenant, key, body_hash)
            span.set(names.LOOKUP_COUNT, int(decision is not None))
        return decision

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with a mark."""
        with self._looking("candidates") as span:
            decisions = await self._journal.marked(tenant, mark, limit)
            span.set(names.LOOKUP_COUNT, len(decisions))
        return decisions

    async def last_of(self, tenant: str, series: str) -> Decision | None:
        """Return the decision that took the last turn of a series."""
        with self._looking("turn") as span:
            decision = await self._journal.last_of(tenant, series)
            span.set(names.LOOKUP_COUNT, int(decision is not None))
        return decision

    def _looking(self, what: str) -> Span:
        return self._tracer.start(f"lookup {what}", pairs=(kept_pair(names.LOOKUP_TYPE, what),))


@lru_cache(maxsize=1024)
def _committed(many: Pair) -> Stencil:
    """Return what writes spans of appending that lasted as long as a commit."""
    numbers = {names.JOURNAL_WAIT: number(0), names.JOURNAL_COMMIT: number(1)}
    told = (before_float(key) + hole.sample for key, hole in numbers.items())
    return of_span(APPEND, attributes(SPAN_ATTRIBUTE, (many, *told)), *numbers.values())


def observe_files(meter: Meter, journal: Path | None) -> None:
    """Measure the files of a journal, if it is one of files."""
    if journal is None:
        return
    log = journal.with_name(f"{journal.name}-wal")
    meter.observe(names.JOURNAL_FILE_SIZE, lambda: [(size(journal), ())])
    meter.observe(names.JOURNAL_WAL_SIZE, lambda: [(size(log), ())])
    meter.observe(names.JOURNAL_DISK_FREE, lambda: [(_free(journal.parent), ())])


def size(path: Path) -> int:
    """Return the size of a file, 0 if there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _free(folder: Path) -> int:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 0
    return disk.f_bavail * disk.f_frsize
