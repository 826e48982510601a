"""What calls leave to be told: put aside at once, and told together a little later.

Telling of a single call costs two to three times what telling of it among others does: by the next
call, others' code and data have driven ours out of the processor's caches. So a call leaves a few
values and goes on; spans, measurements and log events are made of them in bulk, after the answer.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any, Protocol, TypeAlias

from dealgate.telemetry.spans import UNHARMED

# Seconds: what a busy server leaves meanwhile is told within a millisecond or two.
SOON = 0.05
MOST = 10_000  # entries, where no event loop looks after them

Tell: TypeAlias = Callable[..., None]


class Leave(Protocol):
    """Takes what is to be told, and how."""

    def __call__(self, tell: Tell, *told: Any) -> None:
        """See to it that `tell(*told)` is called; whatever goes wrong then harms nobody."""


def at_once(tell: Tell, *told: Any) -> None:
    """Tell now."""
    with UNHARMED:
        tell(*told)


class Later:
    """Tells soon, on the event loop, or when somebody asks for all there is."""

    def __init__(self, seconds: float = SOON) -> None:
        """Tell `seconds` after the first of what is told together."""
        self._seconds = seconds
        self._left: deque[tuple[Tell, tuple[Any, ...]]] = deque()
        self._is_due = False
        self._lock = threading.Lock()
        self._context = Context()  # empty: in no call, hence in nobody's trace

    def __call__(self, tell: Tell, *told: Any) -> None:
        """Put aside, on the event loop."""
        self._left.append((tell, told))
        if not self._is_due:
            self._is_due = True
            loop = asyncio.get_running_loop()
            loop.call_later(self._seconds, self._settle_soon, context=self._context)

    def from_thread(self, tell: Tell, *told: Any) -> None:
        """Put aside, from any thread: it is told with what comes next."""
        self._left.append((tell, told))
        if len(self._left) > MOST:
            self.settle()

    def settle(self) -> None:
        """Tell all there is. From any thread."""
        with self._lock:
            self._tell_all()

    def _settle_soon(self) -> None:
        self._is_due = False
        # Whoever holds the lock tells of everything: the event loop waits for nobody.
        if self._lock.acquire(blocking=False):
            try:
                self._tell_all()
            finally:
                self._lock.release()

    def _tell_all(self) -> None:
        left = self._left
        while left:
            tell, told = left.popleft()
            at_once(tell, *told)
