"""One bounded queue for everything that is worked on off the event loop."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Literal, ParamSpec, Protocol, TypeVar

from dealgate.aside.processes import ProcessJob
from dealgate.aside.threads import Interrupted, ThreadJob, in_thread
from dealgate.model.errors import Overloaded, TimedOut, Unavailable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

RETRY_LEAVING = 1.0
RETRY_LEAST, RETRY_MOST = 0.1, 120.0
NEWEST = 0.3  # how much the newest duration counts in the expected one
ENDING = 1.0  # seconds that stopped work may take to end, before it is left behind
MEGABYTES = 2048


class Job(Protocol):
    """One piece of work."""

    def run(self) -> Any:
        """Do it; blocks."""

    def stop(self) -> None:
        """End it soon; from the event loop."""


class WorkQueue:
    """Works on one item at a time, queues a bounded number, rejects the rest with a delay.

    A turn is held until the work has really ended, whatever became of its caller. A caller who
    stops waiting ends the work: a process is killed, a thread interrupted, what has not begun never
    begins. Leaving waits for nothing.
    """

    def __init__(
        self,
        name: str,
        *,
        where: Literal["thread", "process"],
        waiting: int,
        seconds: float | None = None,
        megabytes: int = MEGABYTES,
    ) -> None:
        """`name` is what callers know the work by: "insight".

        `waiting`: how many may wait besides the one under way. `seconds`: how long one may take,
        the start of its process included. `megabytes`: how much address space its process may
        take. No thread or process starts before there is work.
        """
        self.name = name
        self._where = where
        self._most = waiting
        self._seconds = seconds
        self._megabytes = megabytes
        self._line: deque[asyncio.Future[None]] = deque()
        self._job: Job | None = None
        self._ended: asyncio.Future[Any] | None = None
        self._taken = False
        self._closed = False
        self._expected = 1.0

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._line)

    @property
    def is_busy(self) -> bool:
        """Whether a turn is held."""
        return self._taken

    async def run(
        self,
        function: Callable[Arguments, Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Return what the function returns, or raise what it raises.

        In a process, functions are those of modules, and arguments, results and errors travel.
        Raises Overloaded if too many wait, TimedOut, TooLarge and Crashed (process alone), and
        Unavailable when the server leaves.
        """
        await self._turn()
        started = time.monotonic()
        job = self._job = self._made(partial(function, *arguments, **named))
        try:
            ended: asyncio.Future[Result] = in_thread(job.run)
        except RuntimeError:  # the system has no thread left
            self._pass_on()
            raise
        self._ended = ended
        ended.add_done_callback(partial(self._end, started))
        try:
            await asyncio.wait([ended], timeout=self._seconds)
        finally:
            if not ended.done():
                job.stop()
        if not ended.done():
            raise TimedOut(self.name, self._seconds or 0)
        try:
            return ended.result()
        except Interrupted:
            raise self._leaving() from None

    def overloaded(self) -> Overloaded:
        """Return the error for a caller who may not even wait."""
        return Overloaded(f"{self.name}: {self._busy()}; try again later", self._delay())

    async def close(self) -> None:
        """Take no more work, reject what waits, and end what is under way."""
        self._closed = True
        for turn in self._line:
            if not turn.done():
                turn.set_exception(self._leaving())
        if self._job is not None and self._ended is not None:
            self._job.stop()
            await asyncio.wait([self._ended], timeout=ENDING)

    def _made(self, run: Callable[[], Any]) -> Job:
        if self._where == "thread":
            return ThreadJob(run)
        return ProcessJob(self.name, run, self._megabytes, self._seconds)

    async def _turn(self) -> None:
        if self._closed:
            raise self._leaving()
        if not self._taken:
            self._taken = True
            return
        if len(self._line) >= self._most:
            raise self.overloaded()
        turn = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._pass_on()  # it was this caller's turn when it left
            raise
        finally:
            with suppress(ValueError):
                self._line.remove(turn)

    def _end(self, started: float, ended: asyncio.Future[Any]) -> None:
        if not ended.cancelled():
            ended.exception()  # seen, even if nobody waits for it
        self._expected += NEWEST * (time.monotonic() - started - self._expected)
        self._job = self._ended = None
        self._pass_on()

    def _pass_on(self) -> None:
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._taken = False

    def _busy(self) -> str:
        if self._most == 0:
            return "the server is busy with another one"
        return f"{len(self._line)} wait already"

    def _delay(self) -> float:
        expected = self._expected * (len(self._line) + 1)
        return min(max(expected, RETRY_LEAST), RETRY_MOST)

    def _leaving(self) -> Unavailable:
        return Unavailable("the server is leaving; ask another", RETRY_LEAVING)
