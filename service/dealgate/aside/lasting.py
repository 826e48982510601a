"""Work in the background that must last as long as its server, whatever it raises.

Nobody awaits such a task or thread, so an exception would end it without a word: rules would no
longer be reloaded, metrics no longer be read. Here it is logged, and the work begins again.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from time import monotonic
from types import TracebackType
from typing import Any, Final, TypeAlias

FIRST, LONGEST = 0.25, 30.0  # seconds until work that failed begins again; they double
DOUBLINGS = 16
LOG_EVERY = 60.0  # seconds between two lines about one piece of work that goes on failing

Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]

log = logging.getLogger(__name__)


class Outlived:
    """Logs what its blocks raise, one failure a minute at most, and when they work again."""

    def __init__(self, subject: str) -> None:
        """`subject` is what the operator calls the work: "following access.yaml"."""
        self._subject: Final = subject
        self._failures = 0
        self._failed_at = self._logged_at = float("-inf")
        self._is_told = False

    @property
    def pause(self) -> float:
        """Seconds until what failed should be tried again."""
        return min(FIRST * 2.0 ** min(self._failures - 1, DOUBLINGS), LONGEST)

    def __enter__(self) -> None:
        """Begin a step of the work."""

    def __exit__(
        self,
        _: type[BaseException] | None,
        error: BaseException | None,
        _frames: TracebackType | None,
    ) -> bool:
        """End it; an error other than an Exception, such as a cancellation, propagates."""
        if error is None:
            self._worked()
        elif isinstance(error, Exception):
            self._failed(error)
            return True
        return False

    def _worked(self) -> None:
        self._failures = 0
        if self._is_told:
            self._is_told = False
            log.info("%s: works again", self._subject)

    def _failed(self, error: Exception) -> None:
        now = monotonic()
        in_a_row = now - self._failed_at < 2 * LONGEST
        self._failures = self._failures + 1 if in_a_row else 1
        self._failed_at = now
        if now - self._logged_at >= LOG_EVERY:
            self._logged_at, self._is_told = now, True
            log.error("%s: failed, and is tried again", self._subject, exc_info=error)


async def lasting(subject: str, work: Work) -> None:
    """Do `work` until it returns; if it raises, log that and do it again after a pause."""
    outlived = Outlived(subject)
    while True:
        with outlived:
            await work()
            return
        await asyncio.sleep(outlived.pause)


@asynccontextmanager
async def beside(subject: str, work: Work) -> AsyncIterator[None]:
    """Within the block, `work` goes on on the event loop; it is cancelled when the block ends."""
    task = asyncio.create_task(lasting(subject, work), name=subject)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def lasting_thread(
    subject: str, work: Callable[[], None], leaving: threading.Event | None = None
) -> threading.Thread:
    """Start a daemon thread that does `work` until it returns; as `lasting` if it raises.

    Once `leaving` is set, work that failed does not begin again.
    """
    left = threading.Event() if leaving is None else leaving

    def run() -> None:
        outlived = Outlived(subject)
        while True:
            with outlived:
                work()
                return
            if left.wait(outlived.pause):
                return

    thread = threading.Thread(target=run, name=subject, daemon=True)
    thread.start()
    return thread
