"""Whether and when a call begins: before all other work, so that overload affects its causes.

A decision is computed on the event loop, one at a time, so the loop is what runs short. Calls wait
here for their turn on it: as many as can be begun soon, tenants in fair turns, nobody who cannot
be answered in time. The rest hear at once when to come back.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from dealgate.aside.lasting import lasting
from dealgate.model.errors import Expired, Later, Overloaded, Unavailable
from dealgate.wire.coming import Coming
from dealgate.wire.fairness import FairLine

RETRY_LEAVING = 1.0
RETRY_LEAST, RETRY_MOST = 0.05, 30.0
QUIET_SECONDS = 0.01  # in which gRPC's own threads hand over whoever waits
# A queue that was full keeps to half of its room, until less than a quarter is used.
FLOODED_PART, EMPTY_PART = 2, 4
FULL = "too many calls wait"
# After a pause this long the loop had nothing to do, and nobody can be waiting outside.
IDLE_SECONDS = 0.001
FIRST_PACE = 0.002
NEWEST = 0.05  # how much the newest interval counts in the pace
COST_BYTES = 2048  # a message of this many bytes counts as one more call


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait.

    `seconds`: how long the last in line may expect to wait, and `least`: calls that may wait
    whatever that takes. `in_flight`: calls begun and not answered yet. `bytes_waiting`: of all
    messages in line together.
    """

    seconds: float = 0.1
    least: int = 32
    in_flight: int = 1024
    bytes_waiting: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Origin:
    """Who calls: the tenant, and the connection that its call came by."""

    tenant: str
    connection: str


@dataclass(eq=False, slots=True)
class _Waiting:
    """A call in line; it cannot be begun after `expires` on the clock."""

    turn: asyncio.Future[None]
    expires: float
    size: int


def leaving() -> Unavailable:
    """Return the error that callers get from a server that stops."""
    return Unavailable("the server is leaving; ask another", RETRY_LEAVING)


