"""Calls that have arrived and that none of our code has seen.

gRPC holds them until it may hand them over, one each turn of the event loop. Its own counts tell
how many there are. How long the first of them waits follows from when so many
had arrived; callers wait that long before we begin to measure, so their calls are told as so much
longer.
"""

import json
import time
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from grpc._cython import cygrpc  # type: ignore[attr-defined]  # no stubs

from dealgate.telemetry import names
from dealgate.telemetry.instruments import Meter

SELDOM = 4  # looks: only one of so many counts unless a crowd waits
CROWD = 32  # calls: fewer have their turns within a few milliseconds each
# Of the event loop's time. gRPC looks through every connection to count: 0.2 ms with one, 10 ms
# with a thousand.
AT_REST, IN_A_CROWD = 0.001, 0.01

# How many calls have arrived and how many are over, whoever saw them; None: nobody knows.
Count: TypeAlias = Callable[[], tuple[int, int] | None]


def counted() -> tuple[int, int] | None:
    """Return what gRPC counts for this process's servers (its channelz)."""
    try:
        servers = json.loads(cygrpc.channelz_get_servers(0)).get("server", [])
        counts = [server["data"] for server in servers]
        arrived = sum(int(calls["callsStarted"]) for calls in counts)
        over = sum(int(calls["callsSucceeded"]) + int(calls["callsFailed"]) for calls in counts)
    except (AttributeError, KeyError, ValueError):  # no public interface: it may go
        return None
    return arrived, over


class Held:
    """How many calls gRPC holds, and how long the first of them has been waiting."""

    def __init__(
        self,
        count: Count = counted,
        clock: Callable[[], float] = time.monotonic,
        cost: Callable[[], float] = time.thread_time,
    ) -> None:
        """`clock` gives seconds that never go back, `cost` those that this thread has worked."""
        self._count = count
        self._clock = clock
        self._cost = cost
        self._not_before = 0.0
        self._arrived: deque[tuple[float, int]] = deque()
        self._looks = 0
        self.open = 0  # calls that code of ours has in hand
        self.waiting = 0
        self.seconds = 0.0  # that the first of them has waited at least
        self.abandoned = 0  # ended before anybody saw them

    def look(self, admitted: int) -> None:
        """Count; `admitted` is how many calls came to the door so far."""
        self._looks += 1
        now = self._clock()
        if now < self._not_before or (not self._is_crowd and self._looks % SELDOM):
            return
        before = self._cost()
        counts = self._count()
        if counts is None:
            return
        self._note(*counts, now, admitted)
        share = IN_A_CROWD if self._is_crowd else AT_REST
        self._not_before = now + (self._cost() - before) / share

    @property
    def _is_crowd(self) -> bool:
        return max(self.waiting, self.open) >= CROWD or self.seconds > 0

    def _note(self, arrived: int, over: int, now: float, admitted: int) -> None:
        self.waiting = max(arrived - over - self.open, 0)
        self._arrived.append((now, arrived))
        first = arrived - self.waiting
        while self._arrived[0][1] <= first and len(self._arrived) > 1:
            self._arrived.popleft()
        self.seconds = now - self._arrived[0][0] if self.waiting else 0.0
        # What has just been handed over counts among those that wait: too few, never too many.
        unseen = arrived - self.waiting - admitted
        self.abandoned = max(self.abandoned, unseen)


def observe_held(meter: Meter, held: Held) -> None:
    """Measure what gRPC holds."""
    meter.observe(names.RPC_UNACCEPTED, lambda: [(held.waiting, ())])
    meter.observe(names.RPC_ABANDONED, lambda: [(held.abandoned, ())])
