"""What is kept of signals between two events: the port that a database answers to.

All of it belongs to tenants. Instants are nanoseconds since the epoch. Every call is one
transaction; a call that fails changes nothing. One consumer has the state of a tenant at a time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol, TypeAlias

from dealgate.model.errors import Defect, OperatorError

States: TypeAlias = Mapping[str, Any]
UNASKABLE = "unaskable"  # the type of a request that cannot be made: it says why, as JSON


class StateUnusable(OperatorError):
    """What keeps the state of signals cannot be used, or another consumer uses it; says why."""

    reason = "STATE_UNUSABLE"


class StateFailed(Defect):
    """The state of signals cannot be read or written just now; says why."""

    reason = "STATE_FAILED"


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """An event to keep until its time has come. `body` is the message of its feed."""

    key: str
    at: int
    entity: str
    feed: str
    body: bytes


class Arrived(Enum):
    """What became of an event."""

    TAKEN = "taken"
    REPEATED = "repeated"
    LATE = "late"
    CROWDED = "crowded"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Limits:
    """How late events may be, and how much is kept."""

    lateness: int
    entities: int = 1_000_000
    waiting: int = 1_000  # events of one entity that wait for their time
    remembered: int = 86_400 * 10**9  # for how long keys are known beyond the lateness
    untold: int = 10_000  # firings that wait to be sent, until no more events are accepted


@dataclass(frozen=True, slots=True)
class Due:
    """An entity whose time has come: its states, and the events before the watermark."""

    entity: str
    states: States
    events: Sequence[WaitingEvent]


@dataclass(frozen=True, slots=True)
class WaitingFiring:
    """A firing that waits to be sent. `signal` and `request` are messages; "" asks nothing."""

    id: str
    entity: str
    signal: bytes
    request_type: str = ""
    request: bytes = b""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Advanced:
    """The new state of an entity. `wake` is when time alone changes it next; None: never."""

    entity: str
    states: States
    wake: int | None
    fired: Sequence[WaitingFiring] = field(default=())


@dataclass(frozen=True, slots=True)
class SignalsKept:
    """How much is kept of a tenant. `watermark` 0: nothing was ever taken."""

    watermark: int
    entities: int
    waiting: int
    untold: int


@dataclass(frozen=True, slots=True)
class ForgottenSignals:
    """What was kept of an entity: whether it was known, its events, and firings not sent yet."""

    is_known: bool
    events: int
    untold: int


Settle: TypeAlias = Callable[[Due, int], Advanced]


class State(Protocol):
    """Keeps what signals are made of.

    Every call raises StateUnusable once another consumer has taken the state over.
    """

    def take_turn(self, tenant: str) -> bool:
        """Have the state of a tenant from now on; False: another consumer has it.

        Raises StateFailed.
        """

    def arrive(self, tenant: str, events: Sequence[WaitingEvent], limits: Limits) -> list[Arrived]:
        """Keep events, each once, and raise the watermark; raises StateFailed."""

    def pass_time(self, tenant: str, watermark: int) -> None:
        """Raise the watermark; it is never lowered. Raises StateFailed."""

    def settle(self, tenant: str, settle: Settle, most: int) -> int:
        """Settle up to `most` entities whose time has come; return how many. Raises StateFailed."""

    def untold(self, tenant: str, most: int) -> Sequence[WaitingFiring]:
        """Return the firings that wait to be sent, oldest first; raises StateFailed."""

    def told(self, tenant: str, fired: Sequence[WaitingFiring]) -> None:
        """Forget firings that were sent; raises StateFailed."""

    def standing(self, tenant: str) -> SignalsKept:
        """Return how much is kept; raises StateFailed."""

    def forget(self, tenant: str, entity: str) -> ForgottenSignals:
        """Remove all that is kept of an entity, for good; raises StateFailed."""

    def close(self) -> None:
        """Close it."""
