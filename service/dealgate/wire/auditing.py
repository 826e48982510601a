"""The audit log: who was answered, and who was refused."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dealgate.model.audit import Audited
from dealgate.model.errors import DealgateError

# A flood of refused calls must not fill the journal: this many are noted at once, then this many a
# second; the next one that is noted says how many were not.
BURST, EACH_SECOND = 20.0, 5.0

# Returns once an entry is durable.
Note: TypeAlias = Callable[[Audited], Awaitable[None]]

log = logging.getLogger("dealgate")


async def nowhere(_: Audited) -> None:
    """Record nothing: there is no journal."""


class Auditor:
    """Notes answers before they are sent, and refusals as often as is bearable."""

    def __init__(
        self,
        note: Note,
        now: Callable[[], int] = time.time_ns,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now` gives nanoseconds since the epoch, `clock` seconds that never go back."""
        self._note = note
        self._now = now
        self._clock = clock
        self._room = BURST
        self._looked_at = clock()
        self._unnoted = 0
        self._noting: set[asyncio.Task[None]] = set()

    async def allowed(self, principal: str, tenant: str, method: str, decision_id: str) -> None:
        """Return once it is durable that the caller gets an answer; raises what the journal does.

        No answer leaves without its entry.
        """
        await self._note(
            Audited(self._now(), principal, tenant, method, "allowed", decision_id=decision_id)
        )

    def refused(self, principal: str, tenant: str, method: str, error: DealgateError) -> None:
        """Have it noted that a call was refused; its caller does not wait for that."""
        now = self._clock()
        self._room = min(BURST, self._room + (now - self._looked_at) * EACH_SECOND)
        self._looked_at = now
        if self._room < 1:
            self._unnoted += 1
            return
        self._room -= 1
        entry = Audited(
            self._now(),
            principal,
            tenant,
            method,
            "refused",
            detail=error.reason,
            unnoted=self._unnoted,
        )
        self._unnoted = 0
        noting = asyncio.get_running_loop().create_task(self._noted(entry))
        self._noting.add(noting)
        noting.add_done_callback(self._noting.discard)

    async def _noted(self, entry: Audited) -> None:
        try:
            await self._note(entry)
        except DealgateError as error:
            # The journal reports its own failures; nobody waits for this entry.
            self._unnoted += 1 + entry.unnoted
            log.debug("a refusal could not be noted: %s", error)
