"""The export of one signal: a bounded queue, and a thread that exports it in bounded batches.

Nobody waits for it. What does not fit, is refused or cannot be delivered is counted by why, and
the count outlives whatever was wrong.
"""

import logging
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dealgate.aside.lasting import lasting_thread
from dealgate.telemetry.exporters import closed
from dealgate.telemetry.limits import BATCH_BYTES, QUEUE_BYTES
from dealgate.telemetry.routes import Batching
from dealgate.telemetry.verdicts import ExportVerdict, Result, Send

FIRST_RETRY, LONGEST_RETRY = 0.5, 5.0
LONGEST_REST = 300.0  # seconds that a collector may ask to be left alone for
TOLD_EVERY = 60.0  # seconds between log lines about what is lost
LINES = "log_lines"
# Prometheus sees an increase only from a value that was there before.
REASONS = ("queue_full", "rejected", "too_large", "partial_success", "unavailable", "shutdown")
log = logging.getLogger("dealgate.telemetry")

Wrap: TypeAlias = Callable[[Sequence[bytes]], bytes]


@dataclass(eq=False)
class Losses:
    """What was lost and what was taken, by signal and why."""

    def __post_init__(self) -> None:
        """Nothing yet."""
        self.dropped: Counter[tuple[str, str]] = Counter()
        self.exported: Counter[str] = Counter()
        self.signals = {LINES}
        self._told = 0.0
        self._lock = threading.Lock()

    def drop(self, signal: str, reason: str, many: int = 1, words: str = "") -> None:
        """Count, and say so now and then. From any thread."""
        with self._lock:
            self.dropped[signal, reason] += many
            total = self.dropped[signal, reason]
            now = time.monotonic()
            quiet = self._told and now - self._told < TOLD_EVERY
            if not quiet:
                self._told = now
        if not quiet and signal != LINES:
            log.warning(
                "telemetry is lost: %d of %s so far, %s%s",
                *(total, signal, reason, f" ({words})" if words else ""),
            )

    def all_dropped(self) -> list[tuple[float, tuple[str, str]]]:
        """Return how many were lost, by signal and why; 0 of what may be lost and was not."""
        none = {(signal, reason): 0 for signal in sorted(self.signals) for reason in REASONS}
        return [(many, key) for key, many in (none | self.dropped).items()]

    def all_exported(self) -> list[tuple[float, tuple[str]]]:
        """Return how many were taken, by signal."""
        none = dict.fromkeys(sorted(self.signals - {LINES}), 0)
        return [(many, (signal,)) for signal, many in (none | self.exported).items()]


