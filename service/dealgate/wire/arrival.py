"""The edge of time: each call gets its id from the one reading of the wall clock."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from dealgate.model.errors import Unavailable

RETRY_LOST = 1.0
NANOS_PER_MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a question came in (nanoseconds since the epoch, UTC), and its UUIDv7."""

    id: str
    at: int


Arrive: TypeAlias = Callable[[], Arrival]


def arrive() -> Arrival:
    """Read the clock, once."""
    at = time.time_ns()
    return Arrival(uuid7(at), at)


def lost_time() -> Unavailable | None:
    """Return why nothing can be answered while the clock says what no instant can hold.

    Nanoseconds of 64 bits end in the year 2262. Python raises then, in log lines too, and callers
    would wait until their deadlines.
    """
    try:
        time.time_ns()
    except OverflowError:
        return Unavailable("this server's clock is beyond the year 2262; ask another", RETRY_LOST)
    return None


def uuid7(at: int) -> str:
    """Return a new UUIDv7 (RFC 9562) for the instant `at`, in canonical form.

    Its first random bits hold the fraction of the millisecond (section 6.2, method 3), so that
    ids sort as the questions came in, also within a batch. `uuid_utils` sorts ids only if it
    reads the clock itself, and then a decision would have two instants.
    """
    milliseconds, rest = divmod(at, NANOS_PER_MILLISECOND)
    fraction = (rest << 12) // NANOS_PER_MILLISECOND
    number = milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | secrets.randbits(62)
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
