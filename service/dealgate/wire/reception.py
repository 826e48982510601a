"""Calls from their arrival to their answer: read, queued, ended when the server stops."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from grpc.aio import EOF

from dealgate.model.errors import BadQuestion, Violation
from dealgate.wire.admission import Admission, Origin
from dealgate.wire.demands import Demand

# A call that is opened and then says nothing would be kept for as long as its connection.
MESSAGE_SECONDS = 30.0
LOOK_SECONDS = 0.02
OUTSIDE_LEAST, OUTSIDE_MOST = 0.2, 2.0  # seconds for those outside, however much grace is left


class Line(Protocol):
    """What a call is read from: gRPC's context."""

    async def read(self) -> object:
        """Return the next message, or EOF."""

    def time_remaining(self) -> float | None:
        """Return the seconds to the caller's deadline; None if it has none."""


class Visit:
    """One call under way."""

    def __init__(self, admission: Admission, origin: Origin, line: Line) -> None:
        self._admission = admission
        self._origin = origin
        self._line = line
        self.task = asyncio.current_task()
        self._has_turn = False
        self.is_reading = False
        self.is_endless = False
        self.was_ended = False

    def arrive(self) -> None:
        """Raise Overloaded or Unavailable if this call is not to be begun."""
        self._admission.arrive(self._origin, self._line.time_remaining())

    async def message(self) -> bytes:
        """Return the one message of the call once it is its turn; raises BadQuestion if none."""
        try:
            async with asyncio.timeout(MESSAGE_SECONDS):
                data = await self._read()
        except TimeoutError:
            wrong = f"did not arrive within {MESSAGE_SECONDS:g} s"
            raise BadQuestion([Violation("request", wrong)]) from None
        if data is None:
            raise BadQuestion([Violation("request", "is missing: the call ended without it")])
        await self._turn(len(data))
        return data

    async def next_message(self) -> bytes | None:
        """Return the next message of a stream once it is its turn; None if there is none."""
        self.rest()
        data = await self._read()
        if data is not None:
            await self._turn(len(data))
        return data

    def rest(self) -> None:
        """Give the turn back: what was asked is answered."""
        if self._has_turn:
            self._has_turn = False
            self._admission.done()

    def end(self) -> None:
        """Cancel the call, because the server leaves."""
        if self.task is not None and not self.was_ended:
            self.was_ended = True
            self.task.cancel()

    def recover(self) -> None:
        """Take the cancellation back, so that the caller can be sent the reason."""
        if self.task is not None:
            self.task.uncancel()

    async def _turn(self, size: int) -> None:
        await self._admission.turn(self._origin, self._line.time_remaining(), size)
        self._has_turn = True

    async def _read(self) -> bytes | None:
        self._admission.refuse_if_left()
        self.is_reading = True
        try:
            data = await self._line.read()
        finally:
            self.is_reading = False
        return None if data is EOF or not isinstance(data, bytes) else data


class Reception:
    """Knows every call under way."""

    def __init__(
        self,
        admission: Admission,
        clock: Callable[[], float] = time.monotonic,
        demand: Demand = lambda _: None,
    ) -> None:
        """Give turns as `admission` does; `demand` refuses calls that have seen newer rules."""
        self._admission = admission
        self.demand = demand
        self._clock = clock
        self._visits: set[Visit] = set()

    @property
    def under_way(self) -> int:
        """How many calls have arrived and are not answered yet."""
        return len(self._visits)

    @contextmanager
    def visit(self, origin: Origin, line: Line) -> Iterator[Visit]:
        """Look after a call until the block is left."""
        visit = Visit(self._admission, origin, line)
        self._visits.add(visit)
        try:
            yield visit
        finally:
            visit.rest()
            self._visits.discard(visit)

    def leave(self) -> None:
        """Begin nothing new, and end calls that are endless or wait for their caller's message."""
        self._admission.leave()
        for visit in self._visits:
            if visit.is_reading or visit.is_endless:
                visit.end()

    async def settled(self, seconds: float) -> bool:
        """Wait until every call is answered, at most that long; return whether it is."""
        until = self._clock() + seconds
        while self._visits and self._clock() < until:  # noqa: ASYNC110 - calls end in many ways
            await asyncio.sleep(LOOK_SECONDS)
        # Calls that gRPC holds and has not handed to us would be cancelled: we answer them instead.
        left = max(until - self._clock(), OUTSIDE_LEAST)
        await self._admission.nobody_outside(min(left, OUTSIDE_MOST))
        return not self._visits

    def end(self) -> None:
        """End every call."""
        for visit in self._visits:
            visit.end()