class Pipeline:
    """Exports what is put into it."""

    def __init__(
        self, signal: str, send: Send, wrap: Wrap, batching: Batching, losses: Losses
    ) -> None:
        """`wrap` makes a request of some items."""
        losses.signals.add(signal)
        self._signal = signal
        self._send = send
        self._wrap = wrap
        self._batching = batching
        self._losses = losses
        self._items: deque[bytes] = deque()
        self._bytes = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._leave_by = float("inf")
        self._rest_until = 0.0  # a collector asked to be left alone until then
        self._is_closed = False
        self._thread = lasting_thread(f"export-{signal}", self._run)

    def put(self, items: Sequence[bytes]) -> None:
        """Queue some, and count those that are lost. From any thread; never waits."""
        size = sum(map(len, items))
        with self._lock:
            before = len(self._items)
            fits = before + len(items) <= self._batching.queue
            if fits and self._bytes + size <= QUEUE_BYTES and not self._is_closed:
                self._items.extend(items)
                self._bytes += size
                lost = 0
            else:
                lost = self._put_singly(items)
        if lost:
            reason = "shutdown" if self._is_closed else "queue_full"
            self._losses.drop(self._signal, reason, lost)
        if before < self._batching.batch <= before + len(items) - lost:
            self._wake.set()

    def _put_singly(self, items: Sequence[bytes]) -> int:
        """Queue the first that fit, and return how many do not."""
        queued = 0
        for item in items:
            full = len(self._items) >= self._batching.queue
            if self._is_closed or full or self._bytes + len(item) > QUEUE_BYTES:
                break
            self._items.append(item)
            self._bytes += len(item)
            queued += 1
        return len(items) - queued

    def close(self, seconds: float) -> bool:
        """Deliver what is left within so many seconds; tell whether nothing was lost by leaving."""
        self._leave_by = time.monotonic() + seconds
        self._is_closed = True
        self._wake.set()
        self._thread.join(seconds + 0.2)
        left = len(self._items)
        if left:
            self._losses.drop(self._signal, "shutdown", left, "the server left")
            self._items.clear()
        return not left and not self._thread.is_alive()

    def _run(self) -> None:
        while not self._is_closed:
            is_full = self._wake.wait(self._batching.delay)
            self._wake.clear()
            # What is left of a full batch goes with the next one: an export costs by its number.
            self._drain(self._batching.batch if is_full else 1)
        self._drain(1)
        closed(self._send)

    def _drain(self, least: int) -> None:
        while len(self._items) >= least:
            # Before each batch: the one before it may have been answered with a wish to rest.
            self._wait(self._rest_until - time.monotonic())
            if not (batch := self._take()):
                return
            try:
                self._deliver(batch, time.monotonic() + self._batching.timeout)
            except Exception as error:  # noqa: BLE001 - the thread must outlive every fault
                self._losses.drop(self._signal, "rejected", len(batch), type(error).__name__)

    def _take(self) -> list[bytes]:
        """Return as many items as an export may hold; none once there is no time left."""
        if time.monotonic() > self._leave_by:
            return []
        batch: list[bytes] = []
        size = 0
        with self._lock:
            if self._bytes <= BATCH_BYTES:  # as nearly always: only their number counts
                many = min(len(self._items), self._batching.batch)
                batch = [self._items.popleft() for _ in range(many)]
                self._bytes -= sum(map(len, batch))
                return batch
            while self._items and len(batch) < self._batching.batch:
                size += len(self._items[0])
                if batch and size > BATCH_BYTES:
                    break
                batch.append(self._items.popleft())
                self._bytes -= len(batch[-1])
        return batch

    def _deliver(self, batch: Sequence[bytes], until: float) -> None:
        result = self._sent(self._wrap(batch), until)
        if result.verdict is ExportVerdict.TAKEN:
            self._losses.exported[self._signal] += len(batch) - result.lost
            if result.lost:
                self._losses.drop(self._signal, "partial_success", result.lost, result.words)
        elif result.verdict is ExportVerdict.TOO_LARGE and len(batch) > 1:
            half = len(batch) // 2
            self._deliver(batch[:half], until)
            self._deliver(batch[half:], until)
        else:
            self._losses.drop(
                self._signal, _reason(result, self._is_closed), len(batch), result.words
            )

    def _sent(self, request: bytes, until: float) -> Result:
        """Send, and again while the collector asks for it, until there is no time left."""
        pause = FIRST_RETRY
        while True:
            left = min(until, self._leave_by) - time.monotonic()
            result = self._send(request, max(left, 0.05))
            pause = min(pause * (1.5 + random.random()), LONGEST_RETRY)  # noqa: S311 - to spread
            pause = max(pause, result.after)
            self._rest_until = time.monotonic() + min(result.after, LONGEST_REST)
            left = min(until, self._leave_by) - time.monotonic()
            if result.verdict is not ExportVerdict.LATER or left < pause:
                return result
            if self._is_closed:
                time.sleep(min(pause, left))
            else:
                self._wait(pause)

    def _wait(self, seconds: float) -> None:
        """Wait, unless the server leaves meanwhile."""
        until = time.monotonic() + seconds
        while not self._is_closed and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))


def _reason(result: Result, is_closed: bool) -> str:  # noqa: FBT001 - private
    if result.verdict is ExportVerdict.TOO_LARGE:
        return "too_large"
    if result.verdict is ExportVerdict.REJECTED:
        return "rejected"
    return "shutdown" if is_closed else "unavailable"
