"""What calls leave to be reported: put aside at once, and reported together a little later.

Reporting a single call costs two to three times what reporting it among others does: by the next
call, others' code and data have driven ours out of the processor's caches. So a call leaves a few
values and goes on; spans, measurements and log events are made of them in bulk, after the answer.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeAlias

from dealgate.telemetry.exceptions import tell_fault
from dealgate.telemetry.spans import UNHARMED, Put

# Seconds: what a busy server leaves in the meantime is reported within a millisecond or two.
SOON = 0.2
AT_ONCE = 384  # entries: then callers have their turn
MOST = 10_000  # entries, where no event loop looks after them

Tell: TypeAlias = Callable[..., None]


class Later:
    """Tells soon, on the event loop, or when somebody asks for all there is."""

    def __init__(
        self, seconds: float = SOON, put_spans: Put | None = None, put_records: Put | None = None
    ) -> None:
        """Report `seconds` after the first of what is reported together.

        Spans and records that are made meanwhile are left in lists, and handed on together.
        """
        self.spans: list[bytes] = []
        self.records: list[bytes] = []
        self._ways_out = ((self.spans, put_spans), (self.records, put_records))
        self._last: list[Callable[[], None]] = []
        self._seconds = seconds
        self._left: deque[tuple[Tell, tuple[Any, ...]]] = deque()
        self._is_due = False
        self._lock = threading.Lock()
        self._context = Context()  # empty: in no call, hence in nobody's trace

    def __call__(self, tell: Tell, *told: Any) -> None:
        """Put aside, on the event loop."""
        self._left.append((tell, told))
        if not self._is_due:
            self._settle_after(self._seconds)

    def from_thread(self, tell: Tell, *told: Any) -> None:
        """Put aside, from any thread: it is reported with what comes next."""
        self._left.append((tell, told))
        if len(self._left) > MOST:
            self.settle()

    def at_the_end(self, finish: Callable[[], None]) -> None:
        """Call it once, after the others of those that are reported now."""
        self._last.append(finish)

    def settle(self) -> None:
        """Tell all there is. From any thread."""
        with self._lock:
            while self._left:
                self._tell_some()

    def _settle_soon(self) -> None:
        self._is_due = False
        # Whoever holds the lock tells of everything: the event loop waits for nobody.
        if self._lock.acquire(blocking=False):
            try:
                self._tell_some()
            finally:
                self._lock.release()
        if self._left:
            self._settle_after(0)

    def _settle_after(self, seconds: float) -> None:
        self._is_due = True
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, self._settle_soon, context=self._context)

    def _tell_some(self) -> None:
        left = self._left
        for _ in range(min(len(left), AT_ONCE)):
            tell, told = left.popleft()
            try:
                tell(*told)
            except Exception as error:  # noqa: BLE001 - the others are told all the same
                tell_fault(error)
        while self._last:
            with UNHARMED:
                self._last.pop()()
        for made, put in self._ways_out:
            if made and put is not None:
                put(made)
            made.clear()
