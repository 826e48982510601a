"""How often a call is tried, and how long to wait in between."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from dealgate_client.errors import DealgateError, Overloaded, Unavailable


@dataclass(frozen=True, slots=True)
class Retry:
    """At most `attempts` tries, all of them within the call's deadline.

    Pauses (seconds) double from `first_pause` to `longest_pause`, and each is cut to a random
    part of itself, so that callers who failed together do not come back together. A pause the
    server asks for is never undercut.
    """

    attempts: int = 4
    first_pause: float = 0.05
    longest_pause: float = 2.0


NEVER = Retry(attempts=1)


class Tries:
    """The tries of one call: how long the next may take, and whether there is a next."""

    def __init__(
        self,
        retry: Retry,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`timeout` (seconds) is for all tries together; `chance` returns a number in [0, 1)."""
        self._retry = retry
        self._clock = clock
        self._chance = chance
        self._deadline = clock() + timeout
        self._failed = 0

    def remaining(self) -> float:
        """Return the seconds left."""
        return max(0.0, self._deadline - self._clock())

    def pause(self, failure: DealgateError) -> float | None:
        """Return the seconds to wait before the next try; None: give up with `failure`."""
        self._failed += 1
        if not isinstance(failure, (Overloaded, Unavailable)):
            return None
        pause = (failure.retry_after or 0.0) + self._jittered()
        hopeless = self._failed >= self._retry.attempts or pause >= self.remaining()
        return None if hopeless else pause

    def _jittered(self) -> float:
        doubled = self._retry.first_pause * 2.0 ** min(self._failed - 1, 32)
        return self._chance() * min(doubled, self._retry.longest_pause)