class Admission:
    """Gives calls their turns."""

    def __init__(
        self, bounds: Bounds | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives seconds that never go back."""
        self._bounds = bounds or Bounds()
        self._clock = clock
        self._line: FairLine[_Waiting] = FairLine()
        self._bytes = 0
        self._in_flight = 0
        self._arrivals = 0
        self._pump: asyncio.Task[None] | None = None
        self._pace = FIRST_PACE
        self._ended_at = 0.0
        self._next_slot = 0.0
        self._coming = Coming(self._line)
        self._is_flooded = False
        self._left = False
        self._freed = asyncio.Event()
        # How many were sent away, by why.
        self.rejected: Counter[str] = Counter()
        # How many came to the door, those included that were sent away and gRPC's own services.
        self.knocks = 0

    @property
    def in_flight(self) -> int:
        """How many calls are begun and not answered yet."""
        return self._in_flight

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return len(self._line)

    def has_waiting(self) -> bool:
        """Tell whether any call waits for its turn. From any thread."""
        return len(self._line) > 0

    def leave(self) -> None:
        """Begin nothing new from now on; what waits in line is still answered."""
        self._left = True

    def refuse_if_left(self) -> None:
        """Raise Unavailable if nothing new is to be begun."""
        if self._left:
            raise leaving()

    def knock(self, tenant: str, connection: str) -> Later | None:
        """Return why a call cannot be taken up at all; it costs next to nothing to be sent away."""
        self._arrivals += 1
        self.knocks += 1
        if self._left:
            self.rejected["leaving"] += 1
            return leaving()
        self._coming.forget_slow(self._clock())
        if not self._has_room(tenant, connection):
            return self._overloaded("full", FULL)
        self._coming.taken_up(tenant, connection)
        return None

    def arrive(self, origin: Origin, seconds_left: float | None) -> None:
        """Refuse a call that cannot be begun in time, before its message is read.

        Raises Overloaded with a delay.
        """
        self._arrivals += 1
        expected = len(self._line) * self._pace
        if seconds_left is not None and seconds_left < expected:
            raise self._overloaded("deadline", "this call's deadline would pass before its turn")
        if len(self._line) >= self._room:
            self._make_room(origin)

    async def nobody_outside(self, seconds: float) -> None:
        """Accept calls that gRPC holds and has not handed over, for at most that long."""
        until, before = self._clock() + seconds, -1
        while self._arrivals != before and self._clock() < until:
            before = self._arrivals
            await asyncio.sleep(QUIET_SECONDS)

    async def turn(self, origin: Origin, seconds_left: float | None, size: int) -> None:
        """Wait until the call may be begun; `done` is owed then.

        Raises Overloaded if it is crowded out, and Expired if its deadline passes first.
        """
        self._arrivals += 1
        self._coming.stands(origin.tenant, origin.connection)
        now = self._clock()
        if not self._line and self._is_idle(now):
            self._in_flight += 1
            return
        if self._bytes + size > self._bounds.bytes_waiting and self._line:
            raise self._overloaded("bytes", "too many large messages wait")
        expires = now + (float("inf") if seconds_left is None else seconds_left)
        waiting = _Waiting(asyncio.get_running_loop().create_future(), expires, size)
        self._line.push(origin.tenant, origin.connection, waiting, 1 + size / COST_BYTES)
        self._bytes += size
        if self._pump is None:
            self._pump = asyncio.create_task(lasting("admission", self._give_turns))
        try:
            await waiting.turn
        except asyncio.CancelledError:
            if waiting.turn.done() and not waiting.turn.cancelled():
                self.done()  # it was this call's turn when its caller left
            raise
        finally:
            self._bytes -= size
            self._line.remove(origin.tenant, origin.connection, waiting)

    def done(self) -> None:
        """Note that a call which had its turn is answered."""
        self._in_flight -= 1
        self._ended_at = self._clock()
        self._freed.set()

    def _is_idle(self, now: float) -> bool:
        quiet = self._pump is None and now - self._ended_at > IDLE_SECONDS
        return quiet and self._in_flight < self._bounds.in_flight

    @property
    def _room(self) -> int:
        """How many may wait: as many as can be begun within the bound."""
        return max(self._bounds.least, int(self._bounds.seconds / self._pace))

    def _has_room(self, tenant: str, connection: str) -> bool:
        """Tell whether a call may be accepted.

        Once the queue has been full, and until it is nearly empty, it is kept short, and each
        connection to its share: in a flood an accepted call waits for as long as the queue is, and
        a short one answers as many. Without shares, calls of a connection that has many in it would
        wait for several times as long.
        """
        coming, room = len(self._coming), self._room
        self._is_flooded = self._is_flooded and coming * EMPTY_PART >= room
        if self._is_flooded:
            room = max(self._bounds.least, room // FLOODED_PART)
            if self._coming.has_used_share(tenant, connection, room):
                return False
        if coming < room or self._coming.has_claim(tenant, coming):
            return True
        if self._coming.is_behind(tenant, connection):
            return True
        self._is_flooded = True
        return False

    def _make_room(self, origin: Origin) -> None:
        """Crowd out the newest of the tenant that has most in line, unless that is the caller's."""
        if not self._coming.has_claim(origin.tenant, len(self._line)):
            raise self._overloaded("full", FULL)
        _, crowded_out = self._line.drop_newest_of_longest()
        if not crowded_out.turn.done():
            crowded_out.turn.set_exception(self._overloaded("full", FULL))

    def _overloaded(self, reason: str, words: str) -> Overloaded:
        """Return the error, whose delay spreads those who are sent away over the time to come.

        Each is given a slot of its own after what waits already, as if it stood in line: they do
        not all come back at once.
        """
        self.rejected[reason] += 1
        now = self._clock()
        behind_the_line = now + len(self._line) * self._pace
        self._next_slot = max(self._next_slot, behind_the_line) + self._pace
        delay = min(max(self._next_slot - now, RETRY_LEAST), RETRY_MOST)
        if delay == RETRY_MOST:
            self._next_slot = now + RETRY_MOST
        return Overloaded(f"{words}; try again after the delay", delay)

    async def _give_turns(self) -> None:
        """Begin one call after the other while any wait.

        Between two of them the loop comes round, and takes up whoever stands outside.
        """
        given_at = None
        while self._line:
            while self._in_flight >= self._bounds.in_flight:
                self._freed.clear()
                await self._freed.wait()
            if not self._line:
                break
            waiting = self._line.pop()
            if waiting.turn.done():
                continue
            now = self._clock()
            if now >= waiting.expires:
                self.rejected["expired"] += 1
                waiting.turn.set_exception(Expired("the deadline passed before this call's turn"))
                continue
            if given_at is not None:
                self._pace += NEWEST * (now - given_at - self._pace)
            given_at = now
            self._in_flight += 1
            waiting.turn.set_result(None)
            await asyncio.sleep(0)  # it is computed now, up to where it waits for the journal
        self._ended_at = self._clock()
        self._pump = None
