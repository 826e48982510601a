"""Calls that have arrived and that no code of ours has seen.

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

SELDOM = 4  # looks: only one of so many counts unless calls wait, as it costs half a millisecond

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

    def __init__(self, count: Count = counted, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go back."""
        self._count = count
        self._clock = clock
        self._arrived: deque[tuple[float, int]] = deque()
        self._looks = 0
        self.open = 0  # calls that code of ours has in hand
        self.waiting = 0
        self.seconds = 0.0  # that the first of them has waited at least
        self.abandoned = 0  # ended before anybody saw them

    def look(self, admitted: int) -> None:
        """Count; `admitted` is how many calls came to the door so far."""
        self._looks += 1
        if not self.waiting and self._looks % SELDOM:
            return
        counts = self._count()
        if counts is None:
            return
        arrived, over = counts
        now = self._clock()
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
