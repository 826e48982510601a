"""Whether and when a call begins: before all other work, so that overload affects its causes.

A decision is computed on the event loop, one at a time, so the loop is what runs short. Calls wait
here for their turn on it: as many as can be begun soon, tenants in fair turns, nobody who cannot
be answered in time. The rest hear at once when to come back.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dealgate.aside.lasting import lasting
from dealgate.model.errors import Expired, Later, Overloaded, Unavailable
from dealgate.wire.fairness import FairLine

RETRY_LEAVING = 1.0
RETRY_LEAST, RETRY_MOST = 0.05, 30.0
# Turns of the loop that a call takes from its arrival until it is queued: begun, and its message
# read. After that many turns without a call, none is arriving.
QUIET_TURNS = 3
MOST_TURNS = 96
QUIET_SECONDS = 0.01  # in which gRPC's own threads hand over whoever waits
# While enough waits to work on, taking up more may cost so much of the time that work takes.
# Measured on two idle cores: at three times what a server can do, 0.25 and 1.0 answer the same
# (half of what it can); of 90 callers who each wait for their answer, 1.0 sends away 7 %, and this
# share nobody to speak of.
LET_IN_SHARE = 0.25
# A call that was accepted is queued within this many seconds, or its message is slow to arrive.
ENTERING_SECONDS = 0.02
# Calls not yet accepted are looked for this often, however short the work on each call is.
LET_IN_SECONDS = 0.002
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
        self._let_in_at = 0.0
        # How many of each tenant, by connection, were accepted lately and are not queued yet, and
        # since when that is counted.
        self._entering: dict[str, Counter[str]] = {}
        self._entering_since = 0.0
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
        now = self._clock()
        if now - self._entering_since > ENTERING_SECONDS:
            self._entering.clear()
            self._entering_since = now
        coming = len(self._line) + sum(map(Counter.total, self._entering.values()))
        has_claim = coming < self._room or self._has_claim(tenant, coming)
        if not has_claim and not self._is_behind(tenant, connection):
            return self._overloaded("full", "too many calls wait")
        self._entering.setdefault(tenant, Counter())[connection] += 1
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
        self._has_entered(origin)
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

    def _make_room(self, origin: Origin) -> None:
        """Crowd out the newest of the tenant that has most in line, unless that is the caller's."""
        if not self._has_claim(origin.tenant, len(self._line)):
            raise self._overloaded("full", "too many calls wait")
        _, crowded_out = self._line.drop_newest_of_longest()
        if not crowded_out.turn.done():
            crowded_out.turn.set_exception(self._overloaded("full", "too many calls wait"))

    def _has_claim(self, tenant: str, coming: int) -> bool:
        """Tell whether the tenant has less than its share of the queued and arriving calls."""
        newcomers = sum(not self._line.waiting_of(name) for name in self._entering)
        share = coming // max(self._line.tenants + newcomers, 1)
        return self._coming_of(tenant) < share

    def _is_behind(self, tenant: str, connection: str) -> bool:
        """Tell whether a connection has nothing in line or coming, where its tenant has much.

        One connection that opens as many calls as it may, and says nothing or takes them back,
        keeps out no other.
        """
        entering: Mapping[str, int] = self._entering.get(tenant, {})
        if connection in entering or self._line.waiting_by(tenant, connection):
            return False
        others = len(entering) + self._line.connections_of(tenant)
        return self._coming_of(tenant) > others > 0

    def _coming_of(self, tenant: str) -> int:
        entering = self._entering.get(tenant)
        return self._line.waiting_of(tenant) + (entering.total() if entering else 0)

    def _has_entered(self, origin: Origin) -> None:
        entering = self._entering.get(origin.tenant, Counter())
        entering[origin.connection] -= 1
        if entering[origin.connection] <= 0:
            del entering[origin.connection]
        if not entering:
            self._entering.pop(origin.tenant, None)

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

        Between two of them, calls that gRPC still holds are accepted first: it hands over a call
        only when the loop comes round, and calls that it holds are neither counted nor refused.
        """
        given_at, worked = None, 0.0
        while self._line:
            await self._let_in(worked)
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
            worked = self._clock() - now
        self._ended_at = self._clock()
        self._pump = None

    async def _let_in(self, worked: float) -> None:
        now = self._clock()
        if now - self._let_in_at < LET_IN_SECONDS:
            return
        self._let_in_at = now
        quiet, enough = 0, now + worked * LET_IN_SHARE
        for _ in range(MOST_TURNS):
            if len(self._line) * 2 > self._room and self._clock() > enough:
                return
            before = self._arrivals
            await asyncio.sleep(0)
            quiet = quiet + 1 if self._arrivals == before else 0
            if quiet >= QUIET_TURNS:
                return
